"""Stores that are slow or fail as a test wants: the memory store behind a gate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from engine.store.memory import MemoryStore
from engine.store.protocol import NoMemory, StoreBroken, StoreFull, StoreStatistics, Tenure
from engine.store.tables import Changes, Key, Row, Table


class GatedStore(MemoryStore):
    """Commits take time: `delay` virtual seconds, or until the gate is open.

    `full` commits in a row find no space; with `broken`, the next commit's fate is unknown.
    """

    immediate = False

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(trio.current_time)
        self.delay = delay
        self.gate = trio.Event()
        self.gate.set()
        self.load_gate = trio.Event()
        self.load_gate.set()
        self.full = 0
        self.most = 1 << 30
        """Rows for which there is memory."""
        self.low = False
        self.broken = False
        self.loads = 0
        self.tried: list[dict[Table, dict[Key, Row | None]]] = []
        """What each commit was asked to write, as it was then."""
        self.kept = 0
        """Commits that succeeded."""
        self.waiting = 0
        """Commits that stand before the gate."""

    def shut(self) -> None:
        """Have commits wait from now on."""
        if self.gate.is_set():
            self.gate = trio.Event()

    def open(self) -> None:
        """Let them pass again."""
        self.gate.set()

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Nothing becomes durable in the block."""
        self.shut()
        try:
            yield
        finally:
            self.open()

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        self.tried.append({table: dict(rows) for table, rows in changes.items()})
        self.waiting += 1
        try:
            if self.delay:
                await trio.sleep(self.delay)
            await self.gate.wait()
        finally:
            self.waiting -= 1
        if self.full:
            self.full -= 1
            raise StoreFull("no space")
        if self.rows_tried[-1] > self.most:
            raise NoMemory("no memory")
        if self.broken:
            raise StoreBroken("the sync failed")
        super().commit_now(tenure, changes)
        self.kept += 1

    def commit_now(self, tenure: Tenure, changes: Changes) -> None:
        raise TypeError("this store is not immediate")

    async def load(
        self, tenure: Tenure, queue: int | None = None
    ) -> AsyncIterator[tuple[int, list[Row]]]:
        self.loads += 1
        await self.load_gate.wait()
        async for table, rows in super().load(tenure, queue):
            yield table, rows

    def statistics(self) -> StoreStatistics:
        return StoreStatistics("memory", "", "", 0, -1, self.kept, low=self.low)

    @property
    def rows_tried(self) -> list[int]:
        """How many rows each commit had."""
        return [sum(map(len, changes.values())) for changes in self.tried]

    def heads(self) -> dict[int, Row]:
        """What is durable of jobs, by seq."""
        rows = (row for row in self._tables[Table.HEADS].values() if row is not None)
        return {int(str(row[0])): row for row in rows}
