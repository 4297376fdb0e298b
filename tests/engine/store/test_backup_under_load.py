"""The real server is copied while clients publish and work; the copy is served and judged."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import trio
from attrs import evolve

from engine.store.backup import copy_store
from engine.store.options import Options
from jobyard.soak.history import Closing, Ending, Event, Got, Killing, Publishing, judge
from tests.kill.load import Load
from tests.kill.server import Server
from tests.kill.test_kill import remaining

BEFORE = 400
"""Events before the copy begins."""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """The one that is copied, and the one that serves the copy."""
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        made.append(Server(tmp_path / name))
    yield made[0], made[1]
    for server in made:
        server.close()


def as_of(events: Sequence[Event], began: float, ended: float) -> list[Event]:
    """What binds a copy made in between: answers from before it; what came after never was."""
    found: list[Event] = []
    for event in events:
        match event:
            case Publishing(answered=float(at)) if at > began:
                if event.sent < ended:
                    found.append(evolve(event, answered=None, job=""))
            case Ending(answered=float(at)) if at > began:
                if event.sent < ended:
                    found.append(evolve(event, answered=None, accepted=None))
            case Got() | Closing() | Killing():
                if event.at < ended:
                    found.append(event)
            case _:
                found.append(event)
    return found


async def test_a_copy_of_a_busy_server_holds_everything_answered_before_it(
    servers: tuple[Server, Server], tmp_path: Path
) -> None:
    first, second = servers
    await first.start()
    load = Load(first.port, seed=1)
    source, target = tmp_path / "first" / "jobs.db", tmp_path / "second" / "jobs.db"
    async with trio.open_nursery() as working:
        for _ in range(4):
            working.start_soon(load.work)
        async with trio.open_nursery() as publishing:
            for _ in range(3):
                publishing.start_soon(load.publish, BEFORE)
            await load.until(BEFORE)
            began, seen = trio.current_time(), len(load.events)
            await trio.to_thread.run_sync(partial(copy_store, source, target, None, Options()))
            ended = trio.current_time()
            assert len(load.events) > seen, "clients were answered during the copy"
        working.cancel_scope.cancel()
    first.kill()
    await second.start()
    left = await remaining(second.port)
    events = as_of(load.events, began, ended)
    assert judge(events, left) == []
    published = {e.job for e in events if isinstance(e, Publishing) and e.answered is not None}
    done = {e.job for e in events if isinstance(e, Ending) and e.accepted and e.how == "done"}
    assert published
    assert done
    assert published <= {one.job for one in left}
    assert done <= {one.job for one in left if one.state == "done"}
