"""What is made on schedule: seen, declared, changed, run, paused and ended by form."""

from itertools import product
from typing import Final

import pytest

from engine.commands import (
    DropRecurrence,
    ListJobs,
    ListRecurrences,
    Pause,
    SetRecurrence,
)
from engine.replies import Jobs, Recurrences, RecurrenceView, Refused
from frontends.http.pages.declaring import USUAL
from frontends.http.pages.recurrences import PAGE
from frontends.http.pages.zoned import moment
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.working import HOSTILE

NEW = {**USUAL, "queue": "mail", "type": "digest", "cron": "0 7 * * 1-5", "zone": "Europe/Paris"}

MISTAKES: Final = [
    ("queue", "", "is needed"),
    ("queue", "a\x07", "no control characters"),
    ("type", "", "is needed"),
    ("type", "x" * 201, "1 to 200 characters"),
    ("cron", "", "is needed"),
    ("cron", "bad", "expected 5 to 6 fields"),
    ("cron", "61 * * * *", "above maximum"),
    ("cron", "* " * 200, "is longer than"),
    ("cron", "@sometimes", "unrecognized descriptor"),
    ("cron", "@every soon", "failed to parse duration"),
    ("zone", "Mars/Base", "unknown time zone"),
    ("zone", "../../etc/passwd", "provided bad location"),
    ("zone", "x" * 65, "is longer than"),
    ("missed", "perhaps", "is none of"),
    ("overlap", "<b>", "is none of"),
]
"""Of a field, what is typed into it, and what is said of that."""


async def only(console: Console, queue: str = "mail") -> RecurrenceView:
    """The one recurrence of a queue."""
    reply = await console.run(ListRecurrences(queue))
    assert isinstance(reply, Recurrences)
    (found,) = reply.recurrences
    return found


def test_a_time_is_told_on_two_clocks() -> None:
    summer = 1_783_936_800.0
    assert moment(summer, "Europe/Paris").there == "Mon 13 Jul 2026 12:00:00 CEST"
    assert moment(summer, "Europe/Paris").utc == "13 Jul 10:00:00 UTC"
    assert (moment(summer, "UTC").there, moment(summer, "").utc) == (
        "Mon 13 Jul 2026 10:00:00 UTC", "",
    )  # fmt: skip
    assert moment(summer, "No/Where").there.endswith("UTC")


async def test_without_any_the_page_says_what_they_are_for(console: Console) -> None:
    seen = await (await console.logged_in()).get("/recurrences")
    assert "Nothing is made on schedule in this group." in seen.text
    assert 'href="/recurrences/new"' in seen.text
    looker = await (await console.logged_in("looker")).get("/recurrences")
    assert "Nothing is made on schedule in this group." in looker.text
    assert "/recurrences/new" not in looker.text


async def test_one_is_declared_by_form_and_told_in_words(console: Console) -> None:
    browser = await console.logged_in()
    assert (await browser.get("/recurrences/new?queue=mail")).status == 200
    answer = await browser.post("/recurrences/new", {**NEW, "payload": "a\r\nb", "missed": "once"})
    found = await only(console)
    assert answer.location == f"/recurrences/mail/{found.number}"
    assert (found.type, found.zone, found.payload) == ("digest", "Europe/Paris", b"a\nb")
    assert (found.missed, found.overlap) == ("once", "allow")
    seen = await browser.follow(answer)
    assert "Queue mail makes digest at 07:00, Monday to Friday." in seen.text
    assert "one job makes up for them" in seen.text
    times = seen.text.partition('<ol class="times">')[2].partition("</ol>")[0]
    assert times.count("<li>") == 5
    assert times.count(" 07:00:00 CE") == 5
    assert times.count(":00:00 UTC") == 5
    listed = await browser.get("/recurrences")
    assert "at 07:00, Monday to Friday" in listed.text
    assert "Europe/Paris" in listed.text


@pytest.mark.parametrize("field", sorted({field for field, _, _ in MISTAKES}))
async def test_a_mistake_stands_beside_its_field_and_nothing_is_lost(
    console: Console, field: str
) -> None:
    browser = await console.logged_in()
    cases = [(value, says) for name, value, says in MISTAKES if name == field]
    for (value, says), looks in product(cases, ({}, {"preview": "yes"})):
        seen = await browser.post("/recurrences/new", {**NEW, field: value, **looks})
        assert seen.status == 400
        assert says in seen.words.partition(f'id="wrong-{field}">')[2].partition("</small>")[0]
        for name in {"type", "cron", "zone"} - {field}:
            assert f'value="{NEW[name]}"' in seen.words
        assert "<b>" not in seen.text
    assert isinstance(await console.run(ListRecurrences("mail")), Refused)


async def test_the_next_times_can_be_looked_at_before_it_is_made(console: Console) -> None:
    browser = await console.logged_in()
    seen = await browser.post("/recurrences/new", {**NEW, "cron": "@every 90s", "preview": "yes"})
    assert seen.status == 200
    assert "As typed it makes a job every 90 seconds" in seen.text
    assert seen.text.count("<li>") >= 5
    assert isinstance(await console.run(ListRecurrences("mail")), Refused)
    never = await browser.post("/recurrences/new", {**NEW, "cron": "0 0 30 2 *", "preview": "yes"})
    assert "it would never make a job" in never.text


async def test_what_is_there_is_not_written_over(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "digest", "@hourly", b"x"))
    seen = await browser.post("/recurrences/new", NEW)
    assert seen.status == 400
    assert 'id="wrong-type"' in seen.text
    assert (await only(console)).cron == "@hourly"


async def test_one_is_changed_but_not_its_queue_and_type(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "digest", "@hourly", b"kept <b>", seconds=False))
    found = await only(console)
    path = f"/recurrences/mail/{found.number}"
    form = await browser.get(path)
    assert "kept <b>" in form.words
    assert "<b>" not in form.text
    sent = {**NEW, "queue": "other", "type": "other", "payload": "new"}
    assert (await browser.post(path, sent)).location == path
    now = await only(console)
    assert (now.number, now.cron, now.payload) == (found.number, "0 7 * * 1-5", b"new")
    assert not now.seconds
    assert isinstance(await console.run(ListRecurrences("other")), Refused)
    refused = await browser.post(path, {**sent, "cron": "1 2 3 4 5 6"})
    assert 'id="wrong-cron"' in refused.text


@pytest.mark.parametrize("payload", [b"x" * 5_000, b"\xff\x00"])
async def test_a_payload_that_cannot_be_typed_is_kept(console: Console, payload: bytes) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "digest", "@hourly", payload))
    found = await only(console)
    path = f"/recurrences/mail/{found.number}"
    assert 'name="keep" value="yes" checked' in (await browser.get(path)).text
    await browser.post(path, {**NEW, "keep": "yes"})
    await browser.post(f"{path}/run", {})
    reply = await console.run(ListJobs("mail"))
    assert isinstance(reply, Jobs)
    assert [job.payload for job in reply.jobs] == [payload]
    assert (await only(console)).cron == NEW["cron"]


async def test_it_is_run_paused_resumed_and_deleted(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "digest", "@hourly"))
    number = (await only(console)).number
    path = f"/recurrences/mail/{number}"
    said = await browser.follow(await browser.post(f"{path}/run", {"back": "/recurrences"}))
    assert "Its job is in queue mail" in said.text
    reply = await console.run(ListJobs("mail"))
    assert isinstance(reply, Jobs)
    assert len(reply.jobs) == 1
    await browser.post(f"{path}/pause", {"back": path})
    assert (await only(console)).paused
    seen = await browser.get(path)
    assert "Next times, once it is resumed" in seen.text
    assert seen.text.count("<li>") >= 5
    assert "when it is resumed" in (await browser.get("/recurrences")).text
    await browser.post(f"{path}/resume", {"back": path})
    assert not (await only(console)).paused
    gone = await browser.follow(await browser.post(f"{path}/delete", {"back": path}))
    assert "It is deleted" in gone.text
    for answer in (await browser.get(path), await browser.post(path, NEW)):
        assert answer.status == 404


async def test_one_that_counts_from_its_declaration_is_told_right(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "tick", "@every 1h"))
    found = await only(console)
    assert found.next_tick is not None
    seen = await browser.get(f"/recurrences/mail/{found.number}")
    for number in range(5):
        assert moment(found.next_tick + 3600 * number, "").there in seen.text


async def test_one_that_made_its_job_is_told_so(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "once", "@hourly", once_now=True))
    number = (await only(console)).number
    assert "made its one job" in (await browser.get("/recurrences")).text
    assert "It makes no job again" in (await browser.get(f"/recurrences/mail/{number}")).text
    await browser.post(f"/recurrences/mail/{number}", {**NEW, "cron": "@daily"})
    assert not (await only(console)).fires


async def test_pages_are_of_whole_queues(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(PAGE + 3):
        await console.run(SetRecurrence(f"q{number:03}", "t", "@hourly"))
    first = await browser.get("/recurrences")
    assert f"{PAGE + 3} recurrences" in first.text
    assert "q049" in first.text
    assert "q050" not in first.text
    second = await browser.get("/recurrences?page=2")
    assert "q050" in second.text
    assert "q049" not in second.text
    assert (await browser.get("/recurrences?page=77")).text.count("q052") == (
        second.text.count("q052")
    )
    found = await browser.get("/recurrences?q=Q007")
    assert "1 recurrence<" in found.text
    assert "makes anything on schedule" in (await browser.get("/recurrences?q=none")).text


async def test_who_only_reads_sees_no_buttons_and_is_refused(console: Console) -> None:
    await console.run(SetRecurrence("mail", "digest", "@hourly"))
    number = (await only(console)).number
    path = f"/recurrences/mail/{number}"
    looker = await console.logged_in("looker")
    seen = (await looker.get("/recurrences")).text + (await looker.get(path)).text
    assert "every hour" in seen
    assert f'action="{path}' not in seen
    assert "<textarea" not in seen
    assert (await looker.get("/recurrences/new")).status == 403
    for target in ("/recurrences/new", path):
        assert (await looker.post(target, NEW)).status == 403
    for act in ("pause", "resume", "run", "delete"):
        answer = await looker.post(f"{path}/{act}", {"back": path})
        assert "do not have the right" in (await looker.follow(answer)).text
    assert (await only(console)).cron == "@hourly"


async def test_those_of_other_groups_are_unknown(console: Console) -> None:
    await console.run(SetRecurrence("mail", "digest", "@hourly"))
    number = (await only(console)).number
    eve = await console.logged_in("eve")
    assert "mail" not in (await eve.get("/recurrences")).text
    path = f"/recurrences/mail/{number}"
    assert (await eve.get(path)).status == 404
    assert (await eve.post(path, NEW)).status == 404
    for act in ("pause", "run", "delete"):
        await eve.post(f"{path}/{act}", {"back": "/"})
    assert not (await only(console)).paused


async def test_no_name_breaks_the_pages(console: Console) -> None:
    browser = await console.logged_in()
    at = console.app.places.at
    for name in HOSTILE:
        answer = await browser.post("/recurrences/new", {**NEW, "queue": name, "type": name})
        seen = await browser.follow(answer)
        assert seen.status == 200
        assert name in seen.words
        assert "<script>alert" not in seen.text
        assert "<img" not in seen.text
    listed = await browser.get("/recurrences")
    assert "<script>alert" not in listed.text
    assert "<img" not in listed.text
    for name in HOSTILE:
        assert name in listed.words
        path = at("recurrences", name, str((await only(console, name)).number), "delete")
        assert (await browser.post(path, {})).location == "/recurrences"


@pytest.mark.parametrize("number", ["0", "x", "-1", str(2**63), "9" * 4000, "²"])
async def test_a_number_of_none_is_unknown(console: Console, number: str) -> None:
    browser = await console.logged_in()
    await console.run(Pause("mail"))
    path = f"/recurrences/mail/{number}"
    assert (await browser.get(path)).status == 404
    answer = await browser.post(f"{path}/delete", {"back": "/recurrences"})
    assert answer.status in {303, 404}


async def test_what_is_gone_meanwhile_is_said(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetRecurrence("mail", "a", "@hourly"))
    number = (await only(console)).number
    await console.run(DropRecurrence("mail", number))
    for act in ("run", "pause", "resume", "delete"):
        answer = await browser.post(f"/recurrences/mail/{number}/{act}", {"back": "/recurrences"})
        assert "Not done: there is no such recurrence" in (await browser.follow(answer)).text


async def test_a_payload_too_long_is_told_so(console: Console) -> None:
    browser = await console.logged_in()
    long = "x" * (console.site.settings.limits.payload + 1)
    seen = await browser.post("/recurrences/new", {**NEW, "payload": long})
    assert seen.status == 400
    assert 'id="wrong-payload"' in seen.text
    assert isinstance(await console.run(ListRecurrences("mail")), Refused)
