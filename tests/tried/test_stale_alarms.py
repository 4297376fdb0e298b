"""The heap of alarms holds numbers, and is rebuilt when half of it is stale."""

import pytest
from trio.testing import MockClock

from engine.commands import Delete, NewJob, Publish, PublishMany, PublishOptions, Touch
from engine.directory import Directory
from engine.queue_state.alarms import AlarmKind, Alarms
from engine.testing import memory_engine
from tests.support.desk import ask, reserve

ROUNDS, BULK = 25, 100


async def work_off(engine: Directory) -> tuple[int, int]:
    """Thousands of leases that never end: the most entries there ever were, and the last."""
    most = 0
    await ask(engine, Publish("q", "first", b"", PublishOptions(delay=10.0)))  # stays in front
    alarms = engine.queues["g"]["q"].state.alarms
    for _ in range(ROUNDS):
        await ask(engine, PublishMany("q", (NewJob("t", b""),) * BULK))
        for job in await reserve(engine, limit=BULK):
            await ask(engine, Touch(job.id))
            await ask(engine, Delete(job.id))
        most = max(most, len(alarms))
    return most, len(alarms)


async def test_finished_leases_leave_nothing_behind(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        most, last = await work_off(engine)
        assert most <= 64 + 3 * BULK
        assert last <= 64 + 3 * BULK
        heap = engine.queues["g"]["q"].state.alarms._heap
        assert all(
            type(part) in {int, float, AlarmKind}
            for at, kind, numbers in heap
            for part in (at, kind, *numbers)
        )


async def test_without_rebuilding_they_pile_up(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep_all(self: Alarms, at: float, kind: AlarmKind, number: int) -> None:
        self.live += 1
        self._heap.append((at, kind, [number]))

    monkeypatch.setattr(Alarms, "set", keep_all)
    async with memory_engine() as engine:
        most, _ = await work_off(engine)
        assert most > ROUNDS * BULK / 2
