"""Commands of those who work jobs off.

The commands on a held job succeed only for the live reservation. `reservation` is its id; None
means the one that the caller's own connection holds.
"""

from typing import Annotated, Literal

from attrs import frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import (
    ContentType,
    Fraction,
    JobId,
    Limit,
    Name,
    ReservationId,
    Seconds,
    Types,
)
from engine.commands.frequent import frequent
from engine.commands.table import Route, command


@command("SUBSCRIBE_PUSH", Right.WORK, Route.NEW_QUEUE)
@frozen
class Subscribe:
    """Have jobs of a queue pushed to this connection, at most `credit` unfinished at once."""

    queue: Name
    types: Types = ()
    """Only these types; empty: all."""
    credit: Limit = 1


@command("UNSUBSCRIBE_PUSH", Right.WORK, Route.QUEUE)
@frozen
class Unsubscribe:
    """Have no more jobs of a queue pushed to this connection; those in hand stay."""

    queue: Name


@command("RESERVE", Right.WORK, Route.NEW_QUEUE)
@frequent
class Reserve:
    """Take up to `limit` jobs, waiting up to `wait` seconds for the first."""

    queue: Name
    types: Types = ()
    limit: Limit = 1
    wait: Seconds = 0.0
    lease: Seconds | None = None
    """Instead of the job's own lease."""


@command("RESERVE_ANY", Right.WORK, Route.SERVER)
@frozen
class ReserveAny:
    """Take a job from the first of several queues that has one, waiting up to `wait` seconds."""

    queues: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
    types: Types = ()
    limit: Limit = 1
    wait: Seconds = 0.0
    lease: Seconds | None = None


@command("STARTED", Right.WORK, Route.JOB)
@frequent
class Started:
    """Say that work on a held job began; also a sign of life."""

    job: JobId
    reservation: ReservationId | None = None


@command("DONE", Right.WORK, Route.JOB)
@frequent
class Done:
    """End a held job well, with its result."""

    job: JobId
    reservation: ReservationId | None = None
    result: bytes | None = None
    result_type: ContentType = ""


@command("FAIL", Right.WORK, Route.JOB)
@frozen
class Fail:
    """Say that a held job failed; it is tried again unless its attempts are used up."""

    job: JobId
    reservation: ReservationId | None = None
    error: str = ""
    error_type: str = ""
    trace: str = ""
    retry: bool = True
    delay: Seconds | None = None
    """Before the next attempt, instead of the backoff."""
    to_tail: bool = False
    """Come back behind those that wait, with a new `seq`."""


@command("RELEASE", Right.WORK, Route.JOB)
@frozen
class Release:
    """Give a held job back untried."""

    job: JobId
    reservation: ReservationId | None = None
    delay: Seconds = 0.0


@command("TOUCH", Right.WORK, Route.JOB)
@frozen
class Touch:
    """Renew the lease of a held job."""

    job: JobId
    reservation: ReservationId | None = None
    lease: Seconds | None = None


@command("PROGRESS", Right.WORK, Route.JOB)
@frozen
class Progress:
    """Tell how far a held job is; also a sign of life."""

    job: JobId
    progress: Fraction
    note: str = ""
    reservation: ReservationId | None = None


@command("LOG", Right.WORK, Route.JOB)
@frozen
class Log:
    """Add a line to a held job's log."""

    job: JobId
    line: str
    reservation: ReservationId | None = None


@command("CHECKPOINT", Right.WORK, Route.JOB)
@frozen
class Checkpoint:
    """Keep bytes with a held job for its next attempt; also a sign of life."""

    job: JobId
    data: bytes
    reservation: ReservationId | None = None


@command("REPORT", Right.WORK | Right.MANAGE, Route.JOB)
@frequent
class Report:
    """Say `in-progress`, `done` or `errored` of a job, as doors without reservations do.

    From the connection that holds the job it is Started, Done or Fail; of a job that nobody
    holds it is an Override, for which the caller needs the manage right; of a job that somebody
    else holds it is refused with `reservation-lost`.
    """

    job: JobId
    state: Literal["in-progress", "done", "errored"]
