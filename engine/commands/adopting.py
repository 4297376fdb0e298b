"""Commands that take over what another server, or another queue, has kept."""

from typing import Annotated

from attrs import field, frozen
from msgspec import Meta

from engine.access import Right
from engine.commands.fields import (
    LIMIT_MAX,
    NAME_MAX,
    ContentType,
    Fraction,
    Instant,
    JobId,
    Key,
    Name,
    Priority,
    Seconds,
    TypeName,
)
from engine.commands.table import Route, command
from engine.job import DEFAULT_POLICY, JobPolicy, JobState

_Word = Annotated[str, Meta(max_length=50)]
Tally = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Digest = Annotated[str, Meta(pattern=r"\A([0-9a-f]{128})?\Z")]
"""A SHA-512 as lower-case hexadecimal characters; empty: none."""
Held = tuple[Annotated[str, Meta(max_length=NAME_MAX)], Instant, Instant, _Word]
"""Who held it, since when, until when, and in one word how it ended."""
Names = Annotated[tuple[Name, ...], Meta(max_length=LIMIT_MAX)]


@frozen
class AdoptedJob:
    """One job as another server kept it. Times are unix seconds.

    A time that is None follows from the others: it was ready when made, finished when last changed.
    """

    id: JobId
    type: TypeName
    payload: bytes
    state: JobState
    created_at: Instant
    updated_at: Instant
    priority: Priority = 0
    ready_at: Instant | None = None
    expires_at: Instant | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    attempts: Tally = 0
    failures: Tally = 0
    lapses: Tally = 0
    disconnects: Tally = 0
    releases: Tally = 0
    resets: Tally = 0
    reason: Annotated[str, Meta(max_length=NAME_MAX)] = ""
    """Why it failed or was canceled, in one word."""
    content_type: ContentType = ""
    unique_key: Key = ""
    unique_scope: Annotated[str, Meta(pattern=r"\A(queued|unfinished)\Z")] | Seconds = "unfinished"
    result: bytes | None = None
    error: str = ""
    error_type: str = ""
    trace: str = ""
    progress: Fraction | None = None
    note: str = ""
    log: Annotated[tuple[tuple[Instant, str], ...], Meta(max_length=LIMIT_MAX)] = ()
    """When each line was written, and the line."""
    history: Annotated[tuple[Held, ...], Meta(max_length=LIMIT_MAX)] = ()
    checkpoint: bytes | None = None
    result_type: ContentType = ""
    policy: JobPolicy = DEFAULT_POLICY


@command("ADOPT", Right.MANAGE, Route.NEW_QUEUE)
@frozen
class Adopt:
    """Take over up to 1,000 jobs as they were; an id that the group has already is skipped."""

    queue: Name
    jobs: Annotated[tuple[AdoptedJob, ...], Meta(min_length=1, max_length=LIMIT_MAX)]


@command("SET_ACCESS", Right.MANAGE, Route.NEW_QUEUE, audited=True)
@frozen
class SetAccess:
    """Say who may use a queue through doors without principals. None leaves as it is."""

    queue: Name
    key_sha512: Digest | None = field(default=None, repr=False)
    """SHA-512 of its key in hexadecimal; empty takes the key away."""
    readers: Names | None = None
    writers: Names | None = None
    declared: bool | None = None
    """Whether a settings file declares it."""
    new: bool = False
    """Only of a queue that is not there yet."""


@command("MOVE", Right.MANAGE, Route.SERVER)
@frozen
class Move:
    """Put a job that waits or is over into another queue of the group, as it is."""

    job: JobId
    queue: Name
    """Made if need be."""
