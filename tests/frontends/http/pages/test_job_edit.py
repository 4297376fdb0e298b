"""Changing a job by form: what it says, only that, and only if nobody else did meanwhile."""

import re

import pytest
import trio
from trio.testing import MockClock

from engine import commands as c
from tests.frontends.http.pages.browser import Console
from tests.frontends.http.pages.jobs_made import publish, state, take


def fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page))


async def test_a_waiting_job_is_edited_unless_it_changed_meanwhile(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    job = await publish(console, b'{"a":\r\n1}')
    form = fields((await browser.get(f"/jobs/{job}/edit")).text)
    same = {**form, "payload": '{"a":\r\n1}', "priority": "-5"}
    seen = await browser.follow(await browser.post(f"/jobs/{job}/edit", same))
    assert "It is changed." in seen.words
    found = (await console.run(c.Get(job))).job
    assert (found.priority, found.payload) == (-5, b'{"a":\r\n1}')
    await trio.sleep(1)
    await console.run(c.Edit(job, priority=3))
    late = await browser.post(f"/jobs/{job}/edit", {**form, "payload": "newer"})
    assert late.status == 400
    assert "the job was changed since then: open this page anew" in late.words
    assert "newer" in late.words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("priority", "1.5"), ("priority", "1_0"), ("priority", "٣"), ("priority", "9" * 5000),
        ("priority", ""), ("delay", "nan"), ("delay", "1e999"), ("delay", "-1"),
        ("updated_at", "x"), ("updated_at", "inf"),
    ],
)  # fmt: skip
async def test_bad_values_change_nothing(
    autojump_clock: MockClock, console: Console, name: str, value: str
) -> None:
    browser = await console.logged_in()
    job = await publish(console)
    form = fields((await browser.get(f"/jobs/{job}/edit")).text)
    seen = await browser.post(f"/jobs/{job}/edit", {**form, "payload": "new", name: value})
    assert seen.status == 400
    assert 'role="alert"' in seen.text
    assert (await console.run(c.Get(job))).job.payload == b"p"


async def test_a_job_that_is_over_is_published_again(
    autojump_clock: MockClock, console: Console
) -> None:
    browser = await console.logged_in()
    job = await publish(console, b"old", priority=4, content_type="text/plain")
    _, reservation = await take(console)
    await console.run(c.Fail(job, reservation, "x", retry=False))
    form = fields((await browser.get(f"/jobs/{job}/edit")).text)
    seen = await browser.post(f"/jobs/{job}/edit", {**form, "payload": "new"})
    new = (await console.run(c.Get(seen.location.rsplit("/", 1)[1]))).job
    assert (new.payload, new.priority, new.more.content_type) == (b"new", 4, "text/plain")
    assert await state(console, job) == "failed"


@pytest.mark.parametrize("payload", [b"\x00", b"\xff", b"x" * 300_000, b"\x1b"])
async def test_a_payload_that_no_form_holds_stays(
    autojump_clock: MockClock, console: Console, payload: bytes
) -> None:
    browser = await console.logged_in()
    job = await publish(console, payload)
    page = (await browser.get(f"/jobs/{job}/edit")).text
    assert "textarea" not in page
    assert page.count('name="seen"') == 1
    seen = await browser.post(
        f"/jobs/{job}/edit", {**fields(page), "priority": "7", "payload": "lost"}
    )
    assert seen.status == 303
    found = (await console.run(c.Get(job))).job
    assert (found.priority, found.payload) == (7, payload)


async def test_a_held_job_is_not_edited(autojump_clock: MockClock, console: Console) -> None:
    browser = await console.logged_in()
    job = await publish(console)
    await take(console)
    assert (await browser.get(f"/jobs/{job}/edit")).status == 409
