"""Commands of those who look after queues and jobs."""

from typing import Annotated, Literal

from attrs import frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import CronText, Instant, JobId, Name, Priority, Seconds, Zone
from engine.commands.table import Route, command


@command("CANCEL", Right.PUBLISH, Route.JOB)
@frozen
class Cancel:
    """Cancel a job: at once while it waits, else when its holder was told."""

    job: JobId


@command("RESET", Right.MANAGE, Route.JOB)
@frozen
class Reset:
    """Bring a job that is over back to ready."""

    job: JobId


@command("DELETE", Right.WORK | Right.MANAGE, Route.JOB)
@frozen
class Delete:
    """Remove a job, whatever its state; of a job one does not hold it needs the manage right."""

    job: JobId


@command("OVERRIDE", Right.MANAGE, Route.JOB)
@frozen
class Override:
    """Put a job that nobody else holds into a state in one step."""

    job: JobId
    state: Literal["ready", "reserved", "done", "failed"]
    """`failed` is one failure, with its retry."""


@command("EDIT", Right.MANAGE, Route.JOB)
@frozen
class Edit:
    """Change a job that waits: its priority, time or payload. None leaves as it is."""

    job: JobId
    priority: Priority | None = None
    delay: Seconds | None = None
    payload: bytes | None = None
    updated_at: Instant | None = None
    """Only a job that was last changed then."""


@command("PAUSE", Right.MANAGE, Route.NEW_QUEUE)
@frozen
class Pause:
    """Hand out no more jobs of a queue; what is held goes on."""

    queue: Name


@command("DRAIN", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class Drain:
    """Take no new jobs into a queue; those that are there are handed out until none is left."""

    queue: Name


@command("RESUME", Right.MANAGE, Route.QUEUE)
@frozen
class Resume:
    """Hand out jobs of a paused queue again, and take new ones into a draining one."""

    queue: Name


@command("PURGE", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class Purge:
    """Remove every job of a queue, held ones too."""

    queue: Name


@command("KICK_ALL", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class KickAll:
    """Unsubscribe every worker of a queue; what they hold comes back at once."""

    queue: Name


@command("KICK", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class Kick:
    """Unsubscribe the worker at an address; what it holds comes back at once."""

    queue: Name
    address: Annotated[str, Meta(max_length=200)]


@command("DELETE_QUEUE_WHOLE", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class DeleteQueue:
    """Remove a queue with its jobs, recurrences and subscriptions."""

    queue: Name


@command("RETRY_FAILED_NOW", Right.MANAGE, Route.QUEUE)
@frozen
class RetryNow:
    """Make the jobs of a queue that wait after a failure ready at once."""

    queue: Name


@command("SET_RECURRENCE", Right.MANAGE, Route.NEW_QUEUE)
@frozen
class SetRecurrence:
    """Declare what a queue makes on schedule; the same type again updates it, number kept."""

    queue: Name
    type: Name
    cron: CronText
    payload: bytes | None = b""
    """None: the one it has."""
    zone: Zone | None = None
    missed: Literal["skip", "once"] = "skip"
    overlap: Literal["allow", "skip"] = "allow"
    seconds: bool = True
    """Whether a sixth field, for seconds, may come first."""
    once_now: bool = False
    """Make one job at the first declaration and never fire (jobatator's `delay_policy: IGNORE`)."""
    paused: bool | None = None
    """None: as it is; a new one is not."""
    since: Instant | None = None
    """It was declared then, elsewhere: intervals count from there, and `once_now` makes no job."""
    last_tick: Instant | None = None
    """What was due up to then never fires here."""


@command("DELETE_RECURRENCE", Right.MANAGE, Route.SERVER, audited=True)
@frozen
class DeleteRecurrence:
    """End a recurrence of this group, by its number."""

    number: Annotated[int, Meta(ge=0, le=2**53 - 1)]


@command("DROP_RECURRENCE", Right.MANAGE, Route.QUEUE, audited=True)
@frozen
class DropRecurrence:
    """End a recurrence of a queue, by its number."""

    queue: Name
    number: Annotated[int, Meta(ge=0, le=2**53 - 1)]


@command("PAUSE_RECURRENCE", Right.MANAGE, Route.QUEUE)
@frozen
class PauseRecurrence:
    """Keep a recurrence from firing, or let it fire again."""

    queue: Name
    number: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    paused: bool = True


@command("RUN_RECURRENCE", Right.MANAGE, Route.QUEUE)
@frozen
class RunRecurrence:
    """Make the job of a recurrence now, beside its schedule."""

    queue: Name
    number: Annotated[int, Meta(ge=0, le=2**53 - 1)]
