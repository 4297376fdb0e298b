"""Bulk work and many alarms at once go in slices: bounded steps, nothing forgotten between them."""

from typing import Any

import pytest

from engine import commands as c
from engine.access import caller
from engine.commands import NewJob, PublishOptions
from engine.job import JobState
from engine.queue_state import MOST_CHANGES, QueueState, Step
from engine.replies import Granted, Ok, Pushed
from engine.source import Source
from tests.model.addresses import Address, FakePeer
from tests.model.alike import sound
from tests.model.values import ADA, CALLS

MANY = 2 * MOST_CHANGES + 500
NOW = 1_700_000_000.0
Q = "q"


class Sliced:
    """A queue with many jobs, whose steps are all looked at."""

    def __init__(self) -> None:
        self.real = QueueState("g", Q, Source())
        self.steps: list[Step] = []
        self.sizes: list[int] = []

    def tell(self, command: Any, now: float = NOW) -> Address:
        address = Address()
        self.real.handle(command, CALLS[0], address, now)
        self.end_step(now)
        return address

    def end_step(self, now: float) -> None:
        step = self.real.take_step()
        rows = {(table, key) for table, kept in step.changes.items() for key in kept}
        self.sizes.append(len({key for _, key in rows}))
        for to, reply in step.letters:
            to.send(reply)
        self.real.durable(step.number, now)

    def run(self, now: float) -> int:
        """Go on until nothing is due: how many steps it took."""
        count = 0
        while self.real.next_wake() <= now:
            self.real.advance(now)
            self.end_step(now)
            count += 1
            assert count < 100
        return count

    def publish(self, count: int, **options: Any) -> None:
        new = NewJob("a", b"x", PublishOptions(**options))
        for _ in range(0, count, 500):
            self.tell(c.PublishMany(Q, (new,) * 500))
        self.sizes.clear()


@pytest.fixture
def sliced() -> Sliced:
    return Sliced()


def test_a_purge_of_many_goes_in_bounded_steps_and_is_answered_once(sliced: Sliced) -> None:
    sliced.publish(MANY)
    address = sliced.tell(c.Purge(Q))
    assert address.answers == []
    between = sliced.tell(c.Publish(Q, "a", b"between"))
    sliced.run(NOW)
    assert address.answers == [Ok()]
    assert len(between.answers) == 1
    assert max(sliced.sizes) <= MOST_CHANGES
    assert len(sliced.sizes) >= 3
    assert len(sliced.real.jobs) <= 1
    sound(sliced.real)


def test_many_delays_that_end_at_once_end_in_bounded_steps(sliced: Sliced) -> None:
    sliced.publish(MANY, delay=5.0)
    assert sliced.real.next_wake() == NOW + 5.0
    assert sliced.run(NOW + 5.0) >= 3
    assert sliced.real.counts[JobState.READY] == MANY
    assert max(sliced.sizes) <= MOST_CHANGES
    sound(sliced.real)


def test_many_that_expire_at_once_expire_in_bounded_steps(sliced: Sliced) -> None:
    sliced.publish(MANY, time_to_live=5.0)
    sliced.run(NOW + 5.0)
    assert sliced.real.counts[JobState.EXPIRED] == MANY
    assert max(sliced.sizes) <= MOST_CHANGES
    sound(sliced.real)


def test_many_waiters_are_served_over_several_steps(sliced: Sliced) -> None:
    waiting = [sliced.tell(c.Reserve(Q, wait=60.0)) for _ in range(MANY)]
    sliced.sizes.clear()
    new = NewJob("a", b"x")
    for _ in range(0, MANY, 1000):
        sliced.tell(c.PublishMany(Q, (new,) * 1000))
    sliced.run(NOW)
    assert all(len(one.answers) == 1 for one in waiting)
    assert max(sliced.sizes) <= MOST_CHANGES + 1000, "a bulk and what it sets off"
    sound(sliced.real)


def test_an_alarm_for_many_serves_those_who_wait(sliced: Sliced) -> None:
    sliced.publish(MANY, delay=5.0)
    waiting = [sliced.tell(c.Reserve(Q, wait=60.0)) for _ in range(MANY)]
    sliced.run(NOW + 5.0)
    granted = [one.answers[0] for one in waiting]
    assert all(isinstance(reply, Granted) and len(reply.jobs) == 1 for reply in granted)
    seqs = [reply.jobs[0].seq for reply in granted]
    assert seqs == sorted(seqs), "the first in line gets the first job"


def test_retrying_many_now_loses_nobody(sliced: Sliced) -> None:
    sliced.publish(MANY)
    while jobs := sliced.tell(c.Reserve(Q, limit=1000)).answers[0].jobs:
        for job in jobs:
            sliced.tell(c.Fail(job.id, job.reservation, delay=3600.0))
    sliced.sizes.clear()
    address = sliced.tell(c.RetryNow(Q))
    sliced.run(NOW)
    assert address.answers == [Ok()]
    assert sliced.real.counts[JobState.READY] == MANY
    assert max(sliced.sizes) <= MOST_CHANGES
    sound(sliced.real)


def test_a_worker_with_much_credit_is_pushed_what_a_purge_leaves(sliced: Sliced) -> None:
    peer = FakePeer("ada", "host:1", 0.0)
    sliced.publish(MANY)
    purge = sliced.tell(c.Purge(Q))
    address = Address()
    sliced.real.handle(c.Subscribe(Q, credit=1000), caller(ADA, "g", peer), address, NOW)
    step = sliced.real.take_step()
    pushed = [reply.job.id for _, reply in step.letters if isinstance(reply, Pushed)]
    assert len(pushed) == len(set(pushed)) <= 1000
    sliced.real.durable(step.number, NOW)
    sliced.run(NOW)
    assert purge.answers == [Ok()]
    sound(sliced.real)
