"""Every field of a job with its words, as lines of a table. Pure."""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from attrs import frozen

from engine.job import JobPolicy, OnLapse
from engine.replies import JobView
from engine.retry import Backoff
from frontends.http.pages.words import duration, number

_NONE: Final = duration(None)
_SCOPES: Final = {"queued": "while the first waits", "unfinished": "until the first is over"}


class Look(Enum):
    """How a value is shown."""

    TEXT = "text"
    CODE = "code"
    TIME = "time"
    QUEUE = "queue"
    RECURRENCE = "recurrence"


@frozen
class Fact:
    """One field."""

    name: str
    value: str = _NONE
    look: Look = Look.TEXT
    at: float | None = None
    """Unix seconds, of a time."""
    about: str = ""
    """What it means."""


def facts(job: JobView) -> tuple[Fact, ...]:
    """All of them, in groups that belong together."""
    return (*_place(job), *_times(job), *_counts(job), *_rules(job))


def _place(job: JobView) -> Iterator[Fact]:
    yield Fact("Id", job.id, Look.CODE)
    yield Fact("Queue", job.queue, Look.QUEUE)
    yield Fact("Type", job.type or _NONE, Look.CODE)
    yield Fact("Priority", number(job.priority), about="lower is sooner")
    yield Fact("Place", number(job.seq), about="the order inside one priority")
    yield Fact("Content type", job.more.content_type or _NONE, Look.CODE)
    if job.more.unique_key:
        scope = job.more.unique_scope
        words = _SCOPES.get(scope) if isinstance(scope, str) else f"for {duration(scope)}"
        yield Fact("Unique key", job.more.unique_key, Look.CODE, about=words or "")
    if job.more.recurrence:
        yield Fact("Recurrence", str(job.more.recurrence), Look.RECURRENCE, about="that made it")
        yield _time("For the time", job.more.tick)


def _times(job: JobView) -> Iterator[Fact]:
    yield _time("Published", job.created_at)
    yield _time("Ready", job.ready_at, "not before that")
    yield _time("Expires", job.more.expires_at, "if it still waits then")
    yield _time("Changed", job.updated_at)
    yield _time("Began", job.started_at, "its holder said so")
    yield _time("Over", job.finished_at)
    yield _time("Lease ends", job.lease_until, "unless its holder is heard of")


def _counts(job: JobView) -> Iterator[Fact]:
    more = job.more
    limit = job.policy.max_attempts
    most = "no limit" if limit is None else f"{number(limit)} at most"
    yield Fact("Attempts", number(job.attempts), about=f"that ended or go on; {most}")
    yield Fact("Failures", number(job.failures))
    yield Fact("Silences", number(more.lapses), about="a holder was not heard of for a lease")
    yield Fact("Lost connections", number(more.disconnects))
    yield Fact("Given back", number(more.releases), about="untried")
    yield Fact("Resets", number(more.resets), about="it was over, and brought back")
    if job.reservation is not None:
        yield Fact("Held by", job.holder)
        yield Fact("Reservation", job.reservation, Look.CODE)
    if more.reason:
        yield Fact("Reason", more.reason, Look.CODE, about="why it failed or was canceled")


def _rules(job: JobView) -> Iterator[Fact]:
    policy: JobPolicy = job.policy
    then = "it is tried again" if policy.on_lapse is OnLapse.RETRY else "it has failed"
    yield Fact(
        "Lease", duration(policy.lease), about=f"a holder may be silent so long; then {then}"
    )
    limit = policy.run_limit
    yield Fact("Run limit", duration(limit), about="" if limit is None else "the longest run")
    yield Fact("Backoff", backoff(policy.backoff), about="the wait after a failure")
    yield Fact("Kept when done", duration(policy.keep_done))
    yield Fact("Kept when failed", duration(policy.keep_failed))


def backoff(rule: Backoff) -> str:
    """The rule in words."""
    if rule.delays:
        shown = ", ".join(duration(delay) for delay in rule.delays[:5])
        return f"{shown}, …" if len(rule.delays) > 5 else shown
    spread = f", ±{rule.jitter:.0%}" if rule.jitter else ""
    if rule.factor == 1 or rule.minimum in {0, rule.maximum}:
        return f"{duration(rule.minimum)}{spread}"
    begin = f"{duration(rule.minimum)}, {rule.factor:g} times as long each time"
    return f"{begin}, up to {duration(rule.maximum)}{spread}"


def _time(name: str, at: float | None, about: str = "") -> Fact:
    return Fact(name, look=Look.TIME, at=at, about="" if at is None else about)
