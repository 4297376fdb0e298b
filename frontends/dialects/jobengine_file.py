"""The database files of the original JobEngine, v0.0.1 and v1, read and never written.

A file is AES-256-GCM: nonce (12 bytes), ciphertext, tag. The key is the MD5 of SECRET as 32
hexadecimal characters. Inside is JSON: v0 has queues by name at the top, v1 has them in `queues`.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from attrs import frozen

from engine.commands.fields import JobId, Name, Priority, is_name

LONGEST: Final = 512 * 2**20
"""Bytes of a file."""
NONCE: Final = 12
TAG: Final = 16
MINUTES_MAX: Final = 2**31 - 1

State = Literal["queued", "inprogress", "complete", "failed"]
Time = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Whole unix seconds; 0 as `timeout_time` means never."""
Minutes = Annotated[int, msgspec.Meta(ge=-MINUTES_MAX, le=MINUTES_MAX)]
Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{128}\Z")]
Index = Annotated[str, msgspec.Meta(pattern=r"\A(0|[1-9][0-9]{0,9})\Z")]

T = TypeVar("T")


class FileError(Exception):
    """The file cannot be taken over; the message says why, and shows no secret and no content."""


class WrongSecret(FileError):
    """The secret does not open the file, or a byte of it was changed: the cipher cannot tell."""


@frozen
class OriginalJob:
    """One job as the original kept it."""

    uid: str
    state: State
    priority: int
    created: int
    last_updated: int
    timeout_time: int
    content: bytes
    """JSON, byte for byte as it stood."""
    keep_minutes: int | None = None
    """None in v0, whose configuration says it for all."""
    timeout_minutes: int | None = None


@frozen
class OriginalQueue:
    """One queue with its jobs in the order of the file."""

    name: str
    jobs: tuple[OriginalJob, ...]
    access_key: str = ""
    """v1: the SHA-512 of the key, in lower-case hexadecimal."""
    readers: tuple[str, ...] = ()
    """v0: the applications that may read."""
    writers: tuple[str, ...] = ()


@frozen
class Original:
    """Everything in one file."""

    version: Literal[0, 1]
    queues: tuple[OriginalQueue, ...]


class _Job(msgspec.Struct, frozen=True):
    uid: JobId
    state: State
    priority: Priority
    created: Time
    last_updated: Time
    content: msgspec.Raw
    timeout_time: Time = 0
    keep_minutes: Minutes | None = None
    timeout_minutes: Minutes | None = None


class _Permissions(msgspec.Struct, frozen=True):
    read: tuple[Name, ...] | None = None
    write: tuple[Name, ...] | None = None


class _QueueV0(msgspec.Struct, frozen=True):
    name: Name
    jobs: dict[Index, _Job] | None
    permissions: _Permissions


class _QueueV1(msgspec.Struct, frozen=True):
    name: Name
    jobs: tuple[_Job, ...] | None
    access_key: Digest


class _Named(msgspec.Struct, frozen=True):
    """What tells a v0 queue that is called `queues` from the queues of v1."""

    name: Any = None


def read(content: bytes, secret: str) -> Original:
    """Open a file of either version.

    Args:
        content: all its bytes.
        secret: the SECRET its server ran with.

    Raises:
        WrongSecret: it cannot be opened.
        FileError: what is inside is no database of the original.
    """
    if len(content) > LONGEST:
        raise FileError(f"the file has more than {LONGEST} bytes")
    plain = _open(content, secret)
    top = _decode(plain, dict[str, msgspec.Raw])
    if set(top) == {"queues"} and not _is_v0_queue(top["queues"]):
        ones = _decode(top["queues"], dict[Name, _QueueV1] | None) or {}
        return Original(1, tuple(_from_v1(key, queue) for key, queue in ones.items()))
    zeros = _decode(plain, dict[Name, _QueueV0])
    return Original(0, tuple(_from_v0(key, queue) for key, queue in zeros.items()))


def _open(content: bytes, secret: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- 50 ms for those who import
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 -- the same

    if len(content) < NONCE + TAG:
        raise FileError(f"a database of JobEngine has at least {NONCE + TAG} bytes")
    text = secret.encode("utf-8", "surrogateescape")
    key = hashlib.md5(text, usedforsecurity=False).hexdigest().encode()
    try:
        return AESGCM(key).decrypt(content[:NONCE], content[NONCE:], None)
    except InvalidTag:
        raise WrongSecret("SECRET does not open the file, or the file is damaged") from None


def _decode(plain: bytes | msgspec.Raw, kind: type[T] | Any) -> Any:
    try:
        return msgspec.json.decode(plain, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"this is no database of JobEngine: {error}") from None


def _is_v0_queue(value: msgspec.Raw) -> bool:
    try:
        return isinstance(msgspec.json.decode(value, type=_Named).name, str)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _from_v0(key: str, queue: _QueueV0) -> OriginalQueue:
    jobs = queue.jobs or {}
    in_order = [jobs[index] for index in sorted(jobs, key=int)]
    return OriginalQueue(
        _name(key, queue.name),
        _jobs(key, dict(enumerate(in_order))),
        readers=queue.permissions.read or (),
        writers=queue.permissions.write or (),
    )


def _from_v1(key: str, queue: _QueueV1) -> OriginalQueue:
    jobs = dict(enumerate(queue.jobs or ()))
    return OriginalQueue(_name(key, queue.name), _jobs(key, jobs), access_key=queue.access_key)


def _name(key: str, name: str) -> str:
    if key != name or not is_name(name):
        raise FileError(f"{key!r} cannot name a queue, or the queue says it has another name")
    return name


def _jobs(queue: str, jobs: Mapping[int, _Job]) -> tuple[OriginalJob, ...]:
    found = {job.uid: _job(job) for job in jobs.values()}
    if len(found) != len(jobs):
        raise FileError(f"two jobs of queue {queue!r} have the same uid")
    return tuple(found.values())


def _job(job: _Job) -> OriginalJob:
    return OriginalJob(
        uid=job.uid,
        state=job.state,
        priority=job.priority,
        created=job.created,
        last_updated=job.last_updated,
        timeout_time=job.timeout_time,
        content=bytes(job.content),
        keep_minutes=job.keep_minutes,
        timeout_minutes=job.timeout_minutes,
    )
