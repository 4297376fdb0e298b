"""The page of one queue: everything about it, and why it hands nothing out."""

from hashlib import sha512

import pytest
from trio.testing import MockClock

from engine.commands import (
    Done,
    Drain,
    Fail,
    Pause,
    Publish,
    PublishOptions,
    Reserve,
    SetAccess,
    SetRecurrence,
)
from frontends.http.pages.queue import LATEST, MOST_TYPES
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.working import connect


async def test_jobs_are_counted_by_state_and_type(console: Console) -> None:
    browser = await console.logged_in()
    for kind in ("small", "small", "large", ""):
        await console.run(Publish("mail", kind, b""))
    (job,) = (await console.run(Reserve("mail"))).jobs
    await console.run(Done(job.id, job.reservation))
    (job,) = (await console.run(Reserve("mail"))).jobs
    await console.run(Fail(job.id, job.reservation, retry=False))
    seen = await browser.get("/queues/mail")
    assert seen.status == 200
    assert "/jobs?q=state%3Adone+queue%3Amail" in seen.text
    assert "/jobs?q=queue%3Amail+type%3Alarge" in seen.text
    assert "no type" in seen.text
    assert f'href="/jobs/{job.id}"' in seen.text
    rows = seen.text.partition('id="ended"')[2]
    small = rows[rows.index(">small<") :].partition("</tr>")[0]
    assert small.count(">1<") == 2  # one done, one failed


async def test_the_latest_jobs_are_those_shown(console: Console) -> None:
    browser = await console.logged_in()
    jobs = [(await console.run(Publish("mail", "t", b""))).job for _ in range(LATEST + 1)]
    seen = await browser.get("/queues/mail")
    assert jobs[0] not in seen.text
    assert all(job in seen.text for job in jobs[1:])


async def test_of_very_many_types_the_most_frequent_are_shown(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(MOST_TYPES + 5):
        await console.run(Publish("mail", f"type{number:03}", b""))
    await console.run(Publish("mail", "type054", b""))
    seen = await browser.get("/queues/mail")
    assert "And 5 types with fewer jobs." in seen.text
    counted = seen.text.partition('id="jobs-by-type"')[2].partition("</table>")[0]
    assert counted.index("type054") < counted.index("type000")
    assert "type053" not in counted


async def test_an_empty_queue_says_what_to_do(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(SetAccess("mail", readers=("shop",)))
    seen = await browser.get("/queues/mail")
    assert "no job waits in it" in seen.text
    assert 'href="/publish?queue=mail"' in seen.text
    assert "No worker is subscribed to this queue: start one" in seen.text
    assert "Nothing is made here on schedule." in seen.text


async def test_jobs_without_a_worker_say_so(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "large", b""))
    seen = await browser.get("/queues/mail")
    assert "Hands out nothing now" in seen.text
    assert "No worker is subscribed to this queue" in seen.text
    await connect(console, "mail", types=("small",))
    seen = await browser.get("/queues/mail")
    assert "Its workers take other types" in seen.text
    assert "Nobody takes 1 type" in seen.text
    assert "198.51.100.7:5000" in seen.text


async def test_when_the_first_job_is_ready_is_a_time_like_others(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b"", PublishOptions(delay=100.0)))
    seen = await browser.get("/queues/mail")
    assert "its jobs wait for their time; the first is ready <time" in seen.text
    assert "+00:00" not in seen.text


async def test_who_stopped_it_is_named(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    await console.run(Drain("mail"), "bob")
    seen = await browser.get("/queues/mail")
    assert "draining, asked by bob" in seen.text
    await console.run(Pause("mail"))
    assert "paused by ada" in (await browser.get("/queues/mail")).text


async def test_workers_recurrences_and_access_are_shown(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    seen = await browser.get("/queues/mail")
    assert "Whoever has rights in group yard may use it" in seen.text
    await connect(console, "mail", types=("small",), credit=3)
    await console.run(SetRecurrence("mail", "digest", "0 7 * * 1-5", zone="Europe/Paris"))
    key = sha512(b"secret").hexdigest()
    await console.run(SetAccess("mail", key, ("shop", "<b>"), declared=True))
    seen = await browser.get("/queues/mail")
    assert "at 07:00, Monday to Friday" in seen.text
    assert "0 of 3" in seen.text
    assert "shop, <b>" in seen.words
    assert "<b>" not in seen.text
    assert "a key opens it" in seen.text
    assert key not in seen.text


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("pause", "it hands out no jobs"),
        ("drain", "takes no new jobs"),
        ("resume", "goes on"),
        ("retry", "are ready again"),
    ],
)
async def test_an_action_goes_back_and_says_so(console: Console, act: str, says: str) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    answer = await browser.post(f"/queues/mail/{act}", {"back": "/queues/mail"})
    assert answer.location == "/queues/mail"
    assert says in (await browser.follow(answer)).text
    assert (await browser.get(f"/queues/mail/{act}")).status == 405


async def test_what_cannot_be_undone_asks_with_the_number_of_jobs(console: Console) -> None:
    browser = await console.logged_in()
    for number in range(3):
        await console.run(Publish("mail", "t", b"%d" % number))
    await console.run(Reserve("mail"))
    asked = await browser.get("/queues/mail/purge")
    assert "<strong>3 jobs</strong>" in asked.text
    assert "1 is being worked on" in asked.text
    emptied = await browser.follow(await browser.post("/queues/mail/purge", {}))
    assert "Queue mail is empty." in emptied.text
    assert "It has no jobs." in (await browser.get("/queues/mail/delete")).text
    gone = await browser.post("/queues/mail/delete", {})
    assert gone.location == "/queues"
    assert (await browser.get("/queues/mail")).status == 404
    assert (await browser.get("/queues/mail/delete")).status == 404
    again = await browser.follow(await browser.post("/queues/mail/delete", {"back": "/queues"}))
    assert "Not done: there is no such queue" in again.text


async def test_a_closed_queue_is_shown_as_closed(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    console.site.engine.queues["yard"]["mail"].close()  # type: ignore[attr-defined] # as a crash
    assert ">closed<" in (await browser.get("/queues")).text
    seen = await browser.get("/queues/mail")
    assert seen.status == 200
    assert "crashed too often" in seen.text
    assert "/queues/mail/purge" not in seen.text


async def test_another_sites_page_does_nothing(console: Console) -> None:
    browser = await console.logged_in()
    await console.run(Publish("mail", "t", b""))
    answer = await browser.post("/queues/mail/delete", {}, **{"sec-fetch-site": "cross-site"})
    assert answer.status == 403
    assert (await browser.get("/queues/mail")).status == 200
