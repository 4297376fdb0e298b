"""A whole engine on a disk in memory, one operation of which fails.

No time passes while a full disk is tried again, so an engine that went on leaves byte for byte
what one leaves that never met the fault.
"""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from pathlib import Path
from typing import Final
from unittest.mock import patch

import apsw
import trio
from attrs import define, field

from engine import committer
from engine.commands import Publish
from engine.directory import Directory
from engine.replies import Reply
from engine.store.database import Database
from engine.store.errors import StoreError
from engine.store.links import InlineLink
from engine.store.options import Options
from engine.store.protocol import StoreFull, Tenure
from engine.store.sqlite import SqliteStore
from engine.store.tables import Changes
from engine.testing import memory_engine
from jobyard.soak.scheduling import run_virtual
from tests.faults.script import STEPS, Play
from tests.powercut.disk import Disk, File
from tests.powercut.machine import NAME, Machine
from tests.support.desk import WHO, Box, settle

TABLES: Final = (
    "meta", "queues", "recurrences", "requests", "heads", "bodies", "details", "accounts", "audit",
)  # fmt: skip
OPTIONS: Final = Options(reserve=0, low_water=0)

Files = dict[str, File]
Rows = dict[str, list[tuple[object, ...]]]
"""By table."""


@define
class Course:
    """How a run went."""

    answered: int = 0
    """Steps of the script."""
    commits: int = 0
    """That the store acknowledged."""
    reached: list[int] = field(factory=list[int])
    """How many there were when each step was answered."""
    settled: list[int] = field(factory=list[int])
    """And when all that came of it was on disk."""
    ended_by: list[BaseException] = field(factory=list[BaseException])
    """Errors of the store that ended the engine."""
    refused: list[Reply] = field(factory=list[Reply])
    """What a publisher heard while the disk was full."""
    after_commit: Callable[[], None] = lambda: None


class WatchedStore(SqliteStore):
    """A store on the disk in memory that tells of its commits."""

    def __init__(self, database: Database, course: Course) -> None:
        super().__init__(InlineLink(database), Path(NAME), OPTIONS)
        self.no_room = trio.Event()
        self._course = course

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """Count it, or tell that there was no room."""
        try:
            await super().commit(tenure, changes)
        except StoreFull:
            self.no_room.set()
            raise
        self._course.commits += 1
        self._course.after_commit()


def formatted() -> Machine:
    """An empty store; operations are counted from now on."""
    machine = Machine()
    machine.format()
    machine.disk.operations = 0
    return machine


def plugged(files: Files) -> Machine:
    """A machine with a copy of that disk, which fails no more."""
    machine = Machine()
    machine.disk = Disk(files=deepcopy(files))
    return machine


def run(
    machine: Machine,
    course: Course,
    work: Callable[[Directory], Awaitable[None]],
    heal: Callable[[], None] | None = None,
) -> Course:
    """Start an engine, have it work, stop it; `heal` is called once it refused a publisher."""

    async def live() -> None:
        with machine.started() as database:
            store = WatchedStore(database, course)
            async with memory_engine(store) as engine, trio.open_nursery() as tasks:
                if heal is not None:
                    tasks.start_soon(_publish_in_vain, engine, store, course, heal)
                await work(engine)
                tasks.cancel_scope.cancel()

    try:
        with patch.object(committer, "RETRY_FULL", 0.0):
            run_virtual(live, seed=0)
    except* (StoreError, apsw.Error) as group:
        course.ended_by += leaves(group)
    return course


def leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """What really happened."""
    found: list[BaseException] = []
    for one in group.exceptions:
        found += leaves(one) if isinstance(one, BaseExceptionGroup) else [one]
    return found


def play(machine: Machine, course: Course, heal: Callable[[], None] | None = None) -> Course:
    """The script, to its end or the engine's."""

    async def work(engine: Directory) -> None:
        running = Play(engine)
        for step in STEPS:
            await step(running)
            course.answered += 1
            course.reached.append(course.commits)
            await engine.committer.wait_durable()
            course.settled.append(course.commits)

    return run(machine, course, work, heal)


async def _publish_in_vain(
    engine: Directory, store: WatchedStore, course: Course, heal: Callable[[], None]
) -> None:
    await store.no_room.wait()
    heard = Box()
    engine.submit(WHO, Publish("side", "t", b"no room"), heard)
    await settle()
    assert heard.got == [], "an answer overtook a commit that has no room"
    heal()
    await heard.wait_for(1)
    course.refused += heard.got


def rows_on(machine: Machine) -> Rows:
    """All there is on a disk, but for who owned it last."""
    with machine.connection() as connection:
        return {
            table: [
                row
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")
                if row[0] != "store.token"
            ]
            for table in TABLES
        }


def miscounted(machine: Machine) -> int:
    """Start an engine there: how many of its queues count otherwise than a recount does."""
    wrong = -1

    async def look(engine: Directory) -> None:
        nonlocal wrong
        await trio.lowlevel.checkpoint()
        states = [actor.state for actor in engine.actors()]
        wrong = sum(state.recount() != (state.counts, state.types) for state in states)

    run(machine, Course(), look)
    return wrong
