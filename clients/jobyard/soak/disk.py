"""A store whose commits take time, find no space, or end with the server that asked for them."""

import random
from typing import Final

import trio

from engine.store.memory import MemoryStore
from engine.store.protocol import Fenced, StoreFull, StoreStatistics, Tenure
from engine.store.tables import Changes

COMMIT: Final = 0.004
"""Seconds a commit takes, on average."""


class Disk(MemoryStore):
    """What a commit that ended has written stays; a kill loses all else."""

    immediate = False

    def __init__(self, dice: random.Random) -> None:
        super().__init__(trio.current_time)
        self.stalled_until = 0.0
        self.full_until = 0.0
        self._dice = dice
        self._killed = trio.Event()

    def kill(self) -> None:
        """Whoever writes now is no more: what is under way is lost, unless it just came through."""
        self._tenures.release(self._tenures.token)
        self._killed.set()
        self._killed = trio.Event()

    def heal(self) -> None:
        """From now on there is room, and nothing stands still."""
        self.stalled_until = self.full_until = 0.0

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """Durable somewhere in the middle of the time it takes."""
        killed = self._killed
        rows = {table: dict(of_table) for table, of_table in changes.items()}
        await self._spend(killed)
        if trio.current_time() < self.full_until:
            raise StoreFull("no space")
        self.commit_now(tenure, rows)
        await self._spend(killed)

    async def _spend(self, killed: trio.Event) -> None:
        end = trio.current_time() + self._dice.expovariate(2 / COMMIT)
        while not killed.is_set() and (end := max(end, self.stalled_until)) > trio.current_time():
            with trio.move_on_at(end):
                await killed.wait()
        if killed.is_set():
            raise Fenced("the server was killed")

    def statistics(self) -> StoreStatistics:
        """There is nothing to say about space."""
        return StoreStatistics("memory", "", "", 0, -1, self._commits)
