"""The events of one step, made where things happen, and only while somebody listens."""

from typing import Final

from engine.events import Event, What
from engine.job import Cause, Job, JobState

_WHAT: Final = {
    Cause.DUE: What.READY,
    Cause.GRANTED: What.RESERVED,
    Cause.FINISHED: What.DONE,
    Cause.ERRORED: What.RETRY,
    Cause.RELEASED: What.RELEASED,
    Cause.LAPSED: What.LAPSED,
    Cause.DISCONNECTED: What.DISCONNECTED,
    Cause.TOO_LONG: What.RETRY,
    Cause.QUARANTINED: What.FAILED,
    Cause.CANCELED: What.CANCELED,
    Cause.EXPIRED: What.EXPIRED,
    Cause.RESET: What.RESET,
    Cause.DELAYED: What.SCHEDULED,
}
_REASONS: Final = {Cause.LAPSED: "lapsed", Cause.TOO_LONG: "too-long"}


class News:
    """What a step has to tell. Callers look at `Storage.heard` first."""

    def __init__(self, group: str, queue: str) -> None:
        """Of one queue."""
        self._group = group
        self._queue = queue
        self._events: list[Event] = []

    def take(self) -> list[Event]:
        """The events of the step that ends, in order."""
        if not self._events:
            return []  # never the list itself: a step that waits would tell what comes after it
        taken, self._events = self._events, []
        return taken

    def queue(self, what: What, now: float, by: str = "", *, kind: str = "") -> None:
        """Something happened to the queue, or to its recurrence of this type."""
        self._events.append(Event(now, self._group, self._queue, what, type=kind, by=by))

    def job(self, job: Job, what: What, now: float) -> None:
        """Something happened to a job that stays in its state."""
        self._note(job, what, now, job.state, job.state)

    def published(self, job: Job, now: float) -> None:
        """A job came in."""
        self._note(job, What.PUBLISHED, now, None, job.state)

    def removed(self, job: Job, now: float) -> None:
        """A job goes for good."""
        self._note(job, What.DELETED, now, job.state, None)

    def moved(self, job: Job, was: JobState, cause: Cause, now: float) -> None:
        """A job made a legal move; it is in its new state."""
        what = What.FAILED if job.state is JobState.FAILED else _WHAT[cause]
        self._note(job, what, now, was, job.state, _REASONS.get(cause, ""))

    def _note(
        self,
        job: Job,
        what: What,
        now: float,
        before: JobState | None,
        after: JobState | None,
        reason: str = "",
    ) -> None:
        rare = job.rare
        error_type = ""
        progress = None
        if rare is not None:
            reason = rare.reason or reason
            progress = rare.progress
            if rare.details is not None and what in {What.RETRY, What.FAILED}:
                error_type = rare.details.error_type
        self._events.append(
            Event(
                now,
                self._group,
                self._queue,
                what,
                job.id,
                job.seq,
                job.type,
                before,
                after,
                job.attempts,
                _holder(job, before),
                reason,
                error_type,
                job.ready_at if after is JobState.SCHEDULED else None,
                progress,
            )
        )


def _holder(job: Job, before: JobState | None) -> str:
    if job.reservation is not None:
        return job.reservation.principal
    return job.history[-1][0] if before is JobState.RESERVED and job.history else ""
