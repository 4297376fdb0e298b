"""One queue in numbers, as a value."""

from typing import Final

from engine.figures import QueueFigures
from engine.queue_state.core import QueueCore

LOOKED_AT: Final = 1_000
"""Ready jobs looked at for the one that has waited longest."""


def figures_of(
    q: QueueCore, now: float, *, workers: int, failed: bool, looked_at: int = LOOKED_AT
) -> QueueFigures:
    """The queue as its last step left it."""
    counters = q.counters
    since = q.ready.oldest(looked_at)
    return QueueFigures(
        q.group,
        q.name,
        {kind: tuple(counts) for kind, counts in q.types.items()},
        q.published,
        {kind: tuple(counts) for kind, counts in counters.finished.items()},
        counters.waiting.seen(),
        counters.running.seen(),
        None if since is None else max(0.0, now - since),
        workers,
        q.paused,
        q.draining,
        failed,
    )
