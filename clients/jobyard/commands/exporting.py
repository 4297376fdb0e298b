"""`jobyard export`: jobs as lines of JSON, which `jobyard import` takes back."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

from cyclopts import Parameter

from jobyard.blocking import BlockingClient
from jobyard.commands import kept_jobs, kept_queues
from jobyard.commands.progressing import progress
from jobyard.commands.queues import described
from jobyard.commands.reach import HERE, Reached, asked
from jobyard.errors import BadArgument

_PAGE: Final = 50
"""Jobs asked for at once: their payloads are in memory together, here and at the server."""


def export(
    file: Path | None = None,
    /,
    *,
    queue: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    reach: Reached = HERE,
) -> int:
    """Write the queues of the group as lines of JSON, a job a line with all it carries.

    What changes meanwhile is written as it is when its page comes.

    Args:
        file: a new file, readable by you alone; else stdout.
        queue: only this one; may be said more than once.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        found = {one["name"]: one for one in described(client)}
        unknown = [name for name in queue if name not in found]
        if unknown:
            raise BadArgument(f"there is no queue {unknown[0]!r} in this group")
        names = list(dict.fromkeys(queue)) or list(found)
        total = sum(sum(found[name]["counts"]["states"].values()) for name in names)
        with _written(file) as out, progress("exporting", total) as advance:
            out.write(kept_jobs.header())
            for name in names:
                out.write(kept_queues.line_of(client, found[name]))
                for page in _pages(client, name):
                    out.writelines(map(kept_jobs.line_of, page))
                    advance(len(page))

    return asked(reach, say_it)


def _pages(client: BlockingClient, queue: str) -> Iterator[list[dict[str, Any]]]:
    after: int | None = 0
    while after is not None:
        page = client.execute("LIST", queue, "LIMIT", _PAGE, "AFTER", after)
        yield page["jobs"]
        after = page["next"]


@contextmanager
def _written(file: Path | None) -> Iterator[BinaryIO]:
    """The new file, gone again should the block fail; or stdout."""
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadArgument(f"{file} cannot be written: {error.strerror}") from None
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 - opened for its owner alone
            yield out
    except BaseException:
        file.unlink(missing_ok=True)
        raise
