"""Payloads in memory: counted over all queues as they come and go, bounded after a start too."""

import random
from collections.abc import Iterator
from typing import Any, Final, Literal

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine import commands as c
from engine.directory import Directory
from engine.job import JobPolicy, JobState
from engine.queue_state import QueueLimits
from engine.replies import Granted, PublishedMany, Refused
from engine.retry import Backoff
from engine.testing import memory_engine
from tests.support.desk import ask, publish, reserve
from tests.support.faults import crash, crash_anew, plant
from tests.support.stores import GatedStore

RESIDENT: Final = 100
QUEUES: Final = ("a", "b", "c")
STATES: Final[list[Literal["ready", "reserved", "done", "failed"]]] = [
    "ready", "reserved", "done", "failed"
]  # fmt: skip
POLICY: Final = JobPolicy(
    lease=1.0, max_attempts=2, backoff=Backoff.fixed(0.2), keep_done=2.0, keep_failed=2.0
)


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    plant(monkeypatch)
    with capture_logs():
        yield


def in_memory(engine: Directory) -> int:
    """Bytes of payloads that the queues have in hand; compared with what they count."""
    states = [actor.state for actor in engine.actors()]
    found = sum(len(job.payload or b"") for q in states for job in q.jobs.values())
    assert all(q.storage.used == found for q in states)
    return found


async def test_the_bound_holds_after_a_start(autojump_clock: MockClock) -> None:
    store = GatedStore()
    payloads = [bytes([number]) * 40 for number in range(10)]
    async with memory_engine(store, resident=RESIDENT) as engine:
        for payload in payloads:
            await publish(engine, payload=payload)
        before = in_memory(engine)
    async with memory_engine(store, resident=RESIDENT) as engine:
        assert in_memory(engine) == before <= RESIDENT
        assert [job.payload for job in await reserve(engine, limit=10)] == payloads


async def test_the_bound_holds_after_a_crash(autojump_clock: MockClock) -> None:
    async with memory_engine(GatedStore(), resident=RESIDENT) as engine:
        for number in range(10):
            await publish(engine, payload=bytes([number]) * 40)
        before = in_memory(engine)
        assert isinstance(await ask(engine, crash()), Refused)
        await ask(engine, c.Counts("q"))
        assert in_memory(engine) == before <= RESIDENT


class Dice:
    """Whatever brings a payload into memory or takes it away, in any order."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.jobs = ["nobody's"]
        self.held: list[tuple[str, str | None]] = [("nobody's", None)]
        self.adopted = 0

    def throw(self) -> object:
        """A command."""
        dice = self.dice
        queue, job, payload = dice.choice(QUEUES), dice.choice(self.jobs), bytes(dice.randrange(60))
        held, reservation = dice.choice(self.held)
        options = c.PublishOptions(
            delay=dice.choice((0.0, 0.3)), time_to_live=dice.choice((None, 1.0)),
            unique_key=dice.choice(("", "", "same")), policy=POLICY,
        )  # fmt: skip
        publishing = c.PublishMany(queue, (c.NewJob("t", payload, options),) * dice.randrange(1, 3))
        self.adopted += 1
        state = dice.choice(list(JobState))
        old = c.AdoptedJob(f"old-{self.adopted}", "t", payload, state, 1.0, 2.0)
        return dice.choice((
            *(publishing,) * 4,
            c.Move(job, queue),
            c.Move(job, queue),
            c.Edit(job, payload=payload),
            dice.choice((c.Cancel, c.Reset, c.Delete))(job),
            c.WriteStatus(queue, job, dice.choice(STATES), payload),
            c.Override(job, dice.choice(STATES)),
            c.Reserve(queue, limit=2),
            c.Adopt(queue, (old,)),
            c.SetRecurrence(queue, "tick", "@every 1s", payload),
            c.Fail(held, reservation, to_tail=True),
            dice.choice((c.Purge, c.DeleteQueue))(queue),
            dice.choice((crash, crash_anew))(queue),
        ))  # fmt: skip

    def remember(self, reply: Any) -> None:
        """Of whom an answer speaks."""
        if isinstance(reply, Granted):
            self.held += [(view.id, view.reservation) for view in reply.jobs]
        elif isinstance(reply, PublishedMany):
            self.jobs += [one.job for one in reply.jobs]

    async def play(self, engine: Directory, commands: int) -> None:
        """Throw so often, some at once, and compare all the time."""

        async def one() -> None:
            self.remember(await ask(engine, self.throw()))

        async with trio.open_nursery() as nursery:
            for number in range(commands):
                nursery.start_soon(one)
                if number % 3 == 0:
                    await trio.sleep(self.dice.expovariate(20))
                in_memory(engine)
        await trio.sleep(5)
        in_memory(engine)


@pytest.mark.parametrize("resident", [RESIDENT, 2**30])
@pytest.mark.parametrize("seed", range(5))
async def test_the_count_is_a_recount_whatever_happens(
    autojump_clock: MockClock, seed: int, resident: int
) -> None:
    store, dice, limits = GatedStore(0.01), Dice(seed), QueueLimits(keep_done_count=4)
    most = 0
    for _ in range(2):
        async with memory_engine(store, resident=resident, limits=limits, crashes=1_000) as engine:
            await dice.play(engine, 150)
            most = max(most, in_memory(engine))
    assert most > 0
