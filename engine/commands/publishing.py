"""Commands that bring jobs in."""

from typing import Annotated, Any, Final

from attrs import frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import (
    LIMIT_MAX,
    ContentType,
    Instant,
    Key,
    Name,
    Priority,
    Seconds,
    TypeName,
)
from engine.commands.frequent import frequent
from engine.commands.table import Route, command
from engine.job import DEFAULT_POLICY, JobPolicy, OnLapse
from engine.retry import Backoff


@frozen
class PublishOptions:
    """What a publisher may say of a job beyond its type and payload. Times in seconds."""

    priority: Priority = 0
    delay: Seconds = 0.0
    ready_at: Instant | None = None
    """Not before this instant (unix seconds); the later of this and `delay` counts."""
    time_to_live: Seconds | None = None
    """The longest wait; then the job expires."""
    expires_at: Instant | None = None
    """Not after this instant (unix seconds); the sooner of this and `time_to_live` counts."""
    content_type: ContentType = ""
    unique_key: Key = ""
    unique_scope: Annotated[str, Meta(pattern="^(queued|unfinished)$")] | Seconds = "unfinished"
    uuid4: bool = False
    """The id calls itself a UUID of version 4, since some clients look."""
    policy: JobPolicy = DEFAULT_POLICY


PLAIN = PublishOptions()

POLICY_FIELDS: Final[dict[str, Any]] = {
    "lease": Seconds,
    "on_lapse": OnLapse,
    "run_limit": Seconds,
    "max_attempts": Annotated[int, Meta(ge=1, le=2**31 - 1)],
    "backoff": Backoff,
    "keep_done": Seconds,
    "keep_failed": Seconds,
}
"""What a publisher may say of a job's policy, with its bounds; None as `max_attempts`: no limit."""


@command("ENQUEUE", Right.PUBLISH, Route.NEW_QUEUE)
@frequent
class Publish:
    """Add a job to a queue and answer with its id."""

    queue: Name
    type: TypeName
    payload: bytes
    options: PublishOptions = PLAIN


@frequent
class NewJob:
    """One job of a bulk."""

    type: TypeName
    payload: bytes
    options: PublishOptions = PLAIN


@command("ENQUEUE_MANY", Right.PUBLISH, Route.NEW_QUEUE)
@frozen
class PublishMany:
    """Add up to 1,000 jobs to one queue: all of them or none."""

    queue: Name
    jobs: Annotated[tuple[NewJob, ...], Meta(min_length=1, max_length=LIMIT_MAX)]
