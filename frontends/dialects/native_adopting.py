"""Jobs that another server kept, as JSON: an object each, with the fields they are shown with.

Bytes are text under their own name, or base64 under `<name>_base64`; the policy's fields stand
among the job's own.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec
from attrs import NOTHING, fields
from msgspec import UNSET, Meta

from engine.commands import POLICY_FIELDS, AdoptedJob
from engine.commands.fields import LIMIT_MAX, Seconds
from engine.job import JobPolicy, JobState
from frontends.dialects.native_options import POLICY_JSON, policy_of
from frontends.dialects.native_values import Unfit, json_of

_BYTES: Final = ("payload", "result", "checkpoint")
_STATES: Final = {state.name.lower(): state for state in JobState}
_SHAPES: Final[dict[str, Any]] = {
    "state": Literal["scheduled", "ready", "reserved", "done", "failed", "canceled", "expired"],
    "unique_scope": Literal["queued", "unfinished"] | Seconds,
}


def _own() -> list[tuple[str, Any, Any]]:
    hints = get_type_hints(AdoptedJob, include_extras=True)
    return [
        (one.name, _SHAPES.get(one.name, hints[one.name]), one.default)
        for one in fields(AdoptedJob)
        if one.name not in {*_BYTES, "policy"}
    ]


_OWN: Final = tuple(name for name, _, _ in _own())
KeptJob: Any = msgspec.defstruct(
    "KeptJob",
    [
        *((name, hint) for name, hint, default in _own() if default is NOTHING),
        *((name, hint, default) for name, hint, default in _own() if default is not NOTHING),
        *((name + form, str | None, None) for name in _BYTES for form in ("", "_base64")),
        *((name, hint | msgspec.UnsetType, UNSET) for name, hint in POLICY_JSON.items()),
    ],
    forbid_unknown_fields=True,
)
"""One job as JSON."""
_Kept: Any = Annotated[tuple[KeptJob, ...], Meta(min_length=1, max_length=LIMIT_MAX)]


def kept(raw: bytes, policy: JobPolicy) -> tuple[AdoptedJob, ...]:
    """The jobs of a JSON array; `policy` is what they are treated by unless they say.

    Raises:
        Unfit: one of them is no good; its text says which.
    """
    return _jobs(json_of(raw, _Kept), policy)


def kept_of(values: Any, policy: JobPolicy) -> tuple[AdoptedJob, ...]:
    """The same of an array that was read already.

    Raises:
        Unfit: as `kept`.
    """
    try:
        return _jobs(msgspec.convert(values, _Kept), policy)
    except msgspec.ValidationError as error:
        raise Unfit(f"jobs: {error}") from None


def _jobs(given: Any, policy: JobPolicy) -> tuple[AdoptedJob, ...]:
    jobs: list[AdoptedJob] = []
    for number, job in enumerate(given):
        try:
            jobs.append(_job(job, policy))
        except Unfit as error:
            raise Unfit(f"job {number}: {error}", error.code) from None
    return tuple(jobs)


def _job(job: Any, policy: JobPolicy) -> AdoptedJob:
    values = {name: getattr(job, name) for name in _OWN}
    values["state"] = _STATES[job.state]
    said = {name: value for name in POLICY_FIELDS if (value := getattr(job, name)) is not UNSET}
    return AdoptedJob(
        **values,
        payload=_bytes(job, "payload") or b"",
        result=_bytes(job, "result"),
        checkpoint=_bytes(job, "checkpoint"),
        policy=policy_of(said, policy),
    )


def _bytes(job: Any, name: str) -> bytes | None:
    text, coded = getattr(job, name), getattr(job, f"{name}_base64")
    if coded is None:
        return None if text is None else str(text).encode()
    if text is not None:
        raise Unfit(f"it has two of {name}")
    try:
        return a2b_base64(coded.encode(), strict_mode=True)
    except Base64Error:
        raise Unfit(f"its {name} is no base64") from None
