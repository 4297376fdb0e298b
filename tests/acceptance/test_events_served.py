"""The event stream of a whole server: what lines do is seen over HTTP, by hundreds at once."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

import pytest
import trio
from attrs import define, field

from config.sections import Http, Store
from config.settings import Settings
from config.users import Grant, Group, User
from frontends.serve import Serving, serving
from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN

SETTINGS: Final = Settings(
    port=0,
    groups=(Group(GROUP),),
    users=(User(USER, password=PASSWORD, groups=(Grant(GROUP),)),),
    store=Store(path="memory"),
    http=Http(port=0),
)
LOGIN: Final = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
CROWD: Final = 800


class Hearer:
    """A connection, read up to what is waited for."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.text = b""

    async def until(self, word: bytes, count: int = 1) -> bytes:
        with trio.fail_after(WITHIN):
            while self.text.count(word) < count:
                more = await self.stream.receive_some(65_536)
                assert more, self.text
                self.text += more
        return self.text

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = self.text.decode().splitlines()
        return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def words(*said: str) -> bytes:
    """Native words have the array form."""
    return b"*%d\r\n" % len(said) + b"".join(
        b"$%d\r\n%b\r\n" % (len(each), each.encode()) for each in said
    )


@define
class Yard:
    """A server that runs, and everybody who is connected to it."""

    server: Serving
    everybody: list[Hearer] = field(factory=list[Hearer])

    async def _connect(self, addresses: Sequence[str]) -> Hearer:
        host, _, port = addresses[0].rpartition(":")
        hearer = Hearer(await trio.open_tcp_stream(host, int(port)))
        self.everybody.append(hearer)
        return hearer

    async def ask(self, method: str, path: str, body: str = "") -> Hearer:
        """Send one request."""
        hearer = await self._connect(self.server.web_addresses)
        head = [
            f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Basic {LOGIN}",
            "Content-Type: application/json", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        await hearer.stream.send_all("\r\n".join([*head, "", body]).encode())
        return hearer

    async def listen(self, query: str = "") -> Hearer:
        """Open a stream, and see it begin."""
        hearer = await self.ask("GET", f"/api/v2/events{query}")
        await hearer.until(b"retry: ")
        return hearer

    async def line(self) -> Hearer:
        """A connection of the line protocol, logged in."""
        line = await self._connect(self.server.addresses)
        await line.stream.send_all(f"AUTH {USER} {PASSWORD}\nUSE_GROUP {GROUP}\n".encode())
        await line.until(b"OK\n")
        return line


@pytest.fixture
async def yard() -> AsyncGenerator[Yard]:
    async with serving(SETTINGS) as server:
        opened = Yard(server)
        yield opened
        for hearer in opened.everybody:
            await hearer.stream.aclose()


async def test_a_job_of_http_is_worked_by_lines_and_seen_finishing(yard: Yard) -> None:
    stream = await yard.listen()
    published = await yard.ask("POST", "/api/v2/queues/mail/jobs", '{"type":"t","payload":"p"}')
    job = json.loads((await published.until(b"}")).split(b"\r\n\r\n")[1])["job"]
    line = await yard.line()
    await line.stream.send_all(words("RESERVE", "mail"))
    await line.until(job.encode())
    await line.stream.send_all(words("DONE", job))
    await stream.until(b"event: done")
    assert [event["what"] for event in stream.events] == [
        "queue-made", "published", "reserved", "done",
    ]  # fmt: skip
    assert {event.get("job", job) for event in stream.events} == {job}


async def test_a_job_of_lines_is_seen_too_and_metrics_tell_of_both_doors(yard: Yard) -> None:
    stream = await yard.listen("?what=published")
    line = await yard.line()
    await line.stream.send_all(b"PUBLISH mail t hello\nNO_SUCH_WORD\n")
    await stream.until(b"event: published")
    assert [event["type"] for event in stream.events] == ["t"]
    await line.until(b"Err")
    metrics = await (await yard.ask("GET", "/metrics")).until(b"jobyard_build_info{")
    assert b'jobyard_connections{frontend="lines"} 1.0' in metrics
    assert b'jobyard_commands_total{code="unknown-command",frontend="lines"} 1.0' in metrics
    assert b"jobyard_event_listeners 1.0" in metrics


async def test_hundreds_of_streams_hear_the_same_and_the_end(yard: Yard) -> None:
    crowd: list[Hearer] = []

    async def join() -> None:
        crowd.append(await yard.listen())

    for _ in range(CROWD // 100):
        async with trio.open_nursery() as nursery:
            for _ in range(100):
                nursery.start_soon(join)
    assert yard.server.engine.feed.listeners == CROWD
    line = await yard.line()
    await line.stream.send_all(b"PUBLISH mail t hello\n" * 10)
    for hearer in crowd:
        await hearer.until(b"event: published", 10)
    await yard.server.engine.stop()
    for hearer in crowd:
        await hearer.until(b"event: cut")
