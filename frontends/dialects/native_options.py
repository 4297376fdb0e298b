"""What a publisher may say of a job, as arguments or as JSON, as the engine's options.

The options of `PublishOptions` and the fields of its policy are one flat set of names here.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct

from engine.commands import PLAIN, POLICY_FIELDS, NewJob, PublishOptions
from engine.commands.fields import LIMIT_MAX, Seconds, TypeName, is_name
from engine.job import DEFAULT_POLICY, JobPolicy
from engine.replies import Code
from engine.retry import Backoff
from frontends.dialects.native_values import Reader, Unfit, json_of, reader


class BackoffGiven(Struct, forbid_unknown_fields=True):
    """A backoff as JSON; `backoff` says which names go together."""

    fixed: float | None = None
    min: float | None = None
    max: float | None = None
    factor: float | None = None
    delays: tuple[float, ...] | None = None
    jitter: float | None = None


def backoff(shape: BackoffGiven) -> Backoff:
    """The backoff that `{"fixed"}`, `{"min", "max", "factor"}` or `{"delays"}` stands for."""
    given = {name for name in ("fixed", "delays") if getattr(shape, name) is not None}
    grows = {name for name in ("min", "max", "factor") if getattr(shape, name) is not None}
    if len(given) + bool(grows) > 1:
        raise Unfit("a backoff is fixed, or grows, or is a list")
    try:
        if shape.fixed is not None:
            return Backoff.fixed(shape.fixed, jitter=shape.jitter or 0.0)
        if shape.delays is not None:
            return Backoff.listed(shape.delays, jitter=shape.jitter or 0.0)
        names = {"min": "minimum", "max": "maximum", "factor": "factor", "jitter": "jitter"}
        named = {to: getattr(shape, name) for name, to in names.items()}
        return Backoff.exponential(**{k: v for k, v in named.items() if v is not None})
    except (ValueError, TypeError) as error:
        raise Unfit(str(error)) from None


def backoff_shape(kind: Backoff) -> dict[str, Any]:
    """The same, written back."""
    if kind.delays:
        shape: dict[str, Any] = {"delays": kind.delays}
    elif kind.factor == 1:
        shape = {"fixed": kind.minimum}
    else:
        shape = {"min": kind.minimum, "max": kind.maximum, "factor": kind.factor}
    return {**shape, "jitter": kind.jitter}


def _hints() -> dict[str, Any]:
    hints = get_type_hints(PublishOptions, include_extras=True)
    return {name: hint for name, hint in hints.items() if name != "policy"} | POLICY_FIELDS


def _read_scope(raw: bytes) -> Any:
    return raw.decode() if raw in {b"queued", b"unfinished"} else _seconds(raw)


def _read_attempts(raw: bytes) -> int | None:
    if raw == b"none":
        return None
    found: int = _attempts(raw)
    return found


_seconds: Final = reader(Seconds)
_attempts: Final = reader(POLICY_FIELDS["max_attempts"])
_SPECIAL: Final[dict[str, Reader]] = {
    "unique_scope": _read_scope,
    "max_attempts": _read_attempts,
    "backoff": lambda raw: backoff(json_of(raw, BackoffGiven)),
}
OPTIONS: Final[dict[str, Reader]] = {
    name: _SPECIAL.get(name) or reader(hint) for name, hint in _hints().items()
}
"""Every option by its name: what reads it as an argument."""

_JSON: Final[dict[str, Any]] = {
    "unique_scope": Literal["queued", "unfinished"] | Seconds,
    "max_attempts": POLICY_FIELDS["max_attempts"] | None | Literal["none"],
    "backoff": BackoffGiven,
}
POLICY_JSON: Final[dict[str, Any]] = {
    name: _JSON.get(name, hint) for name, hint in POLICY_FIELDS.items()
}
"""The fields of a policy as they stand in JSON."""
BulkJob: Any = msgspec.defstruct(
    "BulkJob",
    [
        ("type", TypeName, ""),
        ("payload", str, ""),
        ("payload_base64", str | None, None),
        *(
            (name, _JSON.get(name, hint) | msgspec.UnsetType, UNSET)
            for name, hint in _hints().items()
        ),
    ],
    forbid_unknown_fields=True,
)
"""One job as JSON: what the OpenAPI document and JSON readers take for one."""
_Bulk: Any = Annotated[tuple[BulkJob, ...], Meta(min_length=1, max_length=LIMIT_MAX)]


def options_of(given: Mapping[str, Any], policy: JobPolicy) -> PublishOptions:
    """Options with what was said, the rest by default; `policy` is the server's own."""
    if not given:
        return _plain(policy)
    named = {name: value for name, value in given.items() if name not in POLICY_FIELDS}
    special = tuple((name, given[name]) for name in POLICY_FIELDS if name in given)
    return PublishOptions(**named, policy=_policy(policy, special) if special else policy)


def policy_of(given: Mapping[str, Any], policy: JobPolicy) -> JobPolicy:
    """A policy with what JSON said of it, the rest as it was.

    Raises:
        Unfit: the backoff is none.
    """
    said = dict(given)
    if "backoff" in said:
        said["backoff"] = backoff(said["backoff"])
    if said.get("max_attempts") == "none":
        said["max_attempts"] = None
    return _policy(policy, tuple(said.items())) if said else policy


@lru_cache(maxsize=64)
def _plain(policy: JobPolicy) -> PublishOptions:
    return PLAIN if policy == DEFAULT_POLICY else PublishOptions(policy=policy)


@lru_cache(maxsize=4096)
def _policy(policy: JobPolicy, special: tuple[tuple[str, Any], ...]) -> JobPolicy:
    """One object for all jobs that are treated alike."""
    return msgspec.structs.replace(policy, **dict(special))


def bulk(raw: bytes, policy: JobPolicy) -> tuple[NewJob, ...]:
    """The jobs of a JSON array.

    Raises:
        Unfit: one of them is no good; its text says which.
    """
    return _new_jobs(json_of(raw, _Bulk), policy)


def new_jobs(values: Any, policy: JobPolicy) -> tuple[NewJob, ...]:
    """The same of an array that was read already.

    Raises:
        Unfit: as `bulk`.
    """
    try:
        return _new_jobs(msgspec.convert(values, _Bulk), policy)
    except msgspec.ValidationError as error:
        raise Unfit(f"jobs: {error}") from None


def new_job(values: Mapping[str, Any], policy: JobPolicy) -> NewJob:
    """One job of an object that was read already.

    Raises:
        Unfit: it is no good; its text names the field.
    """
    try:
        return _new_job(msgspec.convert(values, BulkJob), policy)
    except msgspec.ValidationError as error:
        raise Unfit(str(error)) from None


def _new_jobs(given: Any, policy: JobPolicy) -> tuple[NewJob, ...]:
    jobs: list[NewJob] = []
    for number, job in enumerate(given):
        try:
            jobs.append(_new_job(job, policy))
        except Unfit as error:
            raise Unfit(f"job {number}: {error}", error.code) from None
    return tuple(jobs)


def _new_job(job: Any, policy: JobPolicy) -> NewJob:
    if job.type and not is_name(job.type):
        raise Unfit("its type is no name", Code.INVALID_NAME)
    payload = job.payload.encode()
    if job.payload_base64 is not None:
        if payload:
            raise Unfit("it has two payloads")
        try:
            payload = a2b_base64(job.payload_base64.encode(), strict_mode=True)
        except Base64Error:
            raise Unfit("its payload is no base64") from None
    given = {name: value for name in OPTIONS if (value := getattr(job, name)) is not UNSET}
    if "backoff" in given:
        given["backoff"] = backoff(given["backoff"])
    if given.get("max_attempts") == "none":
        given["max_attempts"] = None
    return NewJob(job.type, payload, options_of(given, policy))
