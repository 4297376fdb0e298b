"""A whole engine: store, committer, queues, clock, started and stopped in order."""

import gc
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import trio

from engine.clock import Clock
from engine.committer import Committer
from engine.directory.desk import Directory, EngineSettings
from engine.queue_actor import QueueActor
from engine.queue_state import Storage
from engine.source import Source
from engine.store.protocol import JOBS, Store, StoreInUse, Tenure
from engine.store.tables import Row, Table
from engine.supervisor import Supervisor

SHARD = 0
"""The memory and SQLite stores have one."""
TTL = 60.0
"""Seconds a tenure lives; the file lock makes renewing it a formality."""


@asynccontextmanager
async def run_engine(
    store: Store,
    settings: EngineSettings | None = None,
    *,
    source: Source | None = None,
    clock: Clock | None = None,
) -> AsyncGenerator[Directory]:
    """An engine on an open store; at the end everything is durable and every task is gone.

    Raises:
        StoreInUse: somebody else's tenure lives.
        StoreError: loading or a commit failed.
    """
    settings = settings or EngineSettings()
    clock = clock or Clock()
    source = source or Source()
    tenure = await store.acquire(SHARD, f"boot-{source.boot}", TTL)
    if tenure is None:
        raise StoreInUse("another server owns this store")
    source.start(tenure.token)
    storage = Storage(limit=settings.resident)
    committer = Committer(store, tenure, storage)
    supervisor = Supervisor(store, tenure, committer, clock, settings.crashes)
    async with trio.open_nursery() as inner, trio.open_nursery() as actors:
        waiting: list[QueueActor] = []
        start: list[Callable[[QueueActor], None]] = [waiting.append]
        directory = Directory(
            settings, source, clock, committer, storage, lambda actor: start[0](actor)
        )
        await _load(store, tenure, directory, source)
        start[0] = lambda actor: actors.start_soon(supervisor.run, actor)
        for actor in waiting:
            actors.start_soon(supervisor.run, actor)
        inner.start_soon(committer.run)
        inner.start_soon(clock.watch, directory.tick)
        try:
            yield directory
        finally:
            with trio.CancelScope(shield=True):
                await directory.stop()
            actors.cancel_scope.cancel()
            inner.cancel_scope.cancel()
    await store.release(tenure)


async def _load(store: Store, tenure: Tenure, directory: Directory, source: Source) -> None:
    """Fill every queue from disk. The collector rests meanwhile: a million jobs are no garbage."""
    by_number: dict[int, QueueActor] = {}
    clock, grace = directory.clock, directory.settings.grace
    gc.disable()
    try:
        async for table, rows in store.load(tenure):
            now = clock.now()
            if table == Table.META:
                _load_meta(rows, source)
            elif table == Table.QUEUES:
                for row in rows:
                    number, group, name = row[0], row[1], row[2]
                    assert isinstance(number, int)
                    actor = directory.add(str(group), str(name))
                    actor.state.load_queue(row)
                    by_number[number] = actor
                    source.queue = max(source.queue, number)
            elif table == Table.RECURRENCES:
                for row in rows:
                    _of(by_number, row).state.load_recurrence(row, now)
            elif table == Table.REQUESTS:
                for row in rows:
                    _of(by_number, row).state.load_request(row)
            elif table == JOBS:
                _load_jobs(rows, by_number, now, grace)
                source.seq = max(source.seq, _seq(rows[-1]))
    finally:
        gc.enable()
        gc.freeze()
    for actor in by_number.values():
        directory.loaded(actor)


def _load_jobs(rows: list[Row], by_number: dict[int, QueueActor], now: float, grace: float) -> None:
    at = 0
    while at < len(rows):  # runs of one queue, mostly the whole chunk
        queue = rows[at][1]
        end = at + 1
        while end < len(rows) and rows[end][1] == queue:
            end += 1
        _of(by_number, rows[at]).state.load_jobs(rows[at:end], now, grace)
        at = end


def _of(by_number: dict[int, QueueActor], row: Row) -> QueueActor:
    number = row[1]
    assert isinstance(number, int)
    return by_number[number]


def _seq(row: Row) -> int:
    seq = row[0]
    assert isinstance(seq, int)
    return seq


def _load_meta(rows: list[Row], source: Source) -> None:
    for key, value in rows:
        if key == "recurrence" and isinstance(value, int):
            source.recurrence = value
