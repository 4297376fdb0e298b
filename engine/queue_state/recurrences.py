"""What a queue makes on schedule. A tick fires at most once: the last one is kept in its row."""

from math import inf

from attrs import define, field

from engine.queue_state.queue_rows import RecurrenceSpec
from engine.recurrence import Schedule


@define(eq=False)
class Recurrence:
    """One recurrence of a queue."""

    number: int
    spec: RecurrenceSpec
    schedule: Schedule
    last_tick: float | None = None
    """Corrected unix seconds; nothing up to it fires again."""
    alarm: float = field(default=inf)
    """Queue time at which it is looked at next."""
    open: set[int] = field(factory=set[int])
    """Seqs of its jobs that are not over, for the overlap rule."""

    def skip_to(self, tick: float) -> None:
        """Have nothing up to then fire any more."""
        self.last_tick = max(self.last_tick or 0.0, tick)
