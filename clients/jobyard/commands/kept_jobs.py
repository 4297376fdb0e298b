"""Jobs on their way into a server: those of a file of the original JobEngine, and our own export.

An export is lines of JSON: first what it is, then of each queue what it is, and its jobs, a line
each with all that they are shown with.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import msgspec
from attrs import frozen

from engine.commands.fields import is_name
from frontends.dialects.jobengine_file import Original, OriginalJob
from frontends.dialects.jobengine_jobs import policy
from frontends.dialects.native_adopting import KeptJob
from jobyard.commands import kept_queues
from jobyard.commands.kept_queues import KeptQueue
from jobyard.commands.showing import native
from jobyard.errors import JobyardError

VERSION: Final = 1
HEADER: Final = "jobyard_export"
_BEGINS: Final = b'{"%b":' % HEADER.encode()
BEGINNING: Final = len(_BEGINS)
"""Bytes that tell what a file is."""
LONGEST: Final = 256 * 2**20
"""Bytes of a line."""
_STATES: Final = {
    "queued": "ready", "inprogress": "reserved", "complete": "done", "failed": "failed",
}  # fmt: skip
_TAKEN: Final = frozenset(KeptJob.__struct_fields__)


class UnreadableFile(JobyardError):
    """What the file holds cannot be taken over; the message says where it ends to be fit."""


@frozen
class V0Minutes:
    """What a v0 configuration says for all jobs, whose file does not."""

    keep: int = 60
    timeout: int = 60


def header() -> bytes:
    """The first line of an export."""
    return msgspec.json.encode({HEADER: VERSION}) + b"\n"


def is_export(begin: bytes) -> bool:
    """Whether a file that begins so is one of ours."""
    return begin.startswith(_BEGINS)


def exported(file: BinaryIO) -> Iterator[tuple[str, dict[str, Any] | KeptQueue]]:
    """Queue and job of each line, or what it says of the queue whose jobs come next.

    Raises:
        UnreadableFile: a line is none of an export, or of a version to come.
    """
    if _read(file.readline(LONGEST), 1).get(HEADER) != VERSION:
        raise UnreadableFile(f"line 1: this is no export of version {VERSION}")
    number = 1
    while line := file.readline(LONGEST):
        number += 1
        job = _read(line, number)
        queue = job.get("queue")
        if not isinstance(queue, str) or not is_name(queue):
            raise UnreadableFile(f"line {number}: its queue has no name")
        if kept_queues.SETTINGS not in job:
            yield queue, fit(job)
            continue
        try:
            yield queue, kept_queues.read(job[kept_queues.SETTINGS])
        except ValueError as error:  # msgspec's own is one
            raise UnreadableFile(f"line {number}: {error}") from None


def _read(line: bytes, number: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(f"line {number}: {error}") from None
    return found


def fit(job: Mapping[str, Any]) -> dict[str, Any]:
    """What can be taken over of a job as it is shown; None is said of `max_attempts` only."""
    found = {
        name: value
        for name, value in job.items()
        if name in _TAKEN and (value is not None or name == "max_attempts")
    }
    if not found.get("unique_key"):
        found.pop("unique_scope", None)
    return found


def original(file: Original, minutes: V0Minutes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Queue and job of everything in a file of the original."""
    for queue in file.queues:
        for job in queue.jobs:
            yield queue.name, _of_original(job, minutes)


def _of_original(job: OriginalJob, minutes: V0Minutes) -> dict[str, Any]:
    state = _STATES[job.state]
    keep = minutes.keep if job.keep_minutes is None else job.keep_minutes
    timeout = minutes.timeout if job.timeout_minutes is None else job.timeout_minutes
    treated = policy(keep, timeout)
    made: dict[str, Any] = {
        "id": job.uid, "state": state, "priority": -job.priority,
        "payload": b"" if job.content == b"null" else job.content,
        "attempts": int(state != "ready"),
        "created_at": job.created, "updated_at": job.last_updated,
        "lease": treated.lease, "on_lapse": treated.on_lapse.value,
        "max_attempts": treated.max_attempts,
        "keep_done": treated.keep_done, "keep_failed": treated.keep_failed,
    }  # fmt: skip
    if job.timeout_time:
        made["expires_at"] = job.timeout_time
    return made


def line_of(job: Mapping[str, Any]) -> bytes:
    """A job as a line of an export, with its queue among its fields."""
    return msgspec.json.encode(native(job)) + b"\n"
