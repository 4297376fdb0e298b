"""A crashed queue is read again only when what it handed over is on disk."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.commands import Counts, Publish
from engine.committer import Committer
from engine.replies import Code, Published, Refused
from engine.testing import memory_engine
from tests.support.desk import WHO, Box, ask, settle
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore


async def acknowledged_and_kept() -> tuple[int, int]:
    """Jobs acknowledged round a crash, and jobs the queue has afterwards."""
    store = GatedStore()
    async with memory_engine(store) as engine:
        boxes = [Box() for _ in range(3)]
        engine.submit(WHO, Publish("q", "t", b""), boxes[0])
        await boxes[0].wait_for(1)
        async with store.closed():
            for box in boxes[1:]:
                engine.submit(WHO, Publish("q", "t", b""), box)
                await settle()
            crashed = Box()
            engine.submit(WHO, crash(), crashed)
            await settle()
            assert crashed.only == Refused(Code.INTERNAL)
            assert [box.got for box in boxes[1:]] == [[], []]
        counts: Any = await ask(engine, Counts("q"))
        acknowledged = [box.only for box in boxes if isinstance(box.only, Published)]
        return len(acknowledged), sum(counts.states)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)


async def test_no_acknowledged_job_is_lost(autojump_clock: MockClock) -> None:
    with capture_logs():
        assert await acknowledged_and_kept() == (3, 3)


async def test_reading_earlier_loses_some(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(self: Committer) -> None:
        pass

    monkeypatch.setattr(Committer, "wait_durable", at_once)
    with capture_logs():
        acknowledged, kept = await acknowledged_and_kept()
    assert acknowledged == 3
    assert kept < 3
