"""P10: the engine alone, inside one program: publish, reserve, done, and nothing between."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from time import perf_counter
from typing import Final

import trio
from attrs import define, field

from engine import Directory, Principal, Reply, Right, caller, open_store, run_engine
from engine.commands import Done, Publish, Reserve
from engine.replies import Granted
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import LoadError

BURST: Final = 256
"""Commands submitted before the first answer is waited for."""
TASKS: Final = 64
QUEUE: Final = "bench"
PAYLOAD: Final = b"x" * 100
WARM: Final = 0.2
"""Of the seconds, before counting begins."""
ALL: Final = Right.PUBLISH | Right.WORK | Right.READ | Right.MANAGE
WHO: Final = caller(Principal("bench", {"bench": ALL}), "bench")
PUBLISH: Final = Publish(QUEUE, "t", PAYLOAD)
RESERVE: Final = Reserve(QUEUE)

Work = Callable[[Directory, Callable[[], bool]], Awaitable[int]]
"""Goes on while it is told to, and answers how many cycles it made."""


@define(eq=False)
class Burst:
    """The answers to one burst, and word when all are there."""

    wanted: int
    got: list[Reply] = field(factory=list[Reply])
    whole: trio.Event = field(factory=trio.Event)

    def send(self, reply: Reply) -> None:
        self.got.append(reply)
        if len(self.got) == self.wanted:
            self.whole.set()


def only(reply: Reply) -> Done:
    """The word that ends the job of a grant."""
    if not isinstance(reply, Granted) or len(reply.jobs) != 1:
        raise LoadError(f"a reserve was answered by {reply}")
    job = reply.jobs[0]
    return Done(job.id, job.reservation)


async def bursts(engine: Directory, going: Callable[[], bool]) -> int:
    """Publish and reserve in one burst, done in the next."""
    cycles = 0
    ends: list[Done] = []
    more = True
    while more or ends:
        more = going()
        burst = Burst(len(ends) + 2 * BURST * more)
        for end in ends:
            engine.submit(WHO, end, burst)
        if more:
            for _ in range(BURST):
                engine.submit(WHO, PUBLISH, burst)
                engine.submit(WHO, RESERVE, burst)
        if burst.wanted:
            await burst.whole.wait()
        cycles += len(ends)
        ends = [only(reply) for reply in burst.got if isinstance(reply, Granted)]
    return cycles


async def calls(engine: Directory, going: Callable[[], bool]) -> int:
    """Tasks that each wait for every answer."""
    cycles = 0

    async def one() -> None:
        nonlocal cycles
        while going():
            await engine.execute(WHO, PUBLISH)
            end = only(await engine.execute(WHO, RESERVE))
            await engine.execute(WHO, end)
            cycles += 1

    async with trio.open_nursery() as nursery:
        for _ in range(TASKS):
            nursery.start_soon(one)
    return cycles


async def cycles_per_second(work: Work, seconds: float) -> float:
    """Run it on a fresh engine in memory."""

    async def timed(limit: float) -> float:
        start = perf_counter()
        made = await work(engine, lambda: perf_counter() - start < limit)
        return made / (perf_counter() - start)

    async with open_store(None) as store, run_engine(store) as engine:
        await timed(WARM * seconds)
        return await timed(seconds)


def in_process(bench: Bench) -> Iterator[Figure]:
    """P10."""
    seconds = bench.load.seconds
    for how, work, bound in (
        (f"submitted in bursts of {BURST}", bursts, 60_000),
        (f"`await execute` from {TASKS} tasks", calls, 35_000),
    ):
        (runs,) = bench.in_turns(partial(trio.run, cycles_per_second, work, seconds))
        words = f"in process: publish, reserve, done, memory, {how}"
        yield Figure("P10", words, "/s", runs, Goal(bound, unit="/s"))
