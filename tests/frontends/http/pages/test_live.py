"""What an open page is told of what happens."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from engine.access import Principal, caller
from engine.commands import DeleteQueue, Pause, Publish
from engine.events import Event, What
from engine.replies import Published
from frontends.http.exchange import Request, Response, Stream
from frontends.http.pages.app import COOKIE
from frontends.http.pages.live import EVERYTHING, MOST, PATH, PAUSE, QUIET, Live, message
from tests.frontends.http.pages.browser import Browser, Console, open_console


@define
class Reader:
    """Somebody who reads a stream."""

    pieces: list[bytes] = field(factory=list[bytes])
    at: list[float] = field(factory=list[float])
    over: bool = False

    async def write(self, piece: bytes) -> None:
        await trio.lowlevel.checkpoint()
        self.pieces.append(piece)
        self.at.append(trio.current_time())

    @property
    def told(self) -> list[Any]:
        return [
            json.loads(piece.split(b"data: ")[1])
            for piece in self.pieces
            if piece.startswith(b"event: change\n")
        ]


def live(console: Console) -> Live:
    assert console.site.observed is not None
    return Live(console.app, console.site.observed.feed)


def asked(browser: Browser | None, path: str = PATH, method: str = "GET") -> Request:
    cookie = f"{COOKIE}={browser.cookies[COOKIE]}" if browser else ""
    return Request(method, path, path.encode(), headers={b"cookie": cookie.encode()})


@asynccontextmanager
async def reading(console: Console, browser: Browser) -> AsyncGenerator[Reader]:
    stream = await live(console).answer(asked(browser))
    assert isinstance(stream, Stream)
    reader = Reader()

    async def read() -> None:
        await stream.run(reader.write)
        reader.over = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await wait_all_tasks_blocked()
        yield reader
        nursery.cancel_scope.cancel()


async def publish(console: Console, queue: str, name: str = "ada", group: str = "yard") -> str:
    reply = await console.run(Publish(queue, "t", b"x"), name, group)
    assert isinstance(reply, Published)
    return reply.job


async def test_names_are_told_once_however_often_they_changed(
    console: Console, autojump_clock: MockClock
) -> None:
    async with reading(console, await console.logged_in()) as reader:
        first = await publish(console, "a")
        await trio.sleep(PAUSE / 10)
        others = [await publish(console, queue) for queue in ("b", "b", "c")]
        await trio.sleep(3 * PAUSE)
        assert reader.told[0]["queues"] == ["a"]
        assert first in reader.told[0]["jobs"]
        assert len(reader.told) == 2
        assert reader.told[1] == {"all": False, "queues": ["b", "c"], "jobs": sorted(others)}
        assert reader.at[2] - reader.at[1] >= PAUSE


async def test_what_happens_to_a_queue_is_told(console: Console, autojump_clock: MockClock) -> None:
    await publish(console, "a")
    async with reading(console, await console.logged_in()) as reader:
        await console.run(Pause("a"))
        await trio.sleep(2 * PAUSE)
        await console.run(DeleteQueue("a"))
        await trio.sleep(2 * PAUSE)
        assert [each["queues"] for each in reader.told] == [["a"], ["a"]]


async def test_another_group_is_never_told(console: Console, autojump_clock: MockClock) -> None:
    async with reading(console, await console.logged_in("root")) as reader:
        await publish(console, "secret", "eve", "field")
        await trio.sleep(QUIET + 1)
        assert reader.told == []
        assert b":\n\n" in reader.pieces


@pytest.mark.parametrize("how", ["logout", "group", "rights"])
async def test_the_stream_ends_with_the_session(
    how: str, console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in("bob")
    async with reading(console, browser) as reader:
        if how == "logout":
            await browser.post("/logout", {})
        elif how == "group":
            await browser.post("/group", {"group": "field"})
        else:
            console.site.login.replace_users(())
        await publish_as_root(console)
        await trio.sleep(QUIET + 1)
        assert reader.over


async def publish_as_root(console: Console) -> None:
    """Something happens, whoever may still log in."""

    root = caller(Principal("root", admin=True), "yard")
    await console.site.engine.execute(root, Publish("a", "t", b"x"))


async def test_a_page_that_is_left_open_does_not_keep_its_session(
    autojump_clock: MockClock,
) -> None:
    async with open_console(session=100) as console:
        async with reading(console, await console.logged_in()) as reader:
            await trio.sleep(100 + 2 * QUIET)
            assert reader.over
        assert len(console.app.sessions) == 0


async def test_who_may_not_read_hears_nothing(console: Console, autojump_clock: MockClock) -> None:
    door = live(console)
    for browser, status in ((None, 401), (await console.logged_in("nobody"), 403)):
        answer = await door.answer(asked(browser))
        assert isinstance(answer, Response)
        assert answer.status == status
    for path, method in (("/console/live/", "GET"), (PATH, "POST"), ("/x", "GET")):
        assert await door.answer(asked(None, path, method)) is None


async def test_the_stream_stands_behind_the_prefix_too(autojump_clock: MockClock) -> None:
    async with open_console(prefix="/jobs") as console:
        browser = await console.logged_in()
        for path in (PATH, f"/jobs{PATH}"):
            assert isinstance(await live(console).answer(asked(browser, path)), Stream)


def test_many_names_are_said_as_everything() -> None:
    few = [Event(1.0, "g", "q", What.READY, job=str(number)) for number in range(MOST - 1)]
    assert json.loads(message(few).split(b"data: ")[1])["all"] is False
    assert message([*few, Event(1.0, "g", "r", What.PAUSED)]) == EVERYTHING


def test_odd_names_stay_in_their_line() -> None:
    odd = 'a\n\ndata: {"all":true}\u2028"'
    piece = message([Event(1.0, "g", odd, What.PAUSED)])
    assert piece.count(b"\n") == 3
    assert json.loads(piece.split(b"data: ", 1)[1]) == {"all": False, "queues": [odd], "jobs": []}
