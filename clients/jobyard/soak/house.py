"""A whole server in one process: engine, sessions and their loop; killed and started as planned."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from itertools import count
from math import inf
from typing import Final

import trio
from attrs import evolve

from config.sections import Limits
from engine.access import MEMBER, Peer, Principal, Right
from engine.clock import Clock
from engine.commands import PublishOptions
from engine.directory import Directory, EngineSettings, run_engine
from engine.job import JobPolicy
from engine.queue_state import QueueState
from engine.retry import Backoff
from engine.source import seeded_source
from engine.store.protocol import Fenced, StoreFull
from engine.testing import START
from frontends.dialects.jobatator import Terms
from frontends.lines.line_settings import LineSettings
from frontends.lines.session import Session
from frontends.tcp.scheduler import Scheduler
from jobyard.soak.dice import dice_of
from jobyard.soak.disk import Disk
from jobyard.soak.doors import Doors, told
from jobyard.soak.pipe import Pipe
from jobyard.soak.plan import Fault
from jobyard.soak.wire import Wire

GROUP: Final = "yard"
QUEUES: Final = ("work", "mail", "side")
USER: Final = Principal("ada", {GROUP: MEMBER})
WORKER: Final = Principal("bob", {GROUP: MEMBER & ~Right.MANAGE})
"""By lines, who may manage overrides what is not theirs: no stale word could be told from it."""
LEASE: Final = 2.0
GRACE: Final = 0.5
LEARNS: Final = 0.1
"""Seconds, on average, until the server hears that a connection broke."""
SLOW: Final = 1.0
"""Seconds, at most, in which commits stand still before a kill."""
FULL_AGAIN: Final = 0.2
"""Seconds after which a server that found no room to start is started again."""
POLICY: Final = JobPolicy(lease=LEASE, max_attempts=50, backoff=Backoff.fixed(0.2))
LINES: Final = LineSettings(
    terms=Terms(options=PublishOptions(policy=POLICY)), policy=POLICY, grace=GRACE
)
ENGINE: Final = EngineSettings(grace=GRACE, stall=1.0, crashes=1_000)


class Planted(Exception):
    """A crash that was planned."""


def crashing(look: Callable[[str], None]) -> type[QueueState]:
    """A queue that looks whether to crash once it has done what was due."""

    class Crashing(QueueState):
        def advance(self, now: float) -> None:
            super().advance(now)
            look(self.name)

    return Crashing


class House:
    """The server, what can go wrong with it, and the `Door` of its sessions."""

    def __init__(self, seed: int, note_kill: Callable[[], None]) -> None:
        self.disk = Disk(dice_of(seed, "disk"))
        self.wires: list[Wire] = []
        self.engine: Directory | None = None
        self.kills = 0
        self.shifts: list[tuple[float, float]] = []
        """When the wall clock was set, and how far off it was from then on."""
        self._seed = seed
        self._dice = dice_of(seed, "house")
        # Connections are numbered over a process, and HELLO tells the number.
        self._lines = evolve(LINES, numbers=count(1))
        self._told = evolve(ENGINE, queue=crashing(self._crash_if_due))
        self._note_kill = note_kill
        self._jump = 0.0
        self._down = 0.0
        self._well = False
        self._crash, self._crash_at = "", 0.0
        self._life = trio.CancelScope()
        self._up = trio.Event()
        self._bell = trio.Event()
        self._scheduler: Scheduler
        self._doors: Doors
        self._callers: trio.Nursery
        self._tasks: trio.Nursery

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Serve until the end of the block, through every kill."""
        async with trio.open_nursery() as self._tasks:
            self._tasks.start_soon(self._serve)
            yield
            self._tasks.cancel_scope.cancel()

    async def running(self) -> Directory:
        """The engine, as soon as there is one."""
        while self.engine is None:
            await self._up.wait()
        return self.engine

    def connect(self, wire: Wire) -> bool:
        """Let a client in; False while nobody is there to do so."""
        engine = self.engine
        if engine is None:
            return False
        session = Session(
            self, engine, self._lines, wire.name, local=True, encrypted=False, now=engine.clock.now
        )
        wire.connect(self._scheduler, session)
        self.wires.append(wire)
        self._tasks.start_soon(self._carry, wire)
        return True

    def enter(self, pipe: Pipe, door: str) -> bool:
        """Let a client in through `http` or `rpc`; False while nobody is there to do so."""
        if self.engine is None:
            return False
        serve = self._doors.http if door == "http" else self._doors.rpc
        self.wires.append(pipe)
        self._callers.start_soon(serve, pipe)
        self._tasks.start_soon(self._carry, pipe)
        return True

    # -- what goes wrong -----------------------------------------------------------------------

    def strike(self, fault: Fault) -> None:
        """Have it happen now."""
        until = trio.current_time() + fault.length
        match fault.kind:
            case "kill":
                slow = fault.pick / 1_000 * SLOW
                self.disk.stalled_until = trio.current_time() + slow + 0.01
                self._tasks.start_soon(self._kill_after, slow, fault.length)
            case "crash":
                self.disk.stalled_until = until
                self._crash, self._crash_at = (
                    QUEUES[fault.pick % len(QUEUES)],
                    until - fault.length / 2,
                )
            case "full":
                self.disk.full_until = until
            case "stall":
                self.disk.stalled_until = until
            case "jump":
                self._set_clock(self._jump + fault.length)
            case "cut" if self.wires:
                self.wires[fault.pick % len(self.wires)].cut()
            case "hang" if self.wires:
                self.wires[fault.pick % len(self.wires)].hold(until)
            case _:
                pass

    def kill(self, down: float) -> None:
        """What is not on disk is gone; `down` seconds later the server starts again."""
        if self.engine is None:
            return
        self._note_kill()
        self.kills += 1
        self.engine = None
        self._up = trio.Event()
        self._down = down
        self.disk.kill()
        self._life.cancel()
        for wire in list(self.wires):
            wire.cut()

    async def _kill_after(self, slow: float, down: float) -> None:
        """What was told too soon was not written yet."""
        await trio.sleep(slow)
        if not self._well:
            self.kill(down)
            self.disk.stalled_until = 0.0

    def heal(self) -> None:
        """Nothing is wrong any more."""
        self._well = True
        self._crash = ""
        self._set_clock(0.0)
        self.disk.heal()
        for wire in self.wires:
            wire.hold(0.0)

    # -- the life of the server ----------------------------------------------------------------

    async def _serve(self) -> None:
        while True:
            self._life = trio.CancelScope()
            try:
                with self._life:
                    await self._live()
            except* Fenced:
                assert self.engine is None, "only a kill takes the store away"
            except* StoreFull:
                assert self.engine is None, "a full disk ends no server that runs"
                self._down = FULL_AGAIN
                self.disk.kill()
            await trio.sleep(self._down)

    async def _live(self) -> None:
        # Kept times are wall times: a server that starts by a wrong clock may well be early.
        self._set_clock(0.0)
        clock = Clock(lambda: START + trio.current_time() + self._jump)
        source = seeded_source(self._seed * 1_000 + self.kills)
        async with (
            run_engine(self.disk, self._told, source=source, clock=clock) as engine,
            trio.open_nursery() as self._callers,
        ):
            self._doors = Doors(engine, told(GROUP, USER.name, LEASE, GRACE))
            engine.committer.flushers.append(self._doors.flush)
            scheduler = self._scheduler = Scheduler(Limits(), engine.clock.now)
            scheduler.load.wake = self._wake
            engine.committer.flushers.append(scheduler.flush)
            self.engine = engine
            self._up.set()
            while True:
                with trio.move_on_at(clock.deadline(scheduler.alarms.next)):
                    await self._bell.wait()
                self._bell = trio.Event()
                scheduler.run_leftovers(inf)
                scheduler.alarms.ring(scheduler.now())
                scheduler.flush()

    async def _carry(self, wire: Wire) -> None:
        scheduler = self._scheduler
        await wire.run()
        self.wires.remove(wire)
        await trio.sleep(self._dice.expovariate(1 / LEARNS))
        if self.engine is not None and scheduler is self._scheduler:
            wire.drop()
            self._wake()

    def _set_clock(self, jump: float) -> None:
        self._jump = jump
        self.shifts.append((trio.current_time(), jump))

    def _wake(self) -> None:
        self._bell.set()

    def _crash_if_due(self, queue: str) -> None:
        if queue == self._crash and trio.current_time() >= self._crash_at:
            self._crash = ""
            raise Planted

    # -- the door of the sessions --------------------------------------------------------------

    def dirty(self, session: object) -> None:
        """Have what it says sent in the next flush."""
        self._scheduler.dirty(session)

    def start_login(
        self, _: object, name: str, __: bytes, then: Callable[[Principal | str], None]
    ) -> None:
        """Everybody is who they say."""
        then({USER.name: USER, WORKER.name: WORKER}.get(name, "invalid-creds"))

    def sessions(self) -> list[Peer]:
        """Nobody asks."""
        return []

    def groups(self) -> list[str]:
        """The one there is."""
        return [GROUP]

    def stop_server(self) -> None:
        """Nobody may."""
