"""Answers for people who wonder: why something does not run, and when a schedule would fire."""

from attrs import frozen

from engine.job import JobState


@frozen
class Ticks:
    """The next times of a schedule, unix seconds."""

    ticks: tuple[float, ...]


@frozen
class Explanation:
    """Why a job does not run now."""

    job: str
    state: JobState
    reason: str
    """One stable word: the reasons are those of `queue_state/explaining.py`."""
    text: str
    """The same for people."""
    expected: float | None = None
    """When that changes by itself, unix seconds; None: nobody knows."""
    by: str = ""
    """Who holds or paused it."""
    ahead: int | None = None
    """Ready jobs that are handed out before it; None beside `behind`: too many to count."""


@frozen
class QueueExplanation:
    """Why a queue hands nothing out now, or that it does."""

    queue: str
    reason: str
    text: str
    expected: float | None = None
    by: str = ""
    ready: int = 0
    scheduled: int = 0
    reserved: int = 0
    without_worker: tuple[str, ...] = ()
    """Types of ready jobs that nobody takes."""


Told = Ticks | Explanation | QueueExplanation
