"""Keeping queues alive: a crash drops one batch and begins anew from disk, within a budget."""

from collections import deque

import structlog
import trio

from engine.clock import Clock
from engine.committer import Committer
from engine.hydration import bring_details
from engine.queue_actor import QueueActor
from engine.queue_state import QueueState
from engine.store.protocol import JOBS, Store, Tenure
from engine.store.tables import Row, Table

log = structlog.get_logger(__name__)

WINDOW = 60.0
"""Seconds within which crashes are counted."""


class Supervisor:
    """Runs queue actors; no crash of one reaches another."""

    def __init__(
        self, store: Store, tenure: Tenure, committer: Committer, clock: Clock, crashes: int
    ) -> None:
        """Close a queue that crashes more than `crashes` times in a minute."""
        self._store = store
        self._tenure = tenure
        self._committer = committer
        self._clock = clock
        self._crashes = crashes

    async def run(self, actor: QueueActor) -> None:
        """Run one actor until it retires or is closed."""
        crashes: deque[float] = deque()
        while True:
            try:
                await actor.run()
            except Exception:
                log.exception("queue-crashed", group=actor.group, queue=actor.name)
            else:
                return
            actor.drop_batch()
            actor.stays_until = self._clock.now() + WINDOW
            now = trio.current_time()
            crashes.append(now)
            while crashes[0] <= now - WINDOW:
                crashes.popleft()
            if len(crashes) > self._crashes:
                log.error("queue-failed", group=actor.group, queue=actor.name, crashes=len(crashes))
                actor.close()
                return
            await self._reload(actor)

    async def _reload(self, actor: QueueActor) -> None:
        # Earlier steps first: what was acknowledged, or will be, must be in what is read.
        await self._committer.wait_durable()
        number = actor.on_disk
        rows: dict[int, list[Row]] = {}
        if number:
            async for table, chunk in self._store.load(self._tenure, number):
                rows.setdefault(table, []).extend(chunk)

        def load(state: QueueState) -> None:
            now = self._clock.now()
            for row in rows.get(Table.QUEUES, ()):
                state.load_queue(row)
            for row in rows.get(Table.RECURRENCES, ()):
                state.load_recurrence(row, now)
            state.load_jobs(rows.get(JOBS, ()), now)

        actor.rebuild(load)
        await bring_details(self._store, actor.state)
