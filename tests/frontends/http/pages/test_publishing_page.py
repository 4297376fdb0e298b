"""Publishing a job by form."""

from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from engine.commands import Counts, Drain, Get, ListJobs, Publish
from engine.job import JobState
from engine.replies import JobView, OneJob, Refused
from frontends.http.pages.publishing import USUAL
from tests.frontends.http.pages.browser import SETTINGS, Console, Seen, open_console
from tests.frontends.http.pages.working import HOSTILE

MISTAKES: Final = [
    ("queue", "", "is needed"),
    ("queue", "x" * 201, "1 to 200 characters"),
    ("queue", "a\x00b", "no control characters"),
    ("type", "x" * 201, "1 to 200 characters"),
    ("payload", "{not json", "is not JSON"),
    ("payload", "NaN", "is not JSON"),
    ("payload", '{"a": 1, "a": 2}', "names something twice"),
    ("payload", "[" * 100_000, "nested too deeply"),
    ("priority", "1_000", "is no whole number"),
    ("priority", "٣", "is no whole number"),
    ("priority", "9" * 5000, "is no whole number"),
    ("priority", str(2**63), "is more than"),
    ("priority", str(2**53), "is more than"),
    ("delay", "-1", "is less than 0"),
    ("delay", "1e999", "is no number"),
    ("delay", "nan", "is no number"),
    ("time_to_live", "soon", "is no number"),
    ("max_attempts", "0", "is less than 1"),
    ("unique_key", "x" * 201, "is longer than 200 characters"),
    ("lease", "x", "is no number"),
    ("content_type", "x" * 101, "is longer than 100 characters"),
]
"""Of a field, what is typed into it, and what is said of that."""


async def published(console: Console, seen: Seen) -> JobView:
    """The job that an answer speaks of."""
    assert seen.status == 303, seen.text
    (job,) = parse_qs(urlsplit(seen.location).query)["published"]
    reply = await console.run(Get(job))
    assert isinstance(reply, OneJob)
    return reply.job


async def test_a_job_is_published_and_linked_to(console: Console) -> None:
    browser = await console.logged_in()
    form = await browser.get("/publish?queue=mail&type=welcome")
    assert 'value="mail"' in form.text
    sent = {**USUAL, "queue": "mail", "type": "welcome", "payload": '{"n": 1}'}
    answer = await browser.post("/publish", sent)
    job = await published(console, answer)
    assert (job.queue, job.type, job.payload) == ("mail", "welcome", b'{"n": 1}')
    assert job.more.content_type == "application/json"
    after = await browser.follow(answer)
    assert f'Published: <a class="id" href="/jobs/{job.id}"' in after.text
    assert 'value="mail"' in after.text


async def test_what_is_said_of_a_job_counts(console: Console) -> None:
    browser = await console.logged_in()
    said = {
        "queue": "mail", "payload": " text\r\n\r\nof lines ", "kind": "text", "priority": "-5",
        "delay": "60", "time_to_live": "3600", "unique_key": "k", "unique_scope": "queued",
        "max_attempts": "3", "lease": "7.5", "run_limit": "90", "content_type": "text/plain",
    }  # fmt: skip
    job = await published(console, await browser.post("/publish", said))
    assert job.payload == b" text\n\nof lines "
    assert (job.state, job.priority, job.type) == (JobState.SCHEDULED, -5, "")
    assert (job.more.unique_key, job.more.unique_scope) == ("k", "queued")
    assert (job.policy.max_attempts, job.policy.lease, job.policy.run_limit) == (3, 7.5, 90.0)
    assert job.more.content_type == "text/plain"
    assert job.more.expires_at == pytest.approx(job.created_at + 3600)
    again = await browser.follow(await browser.post("/publish", said))
    assert "a job with this unique key is there already" in again.text
    assert (await console.run(Counts("mail"))).published == 1


async def test_no_payload_is_no_json_and_needs_none(console: Console) -> None:
    browser = await console.logged_in()
    job = await published(console, await browser.post("/publish", {**USUAL, "queue": "mail"}))
    assert (job.payload, job.more.content_type) == (b"", "")


@pytest.mark.parametrize("field", sorted({field for field, _, _ in MISTAKES}))
async def test_a_mistake_stands_beside_its_field_and_nothing_is_lost(
    console: Console, field: str
) -> None:
    browser = await console.logged_in()
    for value, says in [(value, says) for name, value, says in MISTAKES if name == field]:
        sent = {**USUAL, "queue": "mail", "type": "kept", "payload": "{}", field: value}
        seen = await browser.post("/publish", sent)
        assert seen.status == 400
        mistake = seen.words.partition(f'id="wrong-{field}">')[2].partition("</small>")[0]
        assert says in mistake
        assert value[:50].replace("\x00", "") in seen.words.replace("\x00", "")
        if field != "type":
            assert 'value="kept"' in seen.text
    assert isinstance(await console.run(Counts("mail")), Refused)


async def test_what_the_engine_refuses_keeps_what_was_typed() -> None:
    settings = evolve(SETTINGS, limits=evolve(SETTINGS.limits, payload=10))
    async with open_console(settings) as console:
        browser = await console.logged_in()
        long = {**USUAL, "queue": "mail", "payload": "12345678901", "kind": "text"}
        seen = await browser.post("/publish", long)
        assert seen.status == 400
        assert 'id="wrong-payload"' in seen.text
        assert "12345678901" in seen.text
        await console.run(Publish("mail", "t", b""))
        await console.run(Drain("mail"))
        seen = await browser.post("/publish", {**long, "payload": "1"})
        assert 'id="wrong-queue"' in seen.text
        assert "takes no new jobs" in seen.text


async def test_a_payload_comes_back_as_it_was_typed(console: Console) -> None:
    browser = await console.logged_in()
    typed = '\n</textarea><script>alert(1)</script>{{ 7*7 }}\x01\u202e "'
    seen = await browser.post("/publish", {**USUAL, "queue": "", "payload": typed})
    area = seen.text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert seen.status == 400
    assert "<script>alert" not in seen.text
    assert unescape(area) == "\n" + typed  # the first end of a line is the tag's own


async def test_any_name_can_be_published_to(console: Console) -> None:
    browser = await console.logged_in()
    for name in HOSTILE:
        sent = {**USUAL, "queue": f" {name} ", "type": name, "payload": "1"}
        answer = await browser.post("/publish", sent)
        job = await published(console, answer)
        assert (job.queue, job.type) == (name, name)
        after = await browser.follow(answer)
        assert after.status == 200
        assert "<script>alert" not in after.text


async def test_who_may_not_publish_has_no_form(console: Console) -> None:
    looker = await console.logged_in("looker")
    assert (await looker.get("/publish")).status == 403
    sent = {**USUAL, "queue": "mail", "payload": "1"}
    assert (await looker.post("/publish", sent)).status == 403
    assert isinstance(await console.run(ListJobs("mail")), Refused)


async def test_a_link_to_a_job_of_another_group_is_not_made(console: Console) -> None:
    job = (await console.run(Publish("mail", "t", b""))).job
    eve = await console.logged_in("eve")
    assert job not in (await eve.get(f"/publish?published={job}")).text.replace("back=", "")
    assert "mail" not in (await eve.get("/publish")).text
    assert (await eve.get("/publish?published=<script>")).status == 200
    ada = await console.logged_in()
    assert 'value="mail"' in (await ada.get("/publish")).text
