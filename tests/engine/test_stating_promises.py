"""Writes of states among everything else: what is promised of other commands still holds."""

import random
from typing import Any

import pytest
from attrs import define, field
from trio.testing import MockClock

from engine.commands import (
    Done,
    Fail,
    Publish,
    PublishOptions,
    Release,
    Reserve,
    Reset,
    WriteStatus,
)
from engine.directory import Directory
from engine.job import JobPolicy, JobState
from engine.replies import OK, Code, Granted, JobView, Published, Refused
from engine.testing import memory_engine
from tests.support.desk import ask, look

STEPS = 400
STATES: tuple[Any, ...] = ("ready", "reserved", "done", "failed", None)
KEPT = PublishOptions(policy=JobPolicy(lease=1e6, max_attempts=None, keep_done=1e6))


@define
class Seen:
    """What a test knows of one job."""

    live: str | None = None
    """The reservation that counts."""
    stale: list[str] = field(factory=list[str])
    brought_back: int = 0

    def ended(self) -> None:
        if self.live is not None:
            self.stale.append(self.live)
        self.live = None


@define
class Mixture:
    """Random commands; each answer is held against what the ones before it allow."""

    engine: Directory
    draw: random.Random
    jobs: dict[str, Seen] = field(factory=dict[str, Seen])

    async def step(self) -> None:
        await self.draw.choice((self.publish, self.take, self.end, self.say_stale, self.write))()

    async def publish(self) -> None:
        reply = await ask(self.engine, Publish("q", "t", b"", KEPT))
        assert isinstance(reply, Published)
        self.jobs[reply.job] = Seen()

    async def take(self) -> None:
        reply = await ask(self.engine, Reserve("q"))
        assert isinstance(reply, Granted)
        for job in reply.jobs:
            seen = self.jobs[job.id]
            assert seen.live is None, "one holder at a time"
            assert job.reservation not in seen.stale, "no reservation twice"
            seen.live = job.reservation

    async def end(self) -> None:
        held = [(job, seen) for job, seen in self.jobs.items() if seen.live is not None]
        if held:
            job, seen = self.draw.choice(held)
            word: Any = self.draw.choice((Done, Fail, Release))
            assert await ask(self.engine, word(job, seen.live)) == OK
            seen.ended()

    async def say_stale(self) -> None:
        old = [(job, seen) for job, seen in self.jobs.items() if seen.stale]
        if old:
            job, seen = self.draw.choice(old)
            before = await look(self.engine, job)
            word: Any = self.draw.choice((Done, Fail, Release))
            reply = await ask(self.engine, word(job, self.draw.choice(seen.stale)))
            assert reply == Refused(Code.RESERVATION_LOST)
            assert await look(self.engine, job) == before

    async def write(self) -> None:
        if not self.jobs:
            return
        job, seen = self.draw.choice(list(self.jobs.items()))
        state = self.draw.choice(STATES)
        before = await look(self.engine, job)
        if state is None and before.state in {JobState.DONE, JobState.FAILED}:
            assert await ask(self.engine, Reset(job)) == OK
        else:
            assert await ask(self.engine, WriteStatus("q", job, state, b"w", -1)) == OK
        after = await look(self.engine, job)
        self.compare(seen, before, after, state)

    def compare(self, seen: Seen, before: JobView, after: JobView, state: str | None) -> None:
        over = {JobState.DONE, JobState.FAILED}
        if before.state in over and (state is not None or after.state is JobState.READY):
            seen.brought_back += 1
        assert after.more.resets == seen.brought_back, "what comes back is counted"
        if after.reservation != seen.live:
            seen.ended()
            seen.live = after.reservation
        elif state in {"ready", "done", "failed"}:
            assert after.reservation is None
        assert (after.state is JobState.RESERVED) == (after.reservation is not None)


@pytest.mark.parametrize("seed", range(12))
async def test_promises_hold_beside_writes(autojump_clock: MockClock, seed: int) -> None:
    async with memory_engine(seed=seed) as engine:
        mixture = Mixture(engine, random.Random(seed))
        for _ in range(STEPS):
            await mixture.step()
        for actor in engine.actors():
            assert actor.state.recount() == (actor.state.counts, actor.state.types)
        assert sum(seen.brought_back for seen in mixture.jobs.values()) > 0


async def test_an_id_may_call_itself_of_version_4(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        versions = []
        for options in (PublishOptions(), PublishOptions(uuid4=True)):
            reply = await ask(engine, Publish("q", "t", b"", options))
            assert (await look(engine, reply.job)).id == reply.job
            versions.append(reply.job[14])
        assert versions == ["7", "4"]
