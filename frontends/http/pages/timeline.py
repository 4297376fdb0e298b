"""What happened to a job, in order, as far as it remembers. Pure."""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from engine.job import TERMINAL, JobState
from engine.replies import JobView
from frontends.http.pages.words import plural

_ENDED: Final = {
    "done": "finished it",
    "failed": "failed",
    "released": "gave it back untried",
    "lapsed": "fell silent for a whole lease",
    "disconnected": "lost the connection and did not come back",
    "canceled": "stopped, since the job was canceled",
    "kicked": "was kicked out, and the job came back",
    "too long": "ran longer than the job may",
}
_GOOD: Final = frozenset({"done"})
_BAD: Final = frozenset({"failed", "lapsed", "disconnected", "too long"})
_REASONS: Final = {
    "attempts": "all its attempts are used up",
    "told": "the last holder said not to try again",
    "lapsed": "its holder fell silent",
    "quarantined": "it came back without an end too often in a row",
}


@frozen
class Moment:
    """One line."""

    at: float | None
    """None: the engine does not say when."""
    words: str
    by: str = ""
    """Who held it."""
    until: float | None = None
    """When that ended; None for what has no length, and for what goes on."""
    look: str = ""
    """`good`, `bad`, or neither."""
    open: bool = False
    """It goes on."""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.until is None or self.at is None else self.until - self.at


def timeline(job: JobView) -> tuple[Moment, ...]:
    """From being published to now."""
    return tuple(_moments(job))


def _moments(job: JobView) -> Iterator[Moment]:
    yield Moment(job.created_at, "published")
    told = job.attempts + job.more.lapses + job.more.disconnects + job.more.releases
    untold = told - len(job.history) - (job.state is JobState.RESERVED)
    if untold > 0:
        earlier = plural(untold, "earlier attempt is", "earlier attempts are")
        yield Moment(None, f"{earlier} not remembered one by one")
    for holder, since, until, ended in job.history:
        look = "good" if ended in _GOOD else "bad" if ended in _BAD else ""
        yield Moment(since, _ENDED.get(ended, ended), holder, until, look)
    if job.state is JobState.RESERVED:
        words = "works on it" if job.started else "has it and did not say yet that it began"
        yield Moment(job.started_at if job.started else None, words, job.holder, open=True)
    elif job.state is JobState.SCHEDULED:
        yield Moment(job.ready_at, "ready again" if told else "ready", open=True)
    elif job.state in TERMINAL and job.state is not JobState.DONE:
        reason = _REASONS.get(job.more.reason, "")
        name = job.state.name.lower()
        look = "bad" if job.state is JobState.FAILED else ""
        yield Moment(job.finished_at, f"{name}: {reason}" if reason else name, look=look)
