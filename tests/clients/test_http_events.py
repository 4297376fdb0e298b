"""The stream of events: how it is read, how it goes on, and that leaving it is harmless."""

import gc
from typing import Any, Final

import anyio
import msgspec
import pytest
from anyio import to_thread, wait_all_tasks_blocked
from attrs import evolve

from jobyard.dialing import Backoff
from jobyard.errors import BadArgument, Forbidden, ProtocolError, Unreachable
from jobyard.http.client import HttpClient
from jobyard.http.event_lines import Event, EventLines
from tests.clients.loops import both_loops, under
from tests.clients.web_yard import LOST, Said, WebYard, problem

SOON: Final = Backoff(0.001, 0.002)
STREAM: Final = (("content-type", "text/event-stream; charset=utf-8"),)
OPENING: Final = b"retry: 2000\nid: 3-1\n\n"


def line(number: int, what: str = "done", **more: Any) -> bytes:
    body = msgspec.json.encode({"at": 1.5, "group": "g", "queue": "q", "what": what, **more})
    return b"id: 3-%d\nevent: %b\ndata: %b\n\n" % (number, what.encode(), body)


def stream(*pieces: bytes, opening: bytes = OPENING) -> Said:
    """A stream that ends after these."""
    return Said(200, opening + b"".join(pieces), STREAM, open=True)


CUT: Final = b'event: cut\ndata: {"reason":"too-slow"}\n\n'
GAP: Final = stream(
    line(9), opening=b'retry: 2000\nid: 3-8\nevent: gap\ndata: {"reason":"forgotten"}\n\n'
)


def client_of(yard: WebYard, patience: float = 30.0) -> HttpClient:
    return HttpClient(yard.url, backoff=SOON, patience=patience)


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_events_are_read_from_any_pieces(size: int, end: bytes) -> None:
    said = OPENING + b": keep-alive\n\n" + line(2, job="j", reason="a\u2028b", seq=4) + line(5)
    said = said.replace(b"\n", end)
    lines = EventLines()
    heard: list[Event] = []
    for start in range(0, len(said), size):
        heard += lines.feed(said[start : start + size])
    assert heard == [
        Event(what="done", id="3-2", at=1.5, group="g", queue="q", job="j", reason="a\u2028b",
              seq=4),
        Event(what="done", id="3-5", at=1.5, group="g", queue="q"),
    ]  # fmt: skip
    assert lines.last_id == "3-5"


def test_what_was_not_heard_whole_was_not_heard() -> None:
    lines = EventLines("3-1")
    assert lines.feed(line(2) + line(3)[:-1]) == [
        Event(what="done", id="3-2", at=1.5, group="g", queue="q")
    ]
    assert lines.last_id == "3-2"


@pytest.mark.parametrize(
    "said",
    [
        b"data: {\n\n", b"data: [1]\n\n", b"data: " + b"[" * 100_000 + b"\n\n", b"data: NaN\n\n",
        b'data: {"at":1e999}\n\n', b'data: "\xff"\n\n', b'data: {"seq":"1"}\n\n', b"x" * (1 << 21),
        (b"data: " + b"x" * 1_000 + b"\n") * 2_000,
    ],
)  # fmt: skip
def test_what_no_server_tells_is_an_error(said: bytes) -> None:
    with pytest.raises(ProtocolError):
        EventLines().feed(said)


@both_loops
def test_a_stream_goes_on_where_it_stopped(loop: str) -> None:
    async def body() -> None:
        ends = line(4)[:20]
        answers = (
            stream(line(2), line(3), ends), LOST, problem(503, "stopping", retry_after="0"),
            stream(line(4), CUT), GAP,
        )  # fmt: skip
        with WebYard(*answers) as yard:
            async with client_of(yard) as client, client.events(["a b"], whats=["done"]) as events:
                heard = [await anext(events) for _ in range(6)]
            whats = [(event.what, event.id, event.reason) for event in heard]
            assert whats == [
                ("done", "3-2", ""), ("done", "3-3", ""), ("done", "3-4", ""),
                ("cut", "3-4", "too-slow"), ("gap", "3-8", "forgotten"), ("done", "3-9", ""),
            ]  # fmt: skip
            targets = {asked.target for asked in yard.asked}
            assert targets == {"/api/v2/events?group=yard&queue=a%20b&what=done"}
            behind = [asked.headers.get("last-event-id") for asked in yard.asked]
            assert behind == [None, "3-3", "3-3", "3-3", "3-4"]

    under(loop, body)


@both_loops
@pytest.mark.parametrize("held", [True, False])
def test_whoever_leaves_early_leaves_nothing_behind(loop: str, held: bool) -> None:
    async def body() -> None:
        many = stream(*(line(n) for n in range(2, 50)))
        with WebYard(evolve(many, held=held)) as yard:
            async with client_of(yard) as client, client.events(after="3-1") as events:
                async for event in events:
                    assert event.id == "3-2"
                    break
            assert yard.asked[0].headers["last-event-id"] == "3-1"
        gc.collect()

    under(loop, body)


@both_loops
def test_a_reader_that_is_cancelled_goes_on_later(loop: str) -> None:
    async def body() -> None:
        with WebYard(evolve(stream(line(2)), held=True), stream(line(3))) as yard:
            async with client_of(yard) as client, client.events() as events:
                assert (await anext(events)).id == "3-2"
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(anext, events)
                    await wait_all_tasks_blocked()
                    tasks.cancel_scope.cancel()
                assert (await anext(events)).id == "3-3"
            assert yard.asked[1].headers["last-event-id"] == "3-2"

    under(loop, body)


@both_loops
def test_a_stream_that_may_not_be_is_refused(loop: str) -> None:
    async def body() -> None:
        html = Said(200, b"<html>", (("content-type", "text/html"),))
        with WebYard(problem(403, "forbidden"), html) as yard:
            async with client_of(yard) as client:
                for kind in (Forbidden, ProtocolError):
                    with pytest.raises(kind):
                        async with client.events():
                            raise AssertionError
                for after in ("3", "3-1\n", "٣-1", "3-1, 4-1"):
                    with pytest.raises(BadArgument):
                        async with client.events(after=after):
                            raise AssertionError

    under(loop, body)


@both_loops
def test_a_server_that_stays_away_is_told(loop: str) -> None:
    async def body() -> None:
        with WebYard(stream(line(2))) as yard:
            async with client_of(yard, patience=0.01) as client, client.events() as events:
                assert (await anext(events)).id == "3-2"
                await to_thread.run_sync(yard.__exit__)
                with pytest.raises(Unreachable):
                    await anext(events)

    under(loop, body)
