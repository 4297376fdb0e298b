"""Virtual time: it leaps when all wait, stands while anybody works, and comes again for a seed."""

from functools import partial
from itertools import pairwise

import trio

from jobyard.soak.scheduling import run_virtual, sleep

NAPS = (3_600.0, 0.1, 0.2, 86_400.0)


async def nap(seconds: float, woken: list[float]) -> None:
    await trio.sleep(seconds)
    woken.append(trio.current_time())


async def doze(seconds: float, woken: list[float]) -> None:
    await sleep(seconds)
    woken.append(trio.current_time())


async def work(times: list[float]) -> None:
    for _ in range(100):
        times.append(trio.current_time())
        await trio.lowlevel.checkpoint()


async def naps(seen: list[float]) -> None:
    async with trio.open_nursery() as nursery:
        for seconds in NAPS:
            nursery.start_soon(nap, seconds, seen)


async def naps_and_dozes(seen: list[float]) -> None:
    async with trio.open_nursery() as nursery:
        for number, seconds in enumerate((*NAPS, *NAPS, 0.0)):
            nursery.start_soon(doze if number % 2 else nap, seconds + number, seen)
        nursery.start_soon(doze, 0.0, seen)


async def wake_somebody_else() -> float:
    with trio.move_on_after(1.0) as short:
        await sleep(2.0)
    assert short.cancelled_caught
    await trio.sleep(5.0)
    return trio.current_time()


async def work_beside_a_nap(times: list[float]) -> float:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(nap, 1e-9, [])
        nursery.start_soon(work, times)
    return trio.current_time()


def test_it_leaps_to_whoever_wakes_next() -> None:
    seen: list[float] = []
    run_virtual(partial(naps, seen), 0)
    assert seen == sorted(NAPS)


def test_the_light_sleep_is_like_trios() -> None:
    seen: list[float] = []
    run_virtual(partial(naps_and_dozes, seen), 0)
    due = [seconds + number for number, seconds in enumerate((*NAPS, *NAPS, 0.0))]
    assert seen == sorted([*due, 0.0])


def test_a_sleep_that_was_cancelled_wakes_nobody() -> None:
    assert run_virtual(wake_somebody_else, 0) == 6.0


def test_it_stands_while_anybody_works() -> None:
    times: list[float] = []
    assert run_virtual(partial(work_beside_a_nap, times), 0) == 1e-9
    assert set(times) == {0.0}


async def order(seen: list[str]) -> None:
    async def say(word: str) -> None:
        for _ in range(5):
            await trio.lowlevel.checkpoint()
            seen.append(word)

    async with trio.open_nursery() as nursery:
        for word in "abcdef":
            nursery.start_soon(say, word)


def test_a_seed_decides_who_comes_first() -> None:
    def played(seed: int) -> list[str]:
        seen: list[str] = []
        run_virtual(partial(order, seen), seed)
        return seen

    assert played(1) == played(1)
    orders = [played(seed) for seed in range(10)]
    assert any(one != other for one, other in pairwise(orders))
