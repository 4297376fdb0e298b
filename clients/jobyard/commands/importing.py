"""`jobyard import`: jobs that another server kept."""

import getpass
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from attrs import define, field, frozen
from cyclopts import Parameter

from frontends.dialects import jobengine_file
from jobyard.adopting import entry
from jobyard.blocking import BlockingClient
from jobyard.commands import kept_jobs, kept_queues
from jobyard.commands.kept_jobs import UnreadableFile, V0Minutes
from jobyard.commands.kept_queues import KeptQueue
from jobyard.commands.options import Whole
from jobyard.commands.progressing import progress
from jobyard.commands.reach import HERE, Reached, asked
from jobyard.commands.showing import cell, say, show, table
from jobyard.errors import BadArgument

_BULK: Final = 1_000
_BYTES: Final = 60 * 1024
"""Of a bulk: what a server takes as one request however small its bound of a payload is."""
_SECRET_MAX: Final = 4_096
Kept = Iterable[tuple[str, Mapping[str, Any] | KeptQueue]]
"""Names of queues, each with a job, or with what the queue is."""


@frozen
class OfOriginal:
    """What a file of the original JobEngine needs beside it."""

    secret_file: Annotated[
        Path | None, Parameter(help="A file with its SECRET; else $SECRET, or it is asked for.")
    ] = None
    keep_minutes: Annotated[Whole, Parameter(help="Of v0: job_keep_minutes of its config.yml.")] = (
        60
    )
    timeout_minutes: Annotated[
        Whole, Parameter(help="Of v0: job_timeout_minutes of its config.yml.")
    ] = 60


NOTHING_SAID: Final = OfOriginal()


@define
class Tally:
    """Jobs on their way to the server, in bulks of one queue; and what became of them."""

    client: BlockingClient
    queues: dict[str, list[int]] = field(factory=dict[str, list[int]])
    """By name: how many were added, how many skipped."""
    _queue: str = ""
    _bulk: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    _size: int = 0
    _draining: list[str] = field(factory=list[str])
    """These take no new jobs once all are there."""
    keyless: list[str] = field(factory=list[str])
    """These asked for a key, which stays behind."""

    def declare(self, queue: str, kept: KeptQueue) -> None:
        """Have a queue be as it was, before its jobs come."""
        self.flush()
        self.queues.setdefault(queue, [0, 0])
        if kept_queues.declare(self.client, queue, kept):
            self.keyless.append(queue)
        if kept.draining:
            self._draining.append(queue)

    def add(self, queue: str, job: Mapping[str, Any]) -> None:
        """One more job; it goes when its bulk is full."""
        made = entry(job)
        size = len(msgspec.json.encode(made))
        full = len(self._bulk) == _BULK or self._size + size > _BYTES
        if self._bulk and (full or queue != self._queue):
            self.flush()
        self._queue = queue
        self._bulk.append(made)
        self._size += size

    def flush(self) -> None:
        """Have everything go that was added."""
        if self._bulk:
            told = self.client.adopt(self._queue, self._bulk)
            row = self.queues.setdefault(self._queue, [0, 0])
            row[0] += told.added
            row[1] += told.skipped
        self._bulk, self._size = [], 0

    def send(self, all_kept: Kept, total: int | None) -> None:
        """Have all of them go, showing how far it is."""
        with progress("importing", total) as advance:
            for queue, kept in all_kept:
                if isinstance(kept, KeptQueue):
                    self.declare(queue, kept)
                else:
                    self.add(queue, kept)
                    advance(1)
            self.flush()
        for queue in self._draining:
            self.client.drain(queue)


def import_(
    file: Path,
    /,
    *,
    of: Annotated[OfOriginal, Parameter(name="*")] = NOTHING_SAID,
    reach: Reached = HERE,
) -> int:
    """Take over the queues of an original JobEngine, or of an export; what is known is skipped.

    Args:
        file: its database, or what `jobyard export` wrote; it is only read.
        of: what a database of the original needs.
        reach: the server.
    """

    def say_it(client: BlockingClient) -> None:
        tally = Tally(client)
        try:
            with file.open("rb") as opened:
                if kept_jobs.is_export(opened.read(kept_jobs.BEGINNING)):
                    opened.seek(0)
                    tally.send(kept_jobs.exported(opened), None)
                else:
                    opened.seek(0)
                    _send_original(tally, opened.read(jobengine_file.LONGEST + 1), of)
        except OSError as error:
            raise BadArgument(f"the file cannot be read: {error}") from None
        counts = tally.queues.items()
        shown = [{"queue": name, "added": row[0], "skipped": row[1]} for name, row in counts]
        rows = [[cell(name), str(row[0]), str(row[1])] for name, row in counts]
        show(shown, reach.output, table(("queue", "added", "skipped"), rows))
        for name in tally.keyless:
            say(f"jobyard: the access key of {cell(name)} stays behind: set it anew", sys.stderr)

    return asked(reach, say_it)


def _send_original(tally: Tally, content: bytes, of: OfOriginal) -> None:
    try:
        found = jobengine_file.read(content, _secret(of.secret_file))
    except jobengine_file.FileError as error:
        raise UnreadableFile(str(error)) from None
    for queue in found.queues:
        tally.client.set_access(
            queue.name,
            key_sha512=queue.access_key or None,
            readers=queue.readers or None,
            writers=queue.writers or None,
        )
        tally.queues[queue.name] = [0, 0]
    minutes = V0Minutes(of.keep_minutes, of.timeout_minutes)
    total = sum(len(queue.jobs) for queue in found.queues)
    tally.send(kept_jobs.original(found, minutes), total)


def _secret(file: Path | None) -> str:
    """What opens the file.

    Raises:
        BadArgument: nobody says it.
    """
    if file is not None:
        try:
            with file.open("rb") as opened:
                return opened.read(_SECRET_MAX).decode("utf-8", "surrogateescape").rstrip("\r\n")
        except OSError as error:
            raise BadArgument(f"the secret cannot be read: {error}") from None
    said = os.environ.get("SECRET")
    if said is not None:
        return said
    if not sys.stdin.isatty():
        raise BadArgument("the file needs its SECRET: in $SECRET, or --secret-file")
    return getpass.getpass("SECRET of the original: ")
