"""What events, health and metrics are read from; nothing here changes anything."""

from collections.abc import Awaitable, Callable, Iterator

from attrs import define, field

from engine.directory import Directory
from engine.directory.feed import Feed
from engine.directory.statistics import counted, figures, lines, summaries
from engine.figures import EngineStatistics, QueueFigures, QueueLine, QueueSummary
from engine.history import History
from engine.replies import HealthCounts, QueueCounts
from frontends.answered import Answered
from frontends.lag import LoopLag


@define
class Observed:
    """The server, to be looked at."""

    feed: Feed
    figures: Callable[[], Iterator[QueueFigures]]
    """Thousands, perhaps: whoever reads them lets others have their turn."""
    statistics: Callable[[], EngineStatistics]
    health: Callable[[], HealthCounts]
    lines: Callable[[str], Iterator[QueueLine]]
    """The queues of a group, in order of their making; thousands, too."""
    queue: Callable[[str, str], QueueFigures | None]
    """One queue, by group and name; None: there is no such queue."""
    counts: Callable[[str], Iterator[QueueCounts]]
    """Of each queue of a group; thousands, too."""
    page: Callable[[str, int, int], tuple[list[QueueSummary], bool]]
    """Queues of a group after one of that number, at most so many; and whether there are more."""
    durable: Callable[[], Awaitable[None]]
    """Returns when all that can be seen so far is on disk: before that, nothing seen is told."""
    history: History
    lag: LoopLag = field(factory=LoopLag)
    connections: dict[str, Callable[[], int]] = field(factory=dict[str, Callable[[], int]])
    """How many are open, by front-end."""
    answered: dict[str, Answered] = field(factory=dict[str, Answered])
    """Commands by front-end, then by code."""


def observe(engine: Directory) -> Observed:
    """An engine; front-ends add what they know."""

    def queue(group: str, name: str) -> QueueFigures | None:
        actor = engine.queues.get(group, {}).get(name)
        if actor is None or not actor.state.exists:
            return None
        return figures(actor, engine.clock.now())

    return Observed(
        engine.feed,
        engine.figures,
        engine.statistics,
        engine.health,
        lambda group: lines(engine.queues.get(group, {})),
        queue,
        lambda group: counted(engine.queues.get(group, {})),
        lambda group, after, limit: summaries(engine.queues.get(group, {}), after, limit),
        engine.committer.wait_durable,
        engine.history,
    )
