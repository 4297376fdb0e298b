"""The engine in numbers, read between two breaths of its tasks: values that may leave it."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest
from typing import Final

from engine.clock import Clock
from engine.committer import Committer
from engine.directory.feed import Feed
from engine.figures import EngineStatistics, QueueFigures, QueueLine, QueueSummary
from engine.queue_actor import QueueActor
from engine.queue_state.figures import LOOKED_AT as ONE
from engine.queue_state.figures import figures_of
from engine.queue_state.view import counts
from engine.replies import HealthCounts, QueueCounts

LOOKED_AT: Final = 100_000
"""Ready jobs of all queues together that are looked at for those that have waited longest."""
LEAST: Final = 8
"""Of each queue at least."""


def figures(actor: QueueActor, now: float) -> QueueFigures:
    """One queue, as its last step left it."""
    return figures_of(actor.state, now, workers=actor.workers, failed=actor.failed)


def all_figures(actors: Sequence[QueueActor], now: float) -> Iterator[QueueFigures]:
    """Those that exist, each read as it is asked for; the more they are, the quicker each."""
    each = min(ONE, max(LEAST, LOOKED_AT // max(1, len(actors))))
    for actor in actors:
        state, workers = actor.state, actor.workers
        if state.exists:
            yield figures_of(state, now, workers=workers, failed=actor.failed, looked_at=each)


def lines(queues: Mapping[str, QueueActor]) -> Iterator[QueueLine]:
    """The queues of a group that exist, each read as it is asked for."""
    for actor in list(queues.values()):
        state = actor.state
        if state.exists:
            yield QueueLine(
                actor.name,
                tuple(state.counts),
                actor.workers,
                len(state.recurrences),
                state.paused,
                state.paused_by,
                state.draining,
                state.drained_by,
                actor.failed,
            )


def counted(queues: Mapping[str, QueueActor]) -> Iterator[QueueCounts]:
    """The counts of a group's queues, each read as it is asked for."""
    return (counts(actor.state) for actor in list(queues.values()) if actor.state.exists)


def summaries(
    queues: Mapping[str, QueueActor], after: int, limit: int
) -> tuple[list[QueueSummary], bool]:
    """A page of a group's queues in order of their making.

    Args:
        queues: of the group, by name.
        after: the number the page before ended with.
        limit: at most so many.

    Returns:
        The page, and whether there are more.
    """
    later = (actor.state for actor in queues.values() if actor.state.number > after)
    found = nsmallest(limit + 1, later, key=lambda state: state.number)
    page = [
        QueueSummary(
            state.number, state.name, state.id, counts(state),
            len(state.subscriptions), len(state.recurrences),
        )
        for state in found[:limit]
    ]  # fmt: skip
    return page, len(found) > limit


def health(actors: Sequence[QueueActor]) -> HealthCounts:
    """Of all of them together."""
    return HealthCounts(
        sum(actor.state.exists for actor in actors),
        sum(actor.jobs for actor in actors),
        sum(actor.workers for actor in actors),
        tuple((actor.group, actor.name) for actor in actors if actor.failed),
    )


def statistics(
    committer: Committer, clock: Clock, feed: Feed, *, started: float, queues: int, stopping: bool
) -> EngineStatistics:
    """What is no queue's own.

    Args:
        committer: the way to the store.
        clock: engine time.
        feed: where events go.
        started: when the engine began.
        queues: how many there are.
        stopping: no command is taken any more.
    """
    store = committer.store.statistics()
    return EngineStatistics(
        boot=feed.last.boot,
        uptime=clock.now() - started,
        queues=queues,
        commits=committer.commits,
        commit_seconds=committer.commit_seconds.seen(),
        batch_steps=committer.batch_steps.seen(),
        stalled=committer.stalled(),
        store_kind=store.kind,
        store_size=store.size,
        store_free=store.free,
        store_low=store.low,
        refusing=committer.refusing,
        listeners=feed.listeners,
        stopping=stopping,
    )
