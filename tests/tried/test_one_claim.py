"""A reserve over several queues is granted by exactly one of them, in whatever order tasks run."""

import pytest
import trio
from trio._core import _run
from trio.testing import MockClock

from engine.claim import Claim
from engine.commands import Publish, ReserveAny
from engine.job import JobState
from engine.testing import memory_engine
from tests.support.desk import WHO, Box, publish, settle
from tests.support.stores import GatedStore

SEEDS = 200
QUEUES = ("a", "b", "c", "d")


async def grants(seed: int, *, slow: bool) -> tuple[int, int]:
    """How many jobs one waiting reserve took, and how many answers came of it."""
    _run._r.seed(seed)
    store = GatedStore(delay=0.01) if slow else None
    async with memory_engine(store, seed=seed) as engine:
        for queue in QUEUES:
            await publish(engine, queue, kind="other")
        waiting = Box()
        engine.submit(WHO, ReserveAny(QUEUES, ("t",), wait=30.0), waiting)
        if seed % 2:
            await trio.sleep(1)
        published = [Box() for _ in QUEUES]
        for queue, box in zip(QUEUES, published, strict=True):
            engine.submit(WHO, Publish(queue, "t", b""), box)
        for box in published:
            await box.wait_for(1)
        await waiting.wait_for(1)
        await settle()
        states = [actor.state.counts[JobState.RESERVED] for actor in engine.actors()]
        await trio.sleep(100)
        return sum(states), len(waiting.got)


@pytest.mark.parametrize("slow", [False, True])
async def test_exactly_one_grant(autojump_clock: MockClock, slow: bool) -> None:
    found = [await grants(seed, slow=slow) for seed in range(SEEDS)]
    assert found == [(1, 1)] * SEEDS


async def test_without_the_claim_there_are_more(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Claim, "take", lambda *_: True)
    found = [await grants(seed, slow=False) for seed in range(SEEDS)]
    assert sum(taken > 1 for taken, _ in found) > SEEDS / 4


def test_the_scheduler_can_still_be_seeded() -> None:
    _run._r.seed(1)
    first = _run._r.random()
    _run._r.seed(1)
    assert _run._r.random() == first
