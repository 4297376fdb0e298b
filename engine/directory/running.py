"""A whole engine: store, committer, queues, clock, started and stopped in order."""

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from math import inf

import trio

from engine.clock import Clock
from engine.committer import Committer
from engine.directory.desk import Directory
from engine.directory.history import KEY as HISTORY
from engine.directory.office import FINGERPRINT
from engine.directory.settings import EngineSettings
from engine.history import History
from engine.hydration import bring_details
from engine.queue_actor import QueueActor
from engine.queue_state import Requests, Step, Storage
from engine.source import Source
from engine.store.protocol import JOBS, Store, StoreInUse, Tenure
from engine.store.tables import Key, Row, Table
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
    tenure = await store.acquire(SHARD, source.new_id(clock.now()), TTL)
    if tenure is None:
        raise StoreInUse("another server owns this store")
    source.start(tenure.token)
    storage = Storage(
        settings.resident, requests=Requests(settings.requests, settings.request_window)
    )
    committer = Committer(store, tenure, storage)
    supervisor = Supervisor(store, tenure, committer, clock, settings.crashes)
    async with trio.open_nursery() as inner, trio.open_nursery() as actors:
        directory = Directory(settings, source, clock, committer, storage)
        await _load(store, tenure, directory, source)
        storage.fingerprint = directory.fingerprint
        directory.begin(lambda actor: actors.start_soon(supervisor.run, actor))
        await inner.start(committer.run)
        inner.start_soon(directory.office.run)
        inner.start_soon(clock.watch, directory.tick)
        try:
            yield directory
        finally:
            if committer.runs and trio.current_effective_deadline() > -inf:
                with trio.CancelScope(shield=True):
                    await directory.stop()
            actors.cancel_scope.cancel()
            inner.cancel_scope.cancel()
    await store.release(tenure)


async def _load(store: Store, tenure: Tenure, directory: Directory, source: Source) -> None:
    """Fill every queue from disk. The collector rests meanwhile: a million jobs are no garbage.

    Only a server keeps them from it for good; in another's program it is as it was.
    """
    loading = _Loading(directory, source)
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        async for table, rows in store.load(tenure):
            if rows:
                loading.take(table, rows)
    finally:
        if was_enabled:
            gc.enable()
        if directory.settings.freeze_every:
            gc.freeze()
    for actor in loading.actors.values():
        await bring_details(store, actor.state)
        directory.loaded(actor)
    if loading.lost:
        directory.committer.hand_over(_Sweeper(), Step(0, loading.lost, []))
    key = directory.office.loaded(loading.audit)
    if key is not None:
        await store.commit(tenure, {Table.META: {FINGERPRINT: key}})


class _Sweeper:
    """Hands over what nobody owns, and wants to hear nothing of it."""

    def committed(self, step: Step) -> None:
        """It is gone."""


class _Loading:
    """Rows on their way into queues."""

    def __init__(self, directory: Directory, source: Source) -> None:
        self.actors: dict[int, QueueActor] = {}
        self.audit: list[Row] = []
        self.lost: dict[Table, dict[Key, Row | None]] = {}
        self._directory = directory
        self._source = source

    def take(self, table: int, rows: list[Row]) -> None:
        """One chunk."""
        now = self._directory.clock.now()
        match table:
            case Table.META:
                self._meta(rows)
            case Table.QUEUES:
                self._queues(rows)
            case Table.RECURRENCES:
                for row in rows:
                    self._of(row).state.load_recurrence(row, now)
            case Table.REQUESTS:
                for row in rows:
                    self._directory.remember(row)
            case Table.ACCOUNTS:
                self._directory.office.load(rows)
            case Table.AUDIT:
                self.audit += rows
            case _:
                assert table == JOBS
                self._jobs(rows, now)

    def _meta(self, rows: list[Row]) -> None:
        for key, value in rows:
            if key == "recurrence" and isinstance(value, int):
                self._source.recurrence = value
            elif key == FINGERPRINT and isinstance(value, bytes):
                self._directory.office.load_key(value)
            elif key == HISTORY and isinstance(value, bytes):
                self._directory.history = History.unpack(value)

    def _queues(self, rows: list[Row]) -> None:
        for row in rows:
            number, group, name = row[:3]
            assert isinstance(number, int)
            actor = self.actors[number] = self._directory.add(str(group), str(name))
            actor.state.load_queue(row)
            self._source.queue = max(self._source.queue, number)

    def _jobs(self, rows: list[Row], now: float) -> None:
        grace = self._directory.settings.grace
        at = 0
        while at < len(rows):  # runs of one queue, mostly the whole chunk
            queue = rows[at][1]
            end = at + 1
            while end < len(rows) and rows[end][1] == queue:
                end += 1
            actor = self.actors.get(_queue(rows[at]))
            if actor is None:
                self._lose(rows[at:end])
            else:
                actor.state.load_jobs(rows[at:end], now, grace)
            at = end
        last = rows[-1][0]
        assert isinstance(last, int)
        self._source.seq = max(self._source.seq, last)

    def _lose(self, rows: list[Row]) -> None:
        """Jobs that were given to a queue that was deleted before it wrote them."""
        for row in rows:
            self._source.queue = max(self._source.queue, _queue(row))
            for table in (Table.HEADS, Table.BODIES, Table.DETAILS):
                assert isinstance(row[0], int)
                self.lost.setdefault(table, {})[row[0]] = None

    def _of(self, row: Row) -> QueueActor:
        return self.actors[_queue(row)]


def _queue(row: Row) -> int:
    number = row[1]
    assert isinstance(number, int)
    return number
