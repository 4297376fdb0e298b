"""What an open page is told of what happens."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock, wait_all_tasks_blocked

from engine.access import Principal, caller
from engine.commands import DeleteQueue, Pause, Publish
from engine.directory.feed import LINGER
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
            if b"event: change\n" in piece
        ]


def live(console: Console) -> Live:
    assert console.site.observed is not None
    return Live(console.app, console.site.observed.feed)


def asked(
    browser: Browser | None, path: str = PATH, method: str = "GET", after: str = "", back: str = ""
) -> Request:
    headers = {b"cookie": f"{COOKIE}={browser.cookies[COOKIE]}".encode()} if browser else {}
    if back:
        headers[b"last-event-id"] = back.encode()
    query = f"after={after}".encode() if after else b""
    return Request(method, path, path.encode(), query=query, headers=headers)


@asynccontextmanager
async def reading(
    console: Console, browser: Browser, after: str = "", back: str = ""
) -> AsyncGenerator[Reader]:
    stream = await live(console).answer(asked(browser, after=after, back=back))
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


async def place_of(browser: Browser, path: str) -> str:
    """Where the page of that address says its stream begins."""
    page = await browser.get(path)
    (place,) = re.findall(rf'data-stream="{PATH}\?after=([0-9-]+)"', page.text)
    return str(place)


async def test_what_happened_while_a_page_was_on_its_way_is_told(
    console: Console, autojump_clock: MockClock
) -> None:
    job = await publish(console, "a")
    browser = await console.logged_in()
    place = await place_of(browser, f"/jobs/{job}")
    other = await publish(console, "a")
    async with reading(console, browser, after=place) as reader:
        await trio.sleep(PAUSE)
        assert [each["jobs"] for each in reader.told] == [[other]]


async def test_who_comes_back_is_told_what_it_missed(
    console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    old = await place_of(browser, "/queues")
    async with reading(console, browser, after=old) as reader:
        await publish(console, "a")
        await trio.sleep(PAUSE)
    (place,) = re.findall(rb"^id: ([0-9-]+)\nevent: change", reader.pieces[-1])
    missed = await publish(console, "b")
    async with reading(console, browser, after=old, back=place.decode()) as reader:
        await trio.sleep(PAUSE)
        assert [each["jobs"] for each in reader.told] == [[missed]]


@pytest.mark.parametrize("place", ["1-0", "x", "9" * 40, "\xff"])
async def test_who_was_away_too_long_is_told_to_read_everything(
    place: str, console: Console, autojump_clock: MockClock
) -> None:
    browser = await console.logged_in()
    await place_of(browser, "/queues")
    await publish(console, "a")
    await trio.sleep(LINGER + 1)
    await publish(console, "a")
    async with reading(console, browser, after=place) as reader:
        assert b"event: gap" in reader.pieces[0]
        assert reader.told == []


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
