"""What the table is made of: a figure held against its bound beside how often it was tried."""

from collections.abc import Sequence

import msgspec

from tests.benchmarks.figures import Goal, number
from tests.support.tables import Form, in_columns

ZERO = Goal(0, at_least=False)


class Line(msgspec.Struct, frozen=True, tag="line", kw_only=True):
    """One figure. A zero of no trials is worth nothing, so it keeps no bound."""

    row: str
    what: str
    value: float
    trials: int
    of: str
    """What the trials are."""
    goal: Goal = ZERO
    unit: str = ""
    by: str = ""
    """Who found it, or how it came about."""

    @property
    def kept(self) -> bool:
        """Whether it was tried at all, and the bound holds."""
        return self.trials > 0 and self.goal.reached(self.value)

    @property
    def verdict(self) -> str:
        """One word."""
        return "kept" if self.kept else "BROKEN"


class NotRun(msgspec.Struct, frozen=True, tag="not-run"):
    """A row that this machine cannot run, and why. It was not passed."""

    row: str
    reason: str
    kept = True
    verdict = "not run"


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """A row whose harness came to no end."""

    row: str
    reason: str
    kept = False
    verdict = "FAILED"


Entry = Line | NotRun | Failed
DECODER: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def failures(row: str, what: str, count: int, trials: int, of: str, by: str = "") -> Line:
    """A line that wants a zero."""
    assert count >= 0
    return Line(row=row, what=what, value=count, trials=trials, of=of, by=by)


def found(row: str, what: str, count: int, planted: int, of: str, by: str) -> Line:
    """A line that wants every one of them found."""
    goal = Goal(planted)
    return Line(row=row, what=what, value=count, trials=planted, of=of, goal=goal, by=by)


def shown(value: float) -> str:
    """Counts whole, the rest as the benchmarks show it."""
    return f"{int(value):,}" if value == int(value) else number(value)


def _cells(line: Line) -> tuple[str, ...]:
    value, goal = f"{shown(line.value)} {line.unit}".rstrip(), line.goal
    bound = f"{'≥' if goal.at_least else '≤'} {shown(goal.bound)} {line.unit}".rstrip()
    of = f"{line.trials:,} {line.of}"
    return (line.row, line.what, value, of, bound, line.verdict, line.by)


def render(entries: Sequence[Entry], form: Form = in_columns) -> str:
    """The table as text; below it what gave no figure."""
    head = ("row", "what", "found", "of", "bound", "", "by")
    cells = [head, *(_cells(line) for line in entries if isinstance(line, Line))]
    rest = [entry for entry in entries if not isinstance(entry, Line)]
    said = [f"{entry.row}  {entry.verdict}: {entry.reason}" for entry in rest]
    return form(cells, said)


def as_json(entry: Entry) -> dict[str, object]:
    """An entry as plain values, with what became of it."""
    plain: dict[str, object] = msgspec.to_builtins(entry)
    plain.pop("type")
    if isinstance(entry, Line):
        plain["goal"] = str(entry.goal)
    return {**plain, "verdict": entry.verdict}
