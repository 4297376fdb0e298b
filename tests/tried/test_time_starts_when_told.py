"""A lease begins when its grant is on disk: a slow disk gives no job to two workers at once."""

from itertools import pairwise

import pytest
import trio
from attrs import frozen
from trio.testing import MockClock

from engine.commands import Publish, PublishOptions, Subscribe
from engine.directory import Directory
from engine.job import JobPolicy
from engine.queue_actor import QueueActor
from engine.queue_state import Step
from engine.replies import OK, Pushed
from engine.testing import memory_engine
from tests.support.desk import WHO, Worker, ask
from tests.support.stores import GatedStore

LEASE, COMMIT = 1.0, 3.0


@frozen
class Held:
    """A worker had a job from its arrival until its lease ended, as the worker sees it."""

    since: float
    until: float


class Timing(Worker):
    """Notes when jobs come, and works on each for as long as the lease lasts."""

    def __init__(self, address: str, held: list[Held]) -> None:
        super().__init__(address)
        self.held = held

    def send(self, reply: object) -> None:
        super().send(reply)
        if isinstance(reply, Pushed):
            now = trio.current_time()
            self.held.append(Held(now, now + LEASE))


async def hold_in_turn(engine: Directory) -> list[Held]:
    """One job with a short lease, three silent workers, a minute."""
    held: list[Held] = []
    for number in range(3):
        worker = Timing(f"host:{number}", held)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
    options = PublishOptions(policy=JobPolicy(lease=LEASE, lapses_count=False))
    await ask(engine, Publish("q", "t", b"", options))
    await trio.sleep(60)
    return sorted(held, key=lambda one: one.since)


def overlaps(held: list[Held]) -> int:
    return sum(after.since < before.until for before, after in pairwise(held))


async def test_never_two_holders(autojump_clock: MockClock) -> None:
    async with memory_engine(GatedStore(delay=COMMIT)) as engine:
        held = await hold_in_turn(engine)
        assert len(held) >= 10
        assert overlaps(held) == 0


async def test_with_leases_from_the_grant_on_there_are(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = QueueActor._hand_over

    def told_at_once(self: QueueActor, step: Step) -> None:
        hand_over(self, step)
        self.state.durable(step.number, self._clock.now())

    monkeypatch.setattr(QueueActor, "_hand_over", told_at_once)
    async with memory_engine(GatedStore(delay=COMMIT)) as engine:
        assert overlaps(await hold_in_turn(engine)) > 0


@pytest.mark.parametrize("clock", ["lease", "run_limit", "grace"])
async def test_every_clock_of_a_grant_starts_then(autojump_clock: MockClock, clock: str) -> None:
    policy = {
        "lease": JobPolicy(lease=5.0),
        "run_limit": JobPolicy(run_limit=5.0, max_attempts=1),
        "grace": JobPolicy(),
    }[clock]
    store = GatedStore()
    async with memory_engine(store) as engine:
        worker = Worker(grace=5.0)
        assert await ask(engine, Subscribe("q"), worker.who) == OK
        published = await ask(engine, Publish("p", "t", b"", PublishOptions(policy=policy)))
        assert published is not None
        store.shut()
        box = worker.box
        engine.submit(WHO, Publish("q", "t", b"", PublishOptions(policy=policy)), box)
        await trio.sleep(20)
        assert box.got == []
        store.open()
        await box.wait_for(2)
        granted = trio.current_time()
        if clock == "grace":
            engine.gone(worker)
        state = engine.queues["g"]["q"].state
        await trio.sleep_until(granted + 4.9)
        assert state.counts[2] == 1
        await trio.sleep_until(granted + 5.1)
        assert all(
            one.reservation is None or one.reservation.since > granted
            for one in state.jobs.values()
        )
