"""Output commit: what queues decided becomes durable, and only then do its letters leave.

Steps of all queues are committed together: what was handed over while the last commit ran. A
commit takes whole steps; it is never cancelled, and whoever waits is woken once a batch.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
import trio
from attrs import define

from engine.events import Event
from engine.figures import SHORT, SIZES, Histogram
from engine.hydration import SHOWING, fill, missing_in
from engine.mailbox import Backlog
from engine.queue_state import Step, Storage
from engine.replies import Code, Refused, Reply, ReplyTo
from engine.store.protocol import NoMemory, Store, StoreFull, Tenure
from engine.store.tables import Key, Row, Table

log = structlog.get_logger(__name__)

MOST_ROWS = 20_000
"""Rows after which a commit takes no further step."""
RETRY_FULL = 0.2
"""Seconds between two tries to commit to a full disk."""

MOST_UNFLUSHED = 64
"""Steps of an immediate store whose letters wait for one flush."""

FULL = Refused(Code.STORAGE_FULL)
Letters = list[tuple[ReplyTo, Reply]]


class Author(Protocol):
    """Who hands a step over, and what it is told afterwards."""

    def committed(self, step: Step) -> None:
        """The step is on disk, and its letters are sent."""


@define
class HandOver:
    """One step on its way to disk."""

    author: Author | None
    step: Step | None
    letters: Letters
    at: float


class Committer:
    """The only way out of the engine."""

    def __init__(self, store: Store, tenure: Tenure, storage: Storage) -> None:
        """Commit under `tenure`."""
        self.store = store
        self._tenure = tenure
        self._storage = storage
        self._waiting: list[HandOver] = []
        self._running: list[HandOver] = []
        self._bell = trio.Event()
        self._room = trio.Event()
        self._handed = 0
        self._settled = 0
        self.flushers: list[Callable[[], None]] = []
        """Called after each batch of letters: connections write once a batch."""
        self.on_room: Callable[[], None] = _nothing
        """Called when publishing is possible again."""
        self.on_events: Callable[[Sequence[Event]], None] = _nobody
        """Told what happened, after the letters of the step it happened in."""
        self.runs = False
        """Whether handing over leads to anything."""
        self.backlog = Backlog()
        """Mailboxes of the queues whose steps come here."""
        self._unflushed = 0
        self.commits = 0
        self.commit_seconds = Histogram(SHORT)
        self.batch_steps = Histogram(SIZES)

    # -- handing over --------------------------------------------------------------------------

    def hand_over(self, author: Author, step: Step) -> None:
        """Take a step; does not wait. With an immediate store it is durable on return."""
        if self.store.immediate:
            if step.changes:
                self.store.commit_now(self._tenure, step.changes)
                self.commits += 1
                step.changes = {}
            if not self._waiting and not self._running and self._deliver(author, step):
                return
        self._waiting.append(HandOver(author, step, step.letters, trio.current_time()))
        self._handed += 1
        self._bell.set()

    def answer(self, to: ReplyTo, reply: Reply) -> None:
        """Send an answer that rests on jobs but on no step: after whatever it could have seen."""
        if self._waiting or self._running:
            self._waiting.append(HandOver(None, None, [(to, reply)], trio.current_time()))
            self._handed += 1
            self._bell.set()
        else:
            _send(to, reply)
            self.flush()

    @property
    def refusing(self) -> bool:
        """Nothing can be published: the disk is full or nearly."""
        return self._storage.refusing is not None

    def stalled(self) -> float:
        """Seconds the oldest step has waited to be durable; 0: none waits."""
        oldest = self.oldest()
        return 0.0 if oldest is None else trio.current_time() - oldest

    def oldest(self) -> float | None:
        """When the oldest step that is not durable was handed over, on trio's clock."""
        for waiting in (self._running, self._waiting):
            if waiting:
                return waiting[0].at
        return None

    async def wait_for_room(self) -> None:
        """Return when the commit that runs is over."""
        await self._room.wait()

    async def wait_durable(self) -> None:
        """Return when everything handed over so far is durable and sent."""
        ticket = self._handed
        while self._settled < ticket:
            await self._room.wait()

    # -- committing ----------------------------------------------------------------------------

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Commit for ever; a store that fails ends the run with its error."""
        self.runs = True
        task_status.started()
        try:
            while True:
                if not self._waiting:
                    await self._wait()
                with trio.CancelScope(shield=True):
                    await self._commit_once()
        finally:
            self.runs = False

    async def _wait(self) -> None:
        self._bell = trio.Event()
        while self._storage.refusing is not None and not self._bell.is_set():
            with trio.move_on_after(RETRY_FULL):
                await self._bell.wait()
            self._watch_room()
        await self._bell.wait()

    async def _commit_once(self) -> None:
        batch = self._running = self._take()
        changes = _join(batch)
        if changes:
            began = trio.current_time()
            while not await self._commit(changes):
                batch = self._halve(batch)
                changes = _join(batch)
            self.commit_seconds.note(trio.current_time() - began)
            self.batch_steps.note(len(batch))
        await self._fill(batch)
        for over in batch:
            for to, reply in over.letters:
                _send(to, reply)
            if over.author is not None and over.step is not None:
                over.author.committed(over.step)
                if over.step.events:
                    self.on_events(over.step.events)
        self.flush()
        self._running = []
        self._settled += len(batch)
        self._room.set()
        self._room = trio.Event()

    def _take(self) -> list[HandOver]:
        waiting = self._waiting
        if self.store.immediate:
            self._waiting = []
            return waiting
        rows = 0
        for count, over in enumerate(waiting, 1):
            if over.step is not None:
                rows += sum(map(len, over.step.changes.values()))
                if rows > MOST_ROWS:
                    self._waiting = waiting[count:]
                    return waiting[:count]
        self._waiting = []
        return waiting

    async def _commit(self, changes: dict[Table, dict[Key, Row | None]]) -> bool:
        """Commit as soon as there is room; False: try less at once, for want of memory."""
        while True:
            try:
                await self.store.commit(self._tenure, changes)
            except StoreFull as full:
                if self._storage.refusing is None:
                    log.error(full.code, error=str(full))  # noqa: TRY400 - expected
                self._storage.refusing = FULL
                await trio.sleep(RETRY_FULL)
                if isinstance(full, NoMemory):
                    return False
            else:
                break
        self.commits += 1
        self._watch_room()
        return True

    def _halve(self, batch: list[HandOver]) -> list[HandOver]:
        """Leave the later half of the steps to the next commit."""
        half = (len(batch) + 1) // 2
        self._waiting[:0] = batch[half:]
        self._running = batch[:half]
        return self._running

    def _watch_room(self) -> None:
        low = self.store.low
        if low and self._storage.refusing is None:
            log.warning("storage-low", free=self.store.statistics().free)
            self._storage.refusing = FULL
        elif not low and self._storage.refusing is not None:
            log.info("storage-has-room", free=self.store.statistics().free)
            self._storage.refusing = None
            self.on_room()

    # -- delivering ----------------------------------------------------------------------------

    def _deliver(self, author: Author, step: Step) -> bool:
        if step.lacking and any(
            type(reply) in SHOWING and missing_in(reply) for _, reply in step.letters
        ):
            return False
        for to, reply in step.letters:
            _send(to, reply)
        author.committed(step)
        if step.events:
            self.on_events(step.events)
        self._unflushed += 1
        return True

    async def _fill(self, batch: list[HandOver]) -> None:
        found = [
            missing
            for over in batch
            if over.step is None or over.step.lacking
            for _, reply in over.letters
            if type(reply) in SHOWING and (missing := missing_in(reply))
        ]
        if found:
            await fill(self.store, [view for views in found for view in views])

    def flush_at_leisure(self) -> None:
        """Flush once the last queue that has something to do has done it, or enough has come up.

        Written one by one, answers cost a wake-up of their reader each.
        """
        if self._unflushed and (not self.backlog.mailboxes or self._unflushed >= MOST_UNFLUSHED):
            self.flush()

    def flush(self) -> None:
        """Have connections write what they got."""
        self._unflushed = 0
        for flush in self.flushers:
            flush()


def _join(batch: list[HandOver]) -> dict[Table, dict[Key, Row | None]]:
    steps = [over.step for over in batch if over.step is not None and over.step.changes]
    if len(steps) == 1:
        return steps[0].changes
    changes: dict[Table, dict[Key, Row | None]] = {}
    for step in steps:
        for table, rows in step.changes.items():
            changes.setdefault(table, {}).update(rows)
    return changes


def _send(to: ReplyTo, reply: Reply) -> None:
    try:
        to.send(reply)
    except Exception:
        # An address that breaks its promise must not take everybody's letters with it.
        log.exception("letter-lost", reply=type(reply).__name__)


def _nothing() -> None:
    pass


def _nobody(events: Sequence[Event]) -> None:
    del events
