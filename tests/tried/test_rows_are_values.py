"""A change is a value: what a crash drops, or a cap leaves for later, never reaches the disk."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine import committer
from engine.commands import Edit, Publish, Reserve
from engine.job import Job, JobState
from engine.queue_state import rows
from engine.store.protocol import Tenure
from engine.store.tables import Changes, Row, Table
from engine.testing import memory_engine
from tests.support.desk import WHO, Box, publish, settle
from tests.support.faults import crash, plant
from tests.support.stores import GatedStore

STATE, PRIORITY, ATTEMPTS = 2, 3, 5


@frozen
class Live:
    """What must not be handed over: a reference to a live job."""

    job: Job
    queue: int
    make: Callable[[Job, int], Row]

    def resolve(self) -> Row:
        return self.make(self.job, self.queue)


class FollowingStore(GatedStore):
    """Writes rows as they are when it writes, as one in this process would."""

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        await self.gate.wait()
        now: dict[Table, dict[Any, Any]] = {
            table: {
                key: row.resolve() if isinstance(row, Live) else row
                for key, row in dict[Any, Any](kept).items()
            }
            for table, kept in changes.items()
        }
        await super().commit(tenure, now)


def with_references(monkeypatch: pytest.MonkeyPatch) -> None:
    make = rows.head_row
    monkeypatch.setattr(rows, "head_row", lambda job, queue: Live(job, queue, make))


async def crashed_behind(store: GatedStore) -> Row:
    """The row of a job whose edit waits for the disk while a later batch crashes."""
    async with memory_engine(store) as engine:
        job, box = await publish(engine), Box()
        async with store.closed():
            engine.submit(WHO, Edit(job, priority=5), box)
            await settle()
            with capture_logs():
                engine.submit(WHO, crash(), Box())
                await settle()
        await box.wait_for(1)
        (row,) = store.heads().values()
        return row


async def capped_before(store: GatedStore) -> list[object]:
    """States of a job in each commit: published in one, reserved in the next for lack of room."""
    async with memory_engine(store) as engine:
        await publish(engine, "p")
        first, published, reserved = Box(), Box(), Box()
        async with store.closed():
            engine.submit(WHO, Publish("p", "t", b""), first)
            await settle()
            engine.submit(WHO, Publish("q", "t", b""), published)
            await settle()
            engine.submit(WHO, Reserve("q"), reserved)
            await settle()
        await reserved.wait_for(1)
        (taken,) = reserved.only.jobs
        tried = [changes.get(Table.HEADS, {}).get(taken.seq) for changes in store.tried]
        return [row[STATE] for row in tried if row is not None]


async def test_a_batch_that_crashed_leaves_no_trace_on_disk(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    row = await crashed_behind(FollowingStore())
    assert (row[PRIORITY], row[ATTEMPTS]) == (5, 0)


async def test_with_references_it_would(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with_references(monkeypatch)
    row = await crashed_behind(FollowingStore())
    assert row[ATTEMPTS] == 100


async def test_a_capped_commit_writes_each_step_as_it_ended(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "MOST_ROWS", 1)
    assert await capped_before(FollowingStore()) == [JobState.READY, JobState.RESERVED]


async def test_with_references_it_would_write_what_comes_later(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer, "MOST_ROWS", 1)
    with_references(monkeypatch)
    assert await capped_before(FollowingStore()) == [JobState.RESERVED, JobState.RESERVED]
