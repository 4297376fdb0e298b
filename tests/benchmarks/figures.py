"""What was measured, held against its goal, as a table and as JSON."""

from statistics import median

from attrs import frozen

from tests.support.tables import Form, in_columns


@frozen
class Goal:
    """A bound on the median figure, or on its ratio to the peer's."""

    bound: float
    at_least: bool = True
    ratio: bool = False
    unit: str = ""

    def reached(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {self.bound:g}{' times' if self.ratio else f' {self.unit}'.rstrip()}"


@frozen
class Figure:
    """One line of the table: our runs, the peer's runs if there is a peer, the goal."""

    row: str
    work: str
    unit: str
    ours: tuple[float, ...]
    goal: Goal
    peer: tuple[float, ...] = ()
    against: str = ""
    """Who the peer is; with no runs of it, that it was missing."""

    @property
    def ratio(self) -> float | None:
        """Our median over the peer's."""
        return median(self.ours) / median(self.peer) if self.peer and median(self.peer) else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is kept; None where the peer it needs is missing."""
        value = self.ratio if self.goal.ratio else median(self.ours)
        return None if value is None else self.goal.reached(value)

    def as_json(self) -> dict[str, object]:
        """The line as plain values."""
        return {
            "row": self.row, "work": self.work, "unit": self.unit, "ours": list(self.ours),
            "median": median(self.ours), "against": self.against, "peer": list(self.peer),
            "ratio": self.ratio, "goal": str(self.goal), "reached": self.reached,
        }  # fmt: skip


@frozen
class Missing:
    """A line that could not be measured, and why."""

    row: str
    reason: str

    def as_json(self) -> dict[str, object]:
        """The line as plain values."""
        return {"row": self.row, "not_run": self.reason}


Line = Figure | Missing


def number(value: float) -> str:
    """Three significant digits at least, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def spread(runs: tuple[float, ...]) -> str:
    """The median, and how far the runs lie apart in parts of it."""
    if not runs:
        return "-"
    middle = median(runs)
    if len(runs) == 1 or not middle:
        return number(middle)
    return f"{number(middle)} ±{(max(runs) - min(runs)) / 2 / abs(middle):.0%}"


VERDICT = {True: "reached", False: "NOT reached", None: "no peer"}


def _cells(line: Figure) -> tuple[str, ...]:
    return (
        line.row, line.work, f"{spread(line.ours)} {line.unit}",
        f"{line.against} {spread(line.peer)}".strip() if line.against else "-",
        "-" if line.ratio is None else f"{line.ratio:.2f}", str(line.goal), VERDICT[line.reached],
    )  # fmt: skip


def render(lines: list[Line], form: Form = in_columns) -> str:
    """The table as text, what was not run below it."""
    head = ("row", "work", "ours", "peer", "ratio", "goal", "")
    cells = [head, *(_cells(line) for line in lines if isinstance(line, Figure))]
    rest = [f"{line.row}  not run: {line.reason}" for line in lines if isinstance(line, Missing)]
    return form(cells, rest)
