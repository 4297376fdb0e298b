"""Single jobs: publish, get, list, wait, cancel, reset, delete, edit, explain."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from jobyard.blocking import BlockingClient
from jobyard.commands.bulk import publish_lines
from jobyard.commands.confirming import Yes, confirmed
from jobyard.commands.options import Payload, Publishing, Seconds, Whole, payload
from jobyard.commands.reach import FAILED, HERE, OK, UNENDED, Reached, asked
from jobyard.commands.showing import cell, say, show, show_pages, shown, when
from jobyard.errors import BadArgument
from jobyard.job import Job, State

NOTHING_SAID: Final = Publishing()
_HEADS: Final = ("id", "state", "type", "priority", "attempts", "created", "payload")
_PAGE: Final = 1_000
_WAIT: Final = 60.0
"""Seconds of one wait at the server; longer ones are several."""


def publish(
    queue: str,
    type: str,  # noqa: A002 - the field's name
    payload_: Payload = None,
    /,
    *,
    file: Path | None = None,
    lines: Annotated[bool, Parameter(negative="")] = False,
    of: Annotated[Publishing, Parameter(name="*")] = NOTHING_SAID,
    reach: Reached = HERE,
) -> int:
    """Add a job to a queue and print its id; or many, a line each.

    Args:
        queue: where to; it is made if need be.
        type: what kind of job.
        payload_: what it carries; - reads stdin; nothing: empty.
        file: a file with the payload.
        lines: a job for each line of stdin, the line its payload; prints how many.
        of: everything else.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        if lines:
            if payload_ is not None or file is not None:
                raise BadArgument("with --lines the payloads are the lines of stdin")
            count = publish_lines(client, queue, type, of.said(), sys.stdin.buffer)
            show({"published": count}, reach.output, str(count))
            return
        made = client.publish(queue, type, payload(payload_, file) or b"", **of.said())
        show(made, reach.output, cell(made.job))
        if made.existing:
            say("jobyard: a job with that key was there already", sys.stderr)

    return asked(reach, say_it)


def get(job: str, /, *, reach: Reached = HERE) -> int:
    """Show one job with all it carries.

    Args:
        job: its id.
        reach: the server.
    """
    return asked(reach, lambda client: show(client.get(job), reach.output))


def list_jobs(
    queue: str,
    /,
    *,
    state: Annotated[tuple[State, ...], Parameter(negative="")] = (),
    type: str | None = None,  # noqa: A002 - the field's name
    limit: Whole = 100,
    after: Whole | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    reach: Reached = HERE,
) -> int:
    """Show jobs of a queue in order of publishing.

    Args:
        queue: whose.
        state: only those in it; may be said more than once.
        type: only those of it.
        limit: how many at most.
        after: go on behind this one, as the page before said.
        all_: every one, page after page.
        reach: the server.
    """
    size = _PAGE if all_ else limit

    def pages(client: BlockingClient) -> Iterator[tuple[Job, ...]]:
        cursor = after
        while True:
            page = client.list(queue, state, type=type, after=cursor, limit=size)
            yield page.jobs
            cursor = page.next
            if cursor is None:
                return
            if not all_:
                say(f"jobyard: there are more: --after {cursor}, or --all", sys.stderr)
                return

    return asked(reach, lambda client: show_pages(pages(client), reach.output, _HEADS, line))


def line(job: Job) -> list[str]:
    """A job in a table."""
    return [
        cell(job.id), job.state, cell(job.type), str(job.priority), str(job.attempts),
        when(job.created_at), cell(job.payload),
    ]  # fmt: skip


def wait(job: str, /, *, timeout: Seconds = 60.0, reach: Reached = HERE) -> int:
    """Wait for the end of a job and show it.

    The exit code is 0 when it is done, 1 when it ended otherwise, 4 when it did not end.

    Args:
        job: its id.
        timeout: seconds to wait at most.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> int:
        until = time.monotonic() + timeout
        left = timeout
        found = client.wait(job, min(left, _WAIT))
        while not found.over and (left := until - time.monotonic()) > 0:
            found = client.wait(job, min(left, _WAIT))
        show(found, reach.output)
        if not found.over:
            return UNENDED
        return OK if found.state == "done" else FAILED

    return asked(reach, say_it)


def cancel(job: str, /, *, reach: Reached = HERE) -> int:
    """Cancel a job: at once while it waits, else when its worker was told.

    Args:
        job: its id.
        reach: the server.
    """
    return asked(reach, lambda client: client.cancel(job))


def reset(job: str, /, *, reach: Reached = HERE) -> int:
    """Bring a job that is over back to ready.

    Args:
        job: its id.
        reach: the server.
    """
    return asked(reach, lambda client: client.reset(job))


def delete(job: str, /, *, yes: Yes = False, reach: Reached = HERE) -> int:
    """Remove a job, whatever its state.

    Args:
        job: its id.
        yes: ask nothing; only a terminal is asked.
        reach: the server.
    """
    if not confirmed(f"Remove {shown(job)}", yes=yes):
        return FAILED
    return asked(reach, lambda client: client.delete(job))


def edit(
    job: str,
    payload_: Payload = None,
    /,
    *,
    file: Path | None = None,
    priority: Whole | None = None,
    delay: Seconds | None = None,
    reach: Reached = HERE,
) -> int:
    """Change a job that waits.

    Args:
        job: its id.
        payload_: what it carries from now on; - reads stdin.
        file: a file with that.
        priority: lower is sooner.
        delay: not before so many seconds from now.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        client.edit(job, priority=priority, delay=delay, payload=payload(payload_, file))

    return asked(reach, say_it)


def explain(job: str | None = None, /, *, queue: str | None = None, reach: Reached = HERE) -> int:
    """Say why a job does not run now, or a queue hands out nothing, and when it may.

    Args:
        job: its id.
        queue: instead of a job.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        if (job is None) == (queue is None):
            raise BadArgument("explain takes the id of a job, or --queue")
        told = client.explain_queue(str(queue)) if job is None else client.explain(job)
        show(told, reach.output)

    return asked(reach, say_it)
