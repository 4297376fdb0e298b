"""Jobs as rows and back.

What is rare is packed as MessagePack arrays; a field added at the end reads old rows.
"""

from functools import lru_cache
from math import inf
from typing import Any, Final

import msgspec
from msgspec import Struct

from engine.job import DEFAULT_POLICY, Details, Job, JobPolicy, JobState, Rare, Reservation
from engine.store.tables import Row

_encode = msgspec.msgpack.Encoder().encode
_STATES: Final = tuple(JobState)


class _Hold(Struct, array_like=True, gc=False):
    boot: int
    number: int
    principal: str
    since: float
    lease: float
    started: bool
    bound: bool
    cancel: bool = False
    grace: float = 0.0


_PackedRare = tuple[
    int, int, int, int, int, int, str, float | None, str, float | None, bool
]  # fmt: skip


class _HeadMore(Struct, array_like=True, gc=False):
    failures: int
    started_at: float | None
    finished_at: float | None
    done_at: float | None
    history: tuple[tuple[str, float, float, str], ...]
    hold: _Hold | None
    rare: _PackedRare | None
    forget_at: float | None = None


class _BodyMore(Struct, array_like=True, gc=False):
    content_type: str
    unique_key: str
    unique_scope: float | str
    recurrence: int
    tick: float


class _Notes(Struct, array_like=True, gc=False):
    error_type: str
    error: str
    trace: str
    log: tuple[tuple[float, str], ...]
    checkpoint: bytes | None = None
    result_type: str = ""


_decode_head = msgspec.msgpack.Decoder(_HeadMore).decode
_decode_body = msgspec.msgpack.Decoder(_BodyMore).decode
_decode_notes = msgspec.msgpack.Decoder(_Notes).decode
_decode_policy = msgspec.msgpack.Decoder(JobPolicy).decode


@lru_cache(maxsize=10_000)
def pack_policy(policy: JobPolicy) -> bytes:
    """A policy as bytes; the default one as none."""
    return b"" if policy == DEFAULT_POLICY else _encode(policy)


@lru_cache(maxsize=10_000)
def unpack_policy(packed: bytes) -> JobPolicy:
    """The shared policy object those bytes stand for."""
    return _decode_policy(packed) if packed else DEFAULT_POLICY


def head_row(job: Job, queue: int) -> Row:
    """The part of a job that changes with every move."""
    hold = job.reservation
    rare = job.rare
    more = None
    if (
        hold is not None
        or job.history
        or rare is not None
        or job.failures
        or job.started_at is not None
        or job.finished_at is not None
    ):
        more = _encode(
            (  # _HeadMore and _Hold, spared the making: every move writes this
                job.failures,
                job.started_at,
                job.finished_at,
                job.done_at,
                job.history,
                None if hold is None else _pack_hold(hold),
                None if rare is None else _pack_rare(rare),
                None if rare is None else rare.forget_at,
            ),
        )
    return (
        job.seq,
        queue,
        int(job.state),
        job.priority,
        job.ready_at,
        job.attempts,
        job.updated_at,
        more,
    )


def _pack_hold(hold: Reservation) -> tuple[int, int, str, float, float, bool, bool, bool, float]:
    return (
        hold.boot,
        hold.number,
        hold.principal,
        hold.since,
        hold.lease,
        hold.started,
        hold.bound,
        hold.cancel_at != inf,
        hold.grace,
    )


def _pack_rare(rare: Rare) -> _PackedRare:
    return (
        rare.lapses,
        rare.disconnects,
        rare.releases,
        rare.resets,
        rare.streak,
        rare.spent,
        rare.reason,
        rare.progress,
        rare.note,
        rare.expires_at,
        rare.noted,
    )


def body_row(job: Job, payload: bytes) -> Row:
    """The part that is written once."""
    rare = job.rare
    more = None
    if rare is not None and (rare.content_type or rare.unique_key or rare.recurrence):
        more = _encode(
            _BodyMore(
                rare.content_type, rare.unique_key, rare.unique_scope, rare.recurrence, rare.tick
            ),
        )
    return (job.seq, job.id, job.type, payload, pack_policy(job.policy), job.created_at, more)


def details_row(seq: int, details: Details) -> Row:
    """What is only read when somebody looks."""
    notes = _Notes(
        details.error_type, details.error, details.trace, details.log, details.checkpoint,
        details.result_type,
    )  # fmt: skip
    return (seq, details.result, _encode(notes))


def details_from(row: Row) -> Details:
    """The same, read back."""
    _, result, packed = row
    assert isinstance(packed, bytes)
    notes = _decode_notes(packed)
    assert result is None or isinstance(result, bytes)
    return Details(
        result, notes.error_type, notes.error, notes.trace, notes.log, notes.checkpoint,
        notes.result_type,
    )  # fmt: skip


def job_from(row: Any) -> Job:
    """A job from a head joined with its body; its reservation has no connection any more."""
    (seq, _, state, priority, ready_at, attempts, updated_at, head,
     job_id, kind, payload, policy, created_at, body) = row  # fmt: skip
    job = Job(
        job_id,
        seq,
        kind,
        payload,
        _STATES[state],
        priority,
        unpack_policy(policy),
        ready_at,
        created_at,
        updated_at,
        attempts,
    )
    if head is not None:
        more = _decode_head(head)
        job.failures = more.failures
        job.started_at = more.started_at
        job.finished_at = more.finished_at
        job.done_at = more.done_at
        job.history = more.history
        if more.hold is not None:
            job.reservation = _unpack_hold(more.hold)
        if more.rare is not None:
            job.rare = rare = Rare()
            (
                rare.lapses,
                rare.disconnects,
                rare.releases,
                rare.resets,
                rare.streak,
                rare.spent,
                rare.reason,
                rare.progress,
                rare.note,
                rare.expires_at,
                rare.noted,
            ) = more.rare
            rare.forget_at = more.forget_at
    if body is not None:
        extra = _decode_body(body)
        rare = job.rare = job.rare or Rare()
        rare.content_type = extra.content_type
        rare.unique_key = extra.unique_key
        rare.unique_scope = extra.unique_scope
        rare.recurrence = extra.recurrence
        rare.tick = extra.tick
    return job


def _unpack_hold(hold: _Hold) -> Reservation:
    found = Reservation(
        hold.boot, hold.number, hold.principal, None, hold.since, hold.lease,
        started=hold.started, bound=hold.bound, grace=hold.grace,
    )  # fmt: skip
    if hold.cancel:
        found.cancel_at = 0.0
    return found
