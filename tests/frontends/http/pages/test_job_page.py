"""The page of one job: everything it carries, as text; what may be done, by state and right."""

import re
from base64 import b64encode

import pytest
import trio
from trio.testing import MockClock

from engine import commands as c
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.jobs_made import publish, state, take

HOSTILE = "<script>alert(1)</script>{{7919*7907}}${7919*7907}\x1b[31m\u202e\x00"


async def test_a_payload_has_every_digit(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console, b'{"n":123456789012345678901234567890.10,"e":1e999}')
    seen = await browser.get(f"/jobs/{job}")
    assert seen.status == 200
    assert '"n": 123456789012345678901234567890.10' in seen.words
    assert '"e": 1e999' in seen.words
    raw = await browser.get(f"/jobs/{job}/payload")
    assert raw.body == b'{"n":123456789012345678901234567890.10,"e":1e999}'
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")
    assert raw.headers["x-content-type-options"] == "nosniff"


async def test_nothing_that_a_job_carries_is_run(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    await publish(console, HOSTILE.encode(), queue="<q>{{7919*7907}}", type="<b>{{7919*7907}}")
    job, reservation = await take(console, "<q>{{7919*7907}}")
    await console.run(c.Progress(job, 0.5, HOSTILE, reservation))
    await console.run(c.Log(job, HOSTILE, reservation))
    say = c.Fail(job, reservation, HOSTILE, error_type=HOSTILE, trace=HOSTILE, retry=False)
    await console.run(say)
    for target in (f"/jobs/{job}", "/jobs", "/failures", f"/jobs/{job}/edit", "/jobs?q=%3Cb%3E"):
        seen = await browser.get(target)
        assert seen.status == 200, target
        assert "<script>alert" not in seen.text
        assert "<b>" not in seen.text
        assert "<q>" not in seen.text
        assert "\x1b" not in seen.text
        assert "\u202e" not in seen.text
        assert "62615533" not in seen.text
    page = (await browser.get(f"/jobs/{job}")).words
    assert "<script>alert(1)</script>{{7919*7907}}" in page
    assert "␛[31m" in page


async def test_bytes_are_dumped(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    content = bytes(range(256)) * 4096
    job = await publish(console, content)
    seen = await browser.get(f"/jobs/{job}")
    assert "000000  00 01 02 03" in seen.words
    assert "shown in part" in seen.words
    assert b64encode(content[:4096]).decode() in seen.words
    assert (await browser.get(f"/jobs/{job}/payload")).body == content
    assert len(seen.body) < 100_000


async def test_a_mebibyte_of_text_is_folded_and_can_be_whole(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    job = await publish(console, b"x" * (1 << 20))
    folded = await browser.get(f"/jobs/{job}")
    assert len(folded.body) < 100_000
    assert "shown in part" in folded.words
    whole = await browser.get(f"/jobs/{job}?whole=1")
    assert "x" * (1 << 20) in whole.text


async def test_what_a_job_went_through(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console)
    _, reservation = await take(console)
    seen = await browser.get(f"/jobs/{job}")
    assert "It runs: ada holds it" in seen.words
    await console.run(c.Started(job, reservation))
    await console.run(c.Progress(job, 0.25, "a quarter", reservation))
    await console.run(c.Log(job, "a line of log", reservation))
    page = (await browser.get(f"/jobs/{job}")).words
    assert "25 %: a quarter" in page
    assert "a line of log" in page
    assert "works on it" in page
    await trio.sleep(5)
    await console.run(c.Done(job, reservation, b'{"sum":3}'))
    page = (await browser.get(f"/jobs/{job}")).words
    assert "finished it" in page
    assert "5 s" in page
    assert '"sum": 3' in page
    assert "The job is done. It was handed out once, finished once." in page
    assert (await browser.get(f"/jobs/{job}/result")).body == b'{"sum":3}'


async def test_why_it_does_not_run(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console)

    async def why() -> str:
        return (await browser.get(f"/jobs/{job}")).words

    assert "No worker that is there now takes the type t" in re.sub("<[^>]+>", "", await why())
    assert "no longer" not in await why()
    await console.run(c.Pause("q"), "root")
    paused = await why()
    assert "is paused by root" in paused
    assert 'href="/queues/q"' in paused
    await console.run(c.Resume("q"))
    late = await publish(console, delay=60.0)
    seen = await browser.get(f"/jobs/{late}")
    assert "Its time has not come" in seen.words
    assert ">in 1 min<" in seen.words
    _, reservation = await take(console)
    await console.run(c.Fail(job, reservation, "no route", delay=600.0))
    again = await why()
    assert "It failed once and is tried again" in again
    assert "no route" in again


async def test_jobs_of_other_groups_and_none_look_the_same(
    autojump_clock: MockClock, console: Console
) -> None:
    theirs = await console.run(c.Publish("q", "t", b"secret"), "eve", "field")
    browser = await console.logged_in()
    missing = await browser.get("/jobs/0190ffff-0000-7000-8000-000000000000")
    for target in (theirs.job, f"{theirs.job}/payload", f"{theirs.job}/result", "a~2fb"):
        seen = await browser.get(f"/jobs/{target}")
        assert seen.status == missing.status == 404
        assert "secret" not in seen.text
    for key in ("retry", "run", "cancel", "delete"):
        seen = await browser.post(f"/jobs/{theirs.job}/{key}", {"back": "/jobs"})
        assert "there is no such job" in (await browser.follow(seen)).words
    assert (await browser.post(f"/jobs/{theirs.job}/edit", {})).status == 404


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (None, {"cancel", "move", "delete", "edit"}),
        ("scheduled", {"run", "cancel", "move", "delete", "edit"}),
        ("reserved", {"cancel", "delete"}),
        ("done", {"retry", "move", "delete", "edit"}),
        ("failed", {"retry", "move", "delete", "edit"}),
    ],
)
async def test_the_actions_are_those_of_the_state(
    autojump_clock: MockClock, console: Console, end: str | None, words: set[str]
) -> None:
    job = await publish(console, delay=60.0 if end == "scheduled" else 0.0)
    if end in {"reserved", "done", "failed"}:
        _, reservation = await take(console)
        if end == "done":
            await console.run(c.Done(job, reservation))
        if end == "failed":
            await console.run(c.Fail(job, reservation, "x", retry=False))
    browser = await console.logged_in()
    page = (await browser.get(f"/jobs/{job}")).text
    assert set(re.findall(rf'(?:action|href)="/jobs/{job}/(\w+)"', page)) - {"payload"} == words
    looker = await console.logged_in("looker")
    page = (await looker.get(f"/jobs/{job}")).text
    assert set(re.findall(rf'(?:action|href)="/jobs/{job}/(\w+)"', page)) == {"payload"}


async def test_who_only_reads_is_refused(autojump_clock: MockClock, console: Console) -> None:
    job = await publish(console)
    looker = await console.logged_in("looker")
    for key in ("retry", "run", "cancel", "delete", "move"):
        seen = await looker.post(f"/jobs/{job}/{key}", {"back": f"/jobs/{job}", "to": "x"})
        assert "Not done: you do not have the right" in (await looker.follow(seen)).words
    assert (await looker.get(f"/jobs/{job}/edit")).status == 403
    assert (await looker.post(f"/jobs/{job}/edit", {"priority": "1"})).status == 403
    assert await state(console, job) == "ready"


async def test_every_action_does_what_it_says(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console, delay=60.0)
    here = {"back": f"/jobs/{job}"}
    for key, said, then in (
        ("run", "The job is made ready.", "ready"),
        ("cancel", "The job is canceled.", "canceled"),
        ("retry", "The job is retried.", "ready"),
    ):
        seen = await browser.follow(await browser.post(f"/jobs/{job}/{key}", here))
        assert said in seen.words
        assert await state(console, job) == then
    await browser.post(f"/jobs/{job}/move", {**here, "to": "other"})
    reply = await console.run(c.Get(job))
    assert reply.job.queue == "other"
    gone = await browser.post(f"/jobs/{job}/delete", here)
    assert gone.location == "/jobs"
    assert (await browser.get(f"/jobs/{job}")).status == 404
    assert (await browser.post(f"/jobs/{job}/explode", here)).status in {404, 405}


async def test_the_rest_is_offered_after_one(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console)
    seen = await browser.get(f"/jobs/{job}?rest=state:failed+%3Cb%3E")
    assert "retry the rest" in seen.text
    assert "<b>" not in seen.text
