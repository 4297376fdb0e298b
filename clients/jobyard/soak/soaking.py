"""Seeds by the hundred: played side by side, some of them twice, and what fails is made small."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from attrs import define, evolve, frozen

from jobyard.soak.lanes import Lane, Play, ended
from jobyard.soak.outcome import Figures, Outcome, kind_of
from jobyard.soak.plan import Fault, plan
from jobyard.soak.shrink import Playing, shrink
from jobyard.soak.simulate import simulate

TWICE: Final = 10
"""One seed in so many is played again, in a process that need not be the same."""
SHRUNK: Final = 3
"""Failing seeds that are made small."""
FAILING: Final = 20
"""After so many it is known that something is wrong."""
LOOKS: Final = 0.2
"""Seconds between two looks at whoever interrupts."""
PATIENCE: Final = 120.0
"""Real seconds that a seed has beside what its virtual ones may take."""


@frozen
class Course:
    """What is to be played."""

    seeds: range
    seconds: float
    """Virtual ones, under faults."""
    processes: int
    until: float | None = None
    """When to begin no more seeds, on the monotonic clock; None: when there are none left."""
    faults: tuple[int, ...] | None = None
    """Of every seed only these of its faults, by number; None: all."""

    @property
    def patience(self) -> float:
        """Real seconds that one run may take."""
        return PATIENCE + 10 * self.seconds

    def faults_of(self, seed: int) -> tuple[Fault, ...]:
        """Those of a seed that are to happen."""
        planned = plan(seed, self.seconds)
        return planned if self.faults is None else tuple(planned[n] for n in self.faults)


@define
class Failure:
    """A seed that broke something."""

    first: Outcome
    least: Outcome
    """With no more faults than it needs, as far as that was looked for."""
    exact: bool | None = None
    """Whether it went the same way again; None: that was not tried."""


@define
class Follow:
    """What remains to be done about a seed that was played."""

    seed: int
    play: Play
    patience: float
    then: Callable[[Outcome], None]


class Soak:
    """One run over many seeds, as far as it is."""

    def __init__(self, course: Course, playing: Playing = simulate) -> None:
        """Begin with nothing; `playing` must be picklable."""
        self.course = course
        self._playing = playing
        self.played = 0
        """Seeds."""
        self.seconds = 0.0
        """Virtual ones, of seeds played once."""
        self.figures = Figures()
        self.broken = Counter[str]()
        """How often each promise was broken."""
        self.failing = 0
        self.failures: list[Failure] = []
        """The first of them, in the order they came."""
        self.twice = 0
        """Seeds that were played twice."""
        self.unlike: list[int] = []
        """Those of them that went another way."""
        self.interrupted = False
        self._fresh = iter(course.seeds)
        self._follow = deque[Follow]()

    @property
    def fine(self) -> bool:
        """Whether something was tried and nothing was broken."""
        return self.played > 0 and not self.failing and not self.unlike

    def stop(self) -> None:
        """End, with what there is."""
        self.interrupted = True

    def run(self, look: Callable[[], None]) -> None:
        """Play; `look` is called now and then."""
        lanes = [Lane() for _ in range(self.course.processes)]
        running: dict[Lane, Callable[[Outcome], None]] = {}
        try:
            while not self.interrupted:
                idle = [lane for lane in lanes if not lane.busy]
                for lane, todo in zip(idle, self._todo(), strict=False):
                    lane.start(todo.seed, todo.play, todo.patience)
                    running[lane] = todo.then
                if not any(lane.busy for lane in lanes):
                    break
                for lane, outcome in ended(lanes, LOOKS):
                    running.pop(lane)(outcome)
                look()
        finally:
            for lane in lanes:
                lane.end()

    def _todo(self) -> Iterator[Follow]:
        while True:
            if self._follow:
                yield self._follow.popleft()
            elif (seed := self._next()) is not None:
                yield self._seed(seed, self._first)
            else:
                return

    def _next(self) -> int | None:
        until = self.course.until
        late = until is not None and time.monotonic() > until
        return None if late or self.failing >= FAILING else next(self._fresh, None)

    def _seed(self, seed: int, then: Callable[[Outcome], None]) -> Follow:
        course = self.course
        play = partial(self._playing, seed, course.seconds, course.faults_of(seed))
        return Follow(seed, play, course.patience, then)

    def _first(self, outcome: Outcome) -> None:
        self.played += 1
        self.seconds += outcome.seconds
        self.figures = self.figures.plus(outcome.figures)
        self.broken.update(map(kind_of, outcome.complaints))
        failure = None
        if outcome.complaints:
            self.failing += 1
            if not outcome.trace:  # who came to no end could not say
                outcome = evolve(outcome, faults=self.course.faults_of(outcome.seed))
            failure = Failure(outcome, outcome)
            self.failures.append(failure)
        if failure is not None or outcome.seed % TWICE == 0:
            then = partial(self._again, outcome, failure)
            self._follow.append(self._seed(outcome.seed, then))

    def _again(self, first: Outcome, failure: Failure | None, outcome: Outcome) -> None:
        self.twice += 1
        same = first.is_like(outcome)
        if not same:
            self.unlike.append(first.seed)
        if failure is not None:
            failure.exact = same
            if same and outcome.trace and self.failures.index(failure) < SHRUNK:
                self._follow.append(self._shrinking(failure))

    def _shrinking(self, failure: Failure) -> Follow:
        seed, course = failure.first.seed, self.course
        play = partial(shrink, failure.first, course.seconds, self._playing)
        patience = course.patience * (1 + len(failure.first.faults))

        def then(least: Outcome) -> None:
            if least.trace:
                failure.least = least

        return Follow(seed, play, patience, then)
