"""The plan of a session: every wanted module, one mutant after the other."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.mutation.mutants import Mutant, drawn, mutants_of
from tests.mutation.table import Result, Score, score
from tests.mutation.trying import Trials


class Run:
    """What was tried, and what came of it."""

    def __init__(
        self, modules: dict[str, Path], sample: int, noticed: Iterable[Result] = ()
    ) -> None:
        """Begin with what an earlier run saw noticed; that is not tried again."""
        self.modules = modules
        self.sample = sample
        self.noticed = {result.same(): result for result in noticed}
        self.scores: list[Score] = []
        self.results: list[Result] = []
        self.failed: list[str] = []

    def __call__(self, trials: Trials) -> None:
        """Fill the table, and tell how it goes."""
        self.failed = trials.reach.failed
        for name, path in self.modules.items() if not self.failed else ():
            mutants = mutants_of(path)
            results = list(self._results(trials, name, drawn(mutants, self.sample)))
            if results:
                line = score(name, len(mutants), results)
                sys.stderr.write(f"{name}: {line.killed} of {line.tried}\n")
                self.scores.append(line)
                self.results += results

    def _results(self, trials: Trials, name: str, mutants: list[Mutant]) -> Iterator[Result]:
        for mutant in mutants:
            change = (mutant.operator, mutant.before, mutant.after)
            result = Result(name, mutant.first, mutant.function, *change)
            if known := self.noticed.get(result):
                yield known
                continue
            tests = trials.tests_of(mutant)
            by = trials.notices(mutant, tests)
            if by is None:
                continue
            result = Result(name, mutant.first, mutant.function, *change, len(tests), by)
            if not by:
                sys.stderr.write(f"{result}\n")
            yield result
