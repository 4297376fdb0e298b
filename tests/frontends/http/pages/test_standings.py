"""Adding up what all queues count."""

from collections.abc import Iterator
from typing import Any

import trio
from attrs import evolve
from trio.testing import MockClock

from engine.figures import SECONDS, Distribution, QueueFigures
from engine.job import JobState
from frontends.http.pages.standing import MOST_NAMED, Standing
from frontends.http.pages.standings import FRESH, TURN, Standings
from tests.frontends.http.pages.browser import Console

NOTHING = Distribution(SECONDS, (0,) * (len(SECONDS) + 1), 0.0)
PLAIN = QueueFigures(
    "g", "q", {}, 0, {}, NOTHING, NOTHING, None, 0, paused=False, draining=False, failed=False
)


def queue(name: str, *, failed_jobs: int = 0, ready: int = 0, **more: Any) -> QueueFigures:
    counts = (0, ready, 0, 0, failed_jobs, 0, 0)
    return evolve(PLAIN, name=name, jobs={f"type-{name}": counts}, **more)


def added(*queues: QueueFigures) -> Standing:
    standing = Standing()
    for each in queues:
        standing.add(each)
    return standing


def test_counts_add_up() -> None:
    standing = added(
        queue("a", ready=2, failed_jobs=1, published=5, workers=1),
        queue("b", ready=3, published=7, workers=2, paused=True),
        queue("c", draining=True),
    )
    assert standing.queues == 3
    assert standing.states[JobState.READY] == 5
    assert standing.states[JobState.FAILED] == 1
    assert standing.jobs == 6
    assert standing.published == 12
    assert standing.workers == 3
    assert (standing.paused, standing.draining) == (1, 1)


def test_the_oldest_is_named() -> None:
    assert added(queue("a")).oldest is None
    standing = added(
        queue("a", oldest_waiting=3.0), queue("b", oldest_waiting=9.0), queue("c", oldest_waiting=0)
    )
    assert standing.oldest is not None
    assert (standing.oldest.queue, standing.oldest.value) == ("b", 9.0)


def test_what_nobody_works_on_is_named() -> None:
    standing = added(
        queue("lonely", ready=2),
        queue("lonelier", ready=9),
        queue("served", ready=2, workers=1),
        queue("paused", ready=2, paused=True),
        queue("empty"),
        queue("crashed", ready=2, failed=True),
    )
    assert [each.queue for each in standing.lonely] == ["lonelier", "lonely"]
    assert [each.queue for each in standing.closed] == ["crashed"]


def test_the_worst_types_come_first_and_are_few() -> None:
    standing = added(*(queue(str(number), failed_jobs=number) for number in range(MOST_NAMED + 4)))
    assert standing.worst[0] == (f"type-{MOST_NAMED + 3}", MOST_NAMED + 3)
    assert len(standing.worst) == MOST_NAMED
    assert len(standing.failing) == MOST_NAMED + 3


class Counted:
    """Figures that know how often they were read."""

    def __init__(self, queues: int, seconds: float = 0.0) -> None:
        self.read = 0
        self.queues = queues
        self.seconds = seconds

    def __call__(self) -> Iterator[QueueFigures]:
        self.read += 1
        for number in range(self.queues):
            yield evolve(PLAIN, name=str(number), group="gh"[number % 2])


async def test_one_look_serves_all_who_look_at_once(
    console: Console, autojump_clock: MockClock
) -> None:
    assert console.site.observed is not None
    counted = Counted(3 * TURN)
    standings = Standings(evolve(console.site.observed, figures=counted))
    found: list[Standing] = []

    async def look() -> None:
        found.append(await standings.of("g"))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(look)
    assert counted.read == 1
    assert {each.queues for each in found} == {3 * TURN // 2}
    assert (await standings.of(None)).queues == 3 * TURN
    assert counted.read == 2
    await trio.sleep(FRESH)
    await standings.of("g")
    assert counted.read == 3


async def test_others_have_their_turn_while_thousands_are_looked_at(
    console: Console, autojump_clock: MockClock
) -> None:
    assert console.site.observed is not None
    standings = Standings(evolve(console.site.observed, figures=Counted(20 * TURN)))
    turns = 0
    done = False

    async def other() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(other)
        await standings.of(None)
        done = True
    assert turns >= 10
