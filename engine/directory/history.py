"""Sampling an engine's figures and keeping them, so that a day of them survives a restart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import trio

from engine.history import FINE, Tally
from engine.job import TERMINAL, JobState
from engine.queue_state import Step
from engine.store.tables import Table

if TYPE_CHECKING:
    from engine.directory.desk import Directory

KEY: Final = "history"
"""Of its row in the table of facts."""
KEEP_EVERY: Final = 6
"""Samples between two writings: a minute."""


TURN: Final = 1_000
"""Queues looked at before others have their turn."""


class Historian:
    """Writes down what it saw; only a server has one."""

    def __init__(self, directory: "Directory") -> None:
        """Sample this engine into its `history`."""
        self._directory = directory

    async def run(self) -> None:
        """Sample for ever."""
        count = 0
        while True:
            await trio.sleep(FINE)
            directory = self._directory
            tallies = {}
            for number, (key, tally) in enumerate(self._tallies()):
                tallies[key] = tally
                if number % TURN == 0:
                    await trio.lowlevel.checkpoint()
            directory.history.sample(tallies, directory.clock.now())
            count += 1
            if count % KEEP_EVERY == 0:
                self._keep()

    def committed(self, step: Step) -> None:
        """It is kept."""

    def _tallies(self) -> Iterator[tuple[tuple[str, str], Tally]]:
        for actor in self._directory.actors():
            state = actor.state
            ended = state.counters.finished.values()
            yield (
                (actor.group, actor.name),
                Tally(
                    state.published,
                    sum(map(sum, ended)),
                    sum(counts[JobState.FAILED] for counts in ended),
                    len(state.jobs) - sum(state.counts[each] for each in TERMINAL),
                ),
            )

    def _keep(self) -> None:
        directory = self._directory
        if directory.committer.refusing or directory.stopping:
            return
        packed = directory.history.pack()
        directory.committer.hand_over(self, Step(0, {Table.META: {KEY: (KEY, packed)}}, []))
