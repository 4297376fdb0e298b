"""Commands of doors whose clients name a job's state and hold no reservation."""

from typing import Literal

from attrs import frozen

from engine.access import Right
from engine.commands.fields import Instant, JobId, Limit, Name, Priority, Types
from engine.commands.table import Route, command


@command("WRITE_STATUS", Right.MANAGE, Route.QUEUE)
@frozen
class WriteStatus:
    """Put a job into a state in one step, whoever holds it, and write over what it carries."""

    queue: Name
    job: JobId
    state: Literal["ready", "reserved", "done", "failed"] | None = None
    """`reserved` of a held job is a sign of life; `failed` is one failure, with its retry."""
    payload: bytes | None = None
    priority: Priority | None = None
    expires_at: Instant | None = None
    """0: never."""


@command("PEEK", Right.READ, Route.QUEUE)
@frozen
class Peek:
    """Show the jobs of a queue that would be handed out next, in order; nobody takes them."""

    queue: Name
    types: Types = ()
    """Only these types; empty: all."""
    limit: Limit = 1
