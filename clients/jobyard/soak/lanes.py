"""Processes that each play one seed at a time: one that hangs or dies takes no other along."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Final

from jobyard.soak.outcome import Figures, Outcome

Play = Callable[[], Outcome]
"""What a lane is given; it must be picklable."""
_SPAWN: Final = get_context("spawn")
_ENDING: Final = 5.0
"""Seconds that a killed process has to go."""


class Lane:
    """One process, and what it is doing."""

    def __init__(self) -> None:
        self.seed = -1
        """Being played; -1: none."""
        self._until = 0.0
        self._begin()

    @property
    def busy(self) -> bool:
        """Whether it has something to play."""
        return self.seed >= 0

    def start(self, seed: int, play: Play, patience: float) -> None:
        """Play, for so many real seconds at most."""
        self.seed, self._until = seed, time.monotonic() + patience
        with suppress(OSError):  # it died: there will be no outcome, which is noticed
            self.pipe.send((seed, play))

    def outcome(self) -> Outcome | None:
        """What came of it; None: it is not over yet."""
        seed = self.seed
        if self.pipe.poll():
            try:
                outcome: Outcome = self.pipe.recv()
            except (EOFError, OSError):
                outcome = without_end(seed, "died: its process ended on the way")
                self._anew()
        elif time.monotonic() > self._until:
            outcome = without_end(seed, "hung: it came to no end")
            self._anew()
        else:
            return None
        self.seed = -1
        return outcome

    def end(self) -> None:
        """Have no process any more, whatever it is doing."""
        self._process.kill()
        self._process.join(_ENDING)
        self.pipe.close()

    def _anew(self) -> None:
        self.end()
        self._begin()

    def _begin(self) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def without_end(seed: int, why: str) -> Outcome:
    """A seed that has only this to say."""
    return Outcome(seed, (), (why,), "", Figures(), 0.0)


def ended(lanes: Sequence[Lane], within: float) -> Iterator[tuple[Lane, Outcome]]:
    """Wait until one has an outcome, or for so many seconds; every lane that has one."""
    wait([lane.pipe for lane in lanes if lane.busy], within)
    for lane in lanes:
        if lane.busy and (outcome := lane.outcome()) is not None:
            yield lane, outcome


def _work(pipe: "Connection[Outcome, tuple[int, Play]]") -> None:
    """What the process does: play whatever it is told to, until nobody is there to tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked ends us
    with suppress(EOFError, OSError):
        while True:
            seed, play = pipe.recv()
            try:
                outcome = play()
            except Exception as error:  # noqa: BLE001 - whatever the harness meets is its finding
                outcome = without_end(seed, f"harness: {type(error).__name__}: {error}")
            pipe.send(outcome)
