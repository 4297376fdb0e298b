"""A server that dies between any two commits while jobs move: each is where a commit left it."""

import random

import pytest
import trio
from trio.testing import MockClock

from engine.commands import DeleteQueue, Move, Publish, Purge, Reserve
from engine.replies import OK, Published
from engine.store.memory import MemoryStore
from engine.store.tables import Changes
from engine.testing import memory_engine
from tests.support.desk import WHO, Box, ask, settle
from tests.support.stores import GatedStore

QUEUES = ("a", "b", "c")
COMMANDS = 60


async def killed_after(commits: list[Changes]) -> MemoryStore:
    """A store that got these commits and no more; its server is gone."""
    store = MemoryStore(trio.current_time)
    tenure = await store.acquire(0, "the dead", 60.0)
    assert tenure is not None
    for changes in commits:
        store.commit_now(tenure, changes)
    await store.release(tenure)
    return store


async def places(store: MemoryStore) -> dict[str, str]:
    """Where a server that starts there has each job."""
    async with memory_engine(store) as engine:
        found: dict[str, str] = {}
        for actor in engine.actors():
            assert actor.state.recount() == (actor.state.counts, actor.state.types)
            for job in actor.state.ids:
                assert found.setdefault(job, actor.name) == actor.name
        await ask(engine, Publish("last", "t", b""))
        heads, bodies = store._tables[4], store._tables[5]
        assert heads.keys() == bodies.keys()
        assert len(heads) == len(found) + 1
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_any_prefix_of_the_commits(autojump_clock: MockClock, seed: int) -> None:
    dice = random.Random(seed)
    store = GatedStore(0.01)
    answered: list[tuple[int, str, str]] = []
    """After how many commits a job was known to be where."""
    taken: set[str] = set()
    async with memory_engine(store, seed=seed) as engine:
        jobs: list[str] = []
        for _ in range(COMMANDS):
            queue = dice.choice(QUEUES)
            match dice.randrange(8):
                case 0 | 1 | 2:
                    reply = await ask(engine, Publish(queue, "t", b"p"))
                    assert isinstance(reply, Published)
                    jobs.append(reply.job)
                    answered.append((len(store.tried), reply.job, queue))
                case 3 if dice.randrange(3):
                    engine.submit(WHO, dice.choice((Purge, DeleteQueue))(queue), Box())
                case 4:
                    engine.submit(WHO, Reserve(queue), Box())
                case _ if jobs:
                    job = dice.choice(jobs)
                    if await ask(engine, Move(job, queue)) == OK:
                        answered.append((len(store.tried), job, queue))
                case _:
                    pass
        await settle()
        await engine.committer.wait_durable()
        last = {job: actor.name for actor in engine.actors() for job in actor.state.ids}
        taken |= {job for job in jobs if job not in last}
    commits = list(store.tried)
    for count in range(len(commits) + 1):
        found = await places(await killed_after(list(commits[:count])))
        known = {job: queue for at, job, queue in answered if at <= count}
        moving = {job for at, job, _ in answered if at > count}
        for job, queue in known.items():
            if job not in taken and job not in moving:
                assert found[job] == queue
            assert job in found or job in taken
    assert (await places(await killed_after(list(commits)))).items() <= last.items()
    assert sum(queue != "a" for _, _, queue in answered) > 5
