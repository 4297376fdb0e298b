"""Commands that bring jobs in."""

from typing import Annotated

from attrs import frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import (
    LIMIT_MAX,
    ContentType,
    Key,
    Name,
    Priority,
    Seconds,
    TypeName,
)
from engine.commands.table import Route, command
from engine.job import DEFAULT_POLICY, JobPolicy


@frozen
class PublishOptions:
    """What a publisher may say of a job beyond its type and payload. Times in seconds."""

    priority: Priority = 0
    delay: Seconds = 0.0
    ready_at: float | None = None
    """Not before this instant (unix seconds); the later of this and `delay` counts."""
    time_to_live: Seconds | None = None
    """The longest wait; then the job expires."""
    content_type: ContentType = ""
    unique_key: Key = ""
    unique_scope: Annotated[str, Meta(pattern="^(queued|unfinished)$")] | Seconds = "unfinished"
    policy: JobPolicy = DEFAULT_POLICY


PLAIN = PublishOptions()


@command("ENQUEUE", Right.PUBLISH, Route.NEW_QUEUE)
@frozen
class Publish:
    """Add a job to a queue and answer with its id."""

    queue: Name
    type: TypeName
    payload: bytes
    options: PublishOptions = PLAIN


@frozen
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
