"""What came of the mutants, one by one and module by module."""

from collections.abc import Sequence

import msgspec

BOUND = 0.9
"""The share of mutants that is to be killed."""


class Result(msgspec.Struct, frozen=True):
    """What came of one mutant."""

    module: str
    line: int
    function: str
    operator: str
    before: str
    after: str
    tests: int = 0
    """How many tests were there to notice it."""
    by: str = ""
    """The test that did, or how it ended the tests; nothing: it survived."""

    def same(self) -> "Result":
        """Which change it was, whatever came of it."""
        return msgspec.structs.replace(self, tests=0, by="")

    def __str__(self) -> str:
        change = f"{self.before} -> {self.after}"
        return f"{self.module}:{self.line} {self.function}: {change} ({self.tests} tests)"


class Score(msgspec.Struct, frozen=True):
    """One line of the table."""

    module: str
    mutants: int
    """All there are."""
    tried: int
    killed: int

    @property
    def survived(self) -> int:
        """Those that no test noticed."""
        return self.tried - self.killed

    @property
    def share(self) -> float:
        """Killed of tried."""
        return self.killed / self.tried


def score(module: str, mutants: int, results: Sequence[Result]) -> Score:
    """A module's line."""
    return Score(module, mutants, len(results), sum(bool(result.by) for result in results))


def total(scores: Sequence[Score]) -> Score:
    """All modules together."""
    sums = (sum(s.mutants for s in scores), sum(s.tried for s in scores))
    return Score("together", *sums, sum(s.killed for s in scores))


def render(scores: Sequence[Score]) -> str:
    """The table as a page of Markdown has it."""
    lines = [
        "| module | mutants | tried | killed | survived | share |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {s.module} | {s.mutants:,} | {s.tried:,} | {s.killed:,} | {s.survived:,} "
        f"| {100 * s.share:.0f} % |"
        for s in [*scores, total(scores)]
    ]
    return "\n".join(lines)
