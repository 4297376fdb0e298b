"""Methods of those who bring jobs from elsewhere, or put them into another queue."""

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from jobyard import job as values
from jobyard.job import Job
from jobyard.resp import Value
from jobyard.words import Call, id_of, json, nothing, words

_BYTES: Final = ("payload", "result", "checkpoint")


class Adopted(Struct, frozen=True):
    """How many jobs were taken over, and how many were there already."""

    added: int
    skipped: int


def adopt(queue: str, kept: Iterable[Mapping[str, Any]]) -> Call[Adopted]:
    """Take over up to 1,000 jobs as another server kept them; known ids are skipped.

    Args:
        queue: where to; it is made if need be.
        kept: `id`, `state`, `created_at`, `updated_at` and what else a job is shown with;
            `payload`, `result` and `checkpoint` are bytes or text.
    """
    bulk = json([entry(job) for job in kept])
    return Call(words("ADOPT", queue, bulk, request_id=secrets.token_hex(16)), _adopted)


def entry(job: Mapping[str, Any]) -> dict[str, Any]:
    """A job as the wire has it: bytes that are no UTF-8 go as base64."""
    made = {"type": "", **job}
    for name in _BYTES:
        raw = made.get(name)
        if isinstance(raw, bytes):
            try:
                made[name] = raw.decode()
            except UnicodeDecodeError:
                del made[name]
                made[f"{name}_base64"] = base64.b64encode(raw).decode()
    return made


def move(job: Job | str, queue: str) -> Call[None]:
    """Put a job that waits or is over into another queue of the group, as it is."""
    return Call(words("MOVE", id_of(job), queue), nothing)


def set_access(
    queue: str,
    *,
    key_sha512: str | None = None,
    readers: Sequence[str] | None = None,
    writers: Sequence[str] | None = None,
    declared: bool | None = None,
) -> Call[None]:
    """Say who may use a queue through JobEngine's doors; what is None stays as it is.

    Args:
        queue: made if need be.
        key_sha512: SHA-512 of its access key in hexadecimal; empty takes the key away.
        readers: services that may read.
        writers: services that may write.
        declared: whether a settings file declares it.
    """
    named = words(
        "SET_ACCESS", queue,
        key_sha512=key_sha512, readers=_names(readers), writers=_names(writers), declared=declared,
    )  # fmt: skip
    return Call(named, nothing)


def _names(said: Sequence[str] | None) -> list[str] | None:
    return None if said is None else list(said)


def _adopted(answer: Value) -> Adopted:
    made: Adopted = values.read(answer, Adopted)
    return made
