"""One seed, played: load and faults, healing, the end of all work, a last kill, the verdict."""

import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import structlog
import trio

from engine.access import caller
from engine.commands import Describe, Pause, Publish, PublishOptions, Resume
from engine.directory import Directory
from engine.job import TERMINAL
from engine.replies import Published, QueueView
from jobyard.soak.guests import Hand, Onlooker, Sender
from jobyard.soak.history import Got, Publishing, Remaining, judge
from jobyard.soak.house import GROUP, POLICY, QUEUES, USER, House
from jobyard.soak.insiders import Insider
from jobyard.soak.keepers import CLOCK, Cleaner, Timekeeper
from jobyard.soak.meddler import Meddler
from jobyard.soak.outcome import Outcome, figures_of
from jobyard.soak.plan import Fault, plan
from jobyard.soak.publishers import Publisher
from jobyard.soak.rules import broken
from jobyard.soak.scheduling import run_virtual
from jobyard.soak.soundness import unsound
from jobyard.soak.story import Story
from jobyard.soak.vandals import Vandal
from jobyard.soak.workers import Worker

DRAINED_WITHIN: Final = 120.0
"""Virtual seconds after the last fault in which every job must come to an end."""
WAKES_WITHIN: Final = 4.0
"""The same for the probes: a second until the last is due, and a hand's work for each."""
LOOKS: Final = 0.25
ALL: Final = 1_000_000
EXPECTED: Final = frozenset({"storage-full", "storage-has-room"})
"""Words of the log that say nothing is wrong with the server."""


def simulate(seed: int, seconds: float, faults: Sequence[Fault] | None = None) -> Outcome:
    """Play a seed, with its own faults or with fewer of them."""
    planned = plan(seed, seconds) if faults is None else tuple(faults)
    logged: list[str] = []
    with _listening(logged):
        return run_virtual(partial(_Run(seed, seconds, planned, logged).play), seed)


class _Run:
    def __init__(
        self, seed: int, seconds: float, faults: tuple[Fault, ...], logged: list[str]
    ) -> None:
        self.seed = seed
        self.seconds = seconds
        self.faults = faults
        self.logged = logged
        self.story = Story()
        self.seen: list[str] = []
        """What was wrong with the books the first time it was."""
        self.house = House(seed, self.story.killed)

    async def play(self) -> Outcome:
        story, complaints = self.story, list[str]()
        try:
            with trio.move_on_after(self.seconds + 2 * DRAINED_WITHIN) as scope:
                async with self.house.open():
                    complaints += await self._acts()
            if scope.cancelled_caught:
                complaints.append("stuck: the end was never reached")
        except* Exception as crashed:  # noqa: BLE001 - a server that ends is what is looked for
            complaints.append(f"ended: {crashed!r}")
        planned = sum(fault.kind == "crash" for fault in self.faults)
        crashes = [line for line in self.logged if line.startswith("queue-crashed Planted(")]
        assert len(crashes) <= planned
        complaints += [f"log: {line}" for line in self.logged if line not in crashes]
        return Outcome(
            self.seed, self.faults, tuple(complaints), story.trace,
            figures_of(story.events, len(crashes)), trio.current_time(),
        )  # fmt: skip

    async def _acts(self) -> list[str]:
        house, story, seed = self.house, self.story, self.seed
        async with trio.open_nursery() as workers:
            workers.start_soon(self._look)
            for number in range(6):
                worker = Worker(house, story, seed, native=number % 3 > 0, good=number == 1)
                workers.start_soon(worker.run)
            async with trio.open_nursery() as others:
                for native in (False, True, True):
                    others.start_soon(Publisher(house, story, seed, native=native).run)
                others.start_soon(Meddler(house, story, seed).run)
                for guest in (
                    Sender(house, story, seed),
                    Hand(house, story, seed, "hand"),
                    Onlooker(house, story, seed, "onlooker"),
                    Cleaner(house, story, seed),
                    Timekeeper(house, story, seed),
                    Vandal(house, story, seed),
                    Insider(house, story),
                ):
                    others.start_soon(guest.run)
                for fault in self.faults:
                    await trio.sleep_until(fault.at)
                    house.strike(fault)
                await trio.sleep_until(self.seconds)
                house.heal()
                story.calm = True
            complaints = await self._drain()
            for delay in (0.0, 1.0):
                await self._probe(delay)
                complaints += await self._drain(WAKES_WITHIN)
            workers.cancel_scope.cancel()
        house.kill(0.0)
        return [*self.seen, *complaints, *await self._verdict()]

    async def _look(self) -> None:
        """The books are right at any time."""
        while not self.seen:
            await trio.sleep(LOOKS)
            if self.house.engine is not None:
                self.seen += _unsound(self.house.engine)

    async def _probe(self, delay: float) -> None:
        """All is quiet: only the queue itself can wake up for what comes due, or is resumed."""
        engine, who = await self.house.running(), caller(USER, GROUP)
        for queue in QUEUES:
            key, sent = self.story.name("probe"), trio.current_time()
            await engine.execute(who, Pause(queue))
            options = PublishOptions(delay=delay, policy=POLICY)
            reply = await engine.execute(who, Publish(queue, "", key.encode(), options))
            assert isinstance(reply, Published)
            self.story.note(Publishing(key, sent, trio.current_time(), reply.job, delay))
            await engine.execute(who, Resume(queue))

    async def _drain(self, within: float = DRAINED_WITHIN) -> list[str]:
        """Let every job come to its end."""
        engine = await self.house.running()
        for queue in QUEUES:
            await engine.execute(caller(USER, GROUP), Resume(queue))
        for _ in range(round(within / LOOKS)):
            await trio.sleep(LOOKS)
            unfinished = [
                f"stuck: {job.id} is {job.state.name}"
                for q in _states(engine)
                for job in q.jobs.values()
                if job.state not in TERMINAL
            ]
            if not unfinished:
                break
        await engine.committer.wait_durable()
        return [*unfinished, *_unsound(engine)]

    async def _verdict(self) -> list[str]:
        engine = await self.house.running()
        left: list[Remaining] = []
        for queue in engine.queues.get(GROUP, {}):
            if queue == CLOCK:
                continue
            view = await engine.execute(caller(USER, GROUP), Describe(queue, ALL))
            assert isinstance(view, QueueView), view
            for job in view.jobs or ():
                more = job.more
                counted = job.attempts + more.lapses + more.disconnects + more.releases
                key = "" if job.payload is None else job.payload.decode()
                left.append(Remaining(key, job.id, job.state.name.lower(), counted))
        story = self.story
        gone = {
            event.key
            for event in story.events
            if isinstance(event, Publishing) and event.job in story.removed
        }
        found = [
            f"{fault.kind} {fault.key}: {fault.why}"
            for fault in judge(story.events, left)
            if fault.kind != "lost" or fault.key not in gone
        ]
        found += broken(story, left, self.house.shifts)
        return [*found, *_reused(story), *_in_a_pause(story), *_unsound(engine)]


def _states(engine: Directory) -> list[Any]:
    return [actor.state for actor in engine.queues.get(GROUP, {}).values()]


def _unsound(engine: Directory) -> list[str]:
    return [f"unsound: {promise}" for promise in unsound(*_states(engine))]


def _reused(story: Story) -> Iterator[str]:
    """A reservation's number is given once."""
    seen: set[int] = set()
    for event in story.events:
        if isinstance(event, Got) and event.number is not None:
            if event.number in seen:
                yield f"reused: {event.job} was handed out under a number that was given before"
            seen.add(event.number)


def _in_a_pause(story: Story) -> Iterator[str]:
    for queue, since, until in story.pauses:
        for of, job, at in story.handed:
            if of == queue and since < at < until:
                yield f"paused: {job} was handed out while {queue} was paused"


@contextmanager
def _listening(logged: list[str]) -> Iterator[None]:
    """Keep what the log says instead of showing it."""

    def keep(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
        if event["event"] not in EXPECTED:
            crashed = sys.exc_info()[1] if event.get("exc_info") else None
            logged.append(f"{event['event']} {crashed!r}")
        raise structlog.DropEvent

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[keep])
    try:
        yield
    finally:
        structlog.configure(processors=before)
