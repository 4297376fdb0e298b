"""A bug in one queue of a whole server: that queue's callers hear of it, nobody else does."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import trio

from config.loading import Sources
from engine import commands
from engine.access import Caller
from engine.queue_state.core import QueueCore
from engine.queue_state.handlers import HANDLERS
from engine.replies import Reply, ReplyTo
from frontends.serve import Serving, serving
from tests.acceptance.line import Line
from tests.acceptance.served import settings

BOOM: Final = b"boom"
CRASHES: Final = 5
"""That a queue survives in a minute."""


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing this payload finds a bug, after the job was made."""
    publish = HANDLERS[commands.Publish]

    def broken(q: QueueCore, c: Any, who: Caller, to: ReplyTo, now: float) -> Reply | None:
        reply = publish(q, c, who, to, now)
        if c.payload == BOOM:
            raise ZeroDivisionError
        return reply

    monkeypatch.setitem(HANDLERS, commands.Publish, broken)


@pytest.fixture(params=["memory", "file"])
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    place = "memory" if request.param == "memory" else str(tmp_path / "data")
    file = tmp_path / "config.yml"
    file.write_text(json.dumps(settings(store={"path": place})))
    return file


@asynccontextmanager
async def in_process(config: Path) -> AsyncIterator[Serving]:
    async with serving(Sources((config,), {}, {}).load().settings) as server:
        yield server


async def beside(config: Path, conversation: Callable[[int], None]) -> None:
    """Hold a conversation in a thread, while the server runs in this one."""
    async with in_process(config) as server:
        port = int(server.addresses[0].rpartition(":")[2])
        await trio.to_thread.run_sync(conversation, port)


def crash(client: Line, queue: str) -> str:
    return client.ask(f"PUBLISH {queue} t {BOOM.decode()}")


def lose_nothing(port: int) -> None:
    with Line.to(port) as client, Line.to(port) as worker, Line.to(port) as other:
        client.log_in()
        worker.log_in()
        other.log_in()
        assert worker.ask("SUBSCRIBE broken") == "OK"
        first, second = client.publish("broken"), client.publish("broken")
        assert worker.pushed()["ID"] == first
        for _ in range(CRASHES):
            client.say(f"PUBLISH broken t {BOOM.decode()}")
            other.publish("fine")
            assert client.hears() == "Err: internal"
        assert [job["ID"] for job in client.jobs("broken")] == [first, second]
        assert worker.update(first, "done") == "OK"
        assert worker.pushed()["ID"] == second
        third = client.publish("broken")
        assert worker.update(second, "done") == "OK"
        assert worker.pushed()["ID"] == third
        assert other.states("fine") == ["pending"] * CRASHES


def close_only_that_queue(port: int) -> None:
    with Line.to(port) as client, Line.to(port) as worker:
        client.log_in()
        worker.log_in()
        assert worker.ask("SUBSCRIBE fine") == "OK"
        client.publish("old")
        for name in ("old", "new"):
            for _ in range(CRASHES + 1):
                assert crash(client, name) == "Err: internal"
            assert client.ask(f"PUBLISH {name} t p") == "Err: queue-failed"
            assert client.ask(f"SUBSCRIBE {name}") == "Err: queue-failed"
        job = client.publish("fine")
        assert worker.pushed()["ID"] == job
        assert worker.update(job, "done") == "OK"
        assert client.publish("another")


async def test_five_crashes_lose_nothing(planted: None, config: Path) -> None:
    await beside(config, lose_nothing)


async def test_the_sixth_in_a_minute_closes_that_queue_only(planted: None, config: Path) -> None:
    await beside(config, close_only_that_queue)
