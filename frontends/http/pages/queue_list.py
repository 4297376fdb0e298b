"""Which queues a page of the list shows, and in which order. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from engine.figures import QueueLine
from engine.history import FINE, Tally
from engine.job import JobState

PAGE: Final = 50
NAME: Final = "name"
_ORDERS: Final[Mapping[str, Callable[[QueueLine, Tally], Any]]] = {
    NAME: lambda line, _: line.name,
    "waiting": lambda line, _: waiting(line),
    "held": lambda line, _: line.states[JobState.RESERVED],
    "failed": lambda line, _: line.states[JobState.FAILED],
    "done": lambda line, _: line.states[JobState.DONE],
    "workers": lambda line, _: line.workers,
    "rate": lambda _, did: did.published + did.finished,
}
NOTHING: Final = Tally()


@frozen
class Order:
    """What a list is sorted by: names from A, counts from the highest."""

    key: str = NAME
    reverse: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        """As it stands in an address, `-` for the other way round; what says none is by name."""
        key = text.removeprefix("-")
        return cls(key, text.startswith("-")) if key in _ORDERS else cls()

    @property
    def text(self) -> str:
        """The same, written; empty for the usual one."""
        if self == Order():
            return ""
        return f"-{self.key}" if self.reverse else self.key

    def towards(self, key: str) -> "Order":
        """What a click on the head of a column asks for."""
        return Order(key, reverse=key == self.key and not self.reverse)


@frozen
class Row:
    """One queue, and what it did a second lately."""

    line: QueueLine
    published: float
    finished: float

    @property
    def waiting(self) -> int:
        """Jobs that are ready, and those that will be."""
        return waiting(self.line)

    @property
    def held(self) -> int:
        """Jobs that somebody works on."""
        return self.line.states[JobState.RESERVED]

    @property
    def failed(self) -> int:
        """Jobs that are over without success."""
        return self.line.states[JobState.FAILED]

    @property
    def done(self) -> int:
        """Jobs that ended well and are still kept."""
        return self.line.states[JobState.DONE]


@frozen
class QueuePage:
    """A part of a list."""

    rows: tuple[Row, ...]
    first: int
    """The number of the first row, from 1."""
    found: int
    """Queues that fit the search."""
    page: int
    next: int | None
    """The page behind this one."""


def waiting(line: QueueLine) -> int:
    """Jobs of a queue that nobody has."""
    return line.states[JobState.SCHEDULED] + line.states[JobState.READY]


def page_of(
    lines: Iterable[QueueLine],
    latest: Mapping[str, Tally],
    *,
    search: str = "",
    order: Order = Order(),
    page: int = 1,
) -> QueuePage:
    """One page.

    Args:
        lines: every queue of the group.
        latest: what queues did between the last two samples, by name.
        search: part of a name, in letters of any case.
        order: of the list.
        page: from 1; one that is not there is the nearest.
    """
    part = search.casefold()
    fit = [line for line in lines if part in line.name.casefold()]
    key = _ORDERS[order.key]
    fit.sort(key=lambda line: line.name)
    if order.key != NAME:
        fit.sort(
            key=lambda line: key(line, latest.get(line.name, NOTHING)), reverse=not order.reverse
        )
    elif order.reverse:
        fit.reverse()
    page = max(1, min(page, -(-len(fit) // PAGE)))
    shown = fit[(page - 1) * PAGE : page * PAGE]
    rows = tuple(Row(line, *rates(latest.get(line.name, NOTHING))) for line in shown)
    more = page * PAGE < len(fit)
    return QueuePage(rows, (page - 1) * PAGE + 1, len(fit), page, page + 1 if more else None)


def rates(did: Tally) -> tuple[float, float]:
    """Jobs that came, and that ended, in a second."""
    return did.published / FINE, did.finished / FINE
