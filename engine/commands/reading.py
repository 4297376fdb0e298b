"""Commands that change nothing."""

from typing import Annotated

from attrs import frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import CronText, Instant, JobId, Limit, Name, Seconds, TypeName, Zone
from engine.commands.table import Route, command
from engine.job import JobState


@command("GET", Right.READ, Route.JOB)
@frozen
class Get:
    """Show one job with all it carries."""

    job: JobId


@command("WAIT", Right.READ, Route.JOB, stays=True)
@frozen
class Wait:
    """Show one job when it is over, or as it is when the wait is."""

    job: JobId
    wait: Seconds = 60.0


@command("EXPLAIN", Right.READ, Route.JOB)
@frozen
class Explain:
    """Say why a job does not run now, and when it may."""

    job: JobId


@command("EXPLAIN_QUEUE", Right.READ, Route.QUEUE)
@frozen
class ExplainQueue:
    """Say why a queue hands out nothing now, and when it may."""

    queue: Name


@command("WORKERS", Right.READ, Route.QUEUE)
@frozen
class ListWorkers:
    """Show who is subscribed to a queue."""

    queue: Name


@command("RECURRENCES", Right.READ, Route.QUEUE)
@frozen
class ListRecurrences:
    """Show what a queue makes on schedule."""

    queue: Name
    whole: bool = False
    """Long payloads, too."""


@command("PREVIEW_CRON", Right.READ, Route.SERVER)
@frozen
class PreviewCron:
    """Show the next times of a schedule that is declared nowhere."""

    text: CronText
    n: Annotated[int, Meta(ge=1, le=100)]
    zone: Zone
    """Empty: UTC, unless the text names one."""
    seconds: bool = True


@command("LIST", Right.READ, Route.QUEUE)
@frozen
class ListJobs:
    """Show jobs of a queue in order of publishing, a page at a time.

    A page may be short, even empty, and have a cursor all the same: that much was looked at.
    """

    queue: Name
    states: tuple[JobState, ...] = ()
    type: TypeName | None = None
    after: Annotated[int, Meta(ge=0)] = 0
    """Cursor: the `seq` the page before ended with."""
    limit: Limit = 100
    newest_first: bool = False
    since: Instant | None = None
    """Published then or later (unix seconds)."""
    until: Instant | None = None
    """Published earlier than that."""


@command("DESCRIBE", Right.READ, Route.QUEUE)
@frozen
class Describe:
    """Show a queue whole: jobs up to a limit, workers, recurrences, counters."""

    queue: Name
    jobs: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Jobs to include; more than that in the queue is refused with `too-many-jobs`."""


@command("DESCRIBE_ALL", Right.READ, Route.SERVER)
@frozen
class DescribeAll:
    """Show every queue of the group as Describe does."""

    jobs: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@command("COUNTS", Right.READ, Route.QUEUE)
@frozen
class Counts:
    """Show how many jobs of each state and type a queue has."""

    queue: Name


@command("HEALTH_COUNTS", Right(0), Route.SERVER)
@frozen
class Health:
    """Count queues, jobs and workers over all groups, and name queues that failed."""


@command("DUMP", Right(0), Route.SERVER)
@frozen
class Dump:
    """Describe every queue of every group; doors offer it in test mode only."""

    jobs: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@command("RETRY_ALL_NOW", Right(0), Route.SERVER)
@frozen
class RetryAllNow:
    """Make jobs of every queue that wait after a failure ready; doors offer it where allowed."""
