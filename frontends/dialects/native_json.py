"""The engine's replies in JSON: each an object of its fields.

`Ok` is `{"ok": true}`. A job is one flat object: its own fields and those of its rare part, its
details and its policy. Bytes that are UTF-8 stand under their own name, others in base64 under
`<name>_base64`. Enums are their lower-case names; a number that is not finite is null.
"""

from base64 import b64encode
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Any, Final

import attrs
import msgspec
from msgspec import Struct

from engine.job import STATES, Details, JobPolicy
from engine.replies import HealthCounts, JobView, Ok, QueueCounts, Refused, Reply
from engine.retry import Backoff
from frontends.dialects.native_options import backoff_shape

Shape = Callable[[Any], Any]

STATE_NAMES: Final = tuple(state.name.lower() for state in STATES)
JOINED: Final = ("more", "details", "policy")
"""Parts of a job whose fields stand among its own."""
HIDDEN: Final = frozenset({"lapses_count"})
"""What is the business of one dialect only."""


def render(reply: Reply) -> bytes:
    """An answer as JSON in UTF-8, on one line; what is no character becomes a question mark."""
    found = shape(reply)
    try:
        return msgspec.json.encode(found)
    except UnicodeEncodeError:
        return msgspec.json.encode(_readable(found))


def shape(value: Any) -> Any:
    """Any value that replies are made of, as what JSON is made of; text may hold surrogates."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    found = _SHAPES.get(kind)
    if found is None:
        found = _SHAPES[kind] = _made(kind)
    return found(value)


def field_names(kind: Any) -> tuple[str, ...]:
    """The fields of a reply, a job or a part of one, in order."""
    if issubclass(kind, Struct):
        return tuple(kind.__struct_fields__)
    return tuple(field.name for field in attrs.fields(kind))


def _made(kind: type) -> Shape:
    if issubclass(kind, Enum):
        return lambda value: value.name.lower()
    return _record(kind)


def _record(kind: type) -> Shape:
    names = tuple(n for n in field_names(kind) if n not in {*JOINED, *HIDDEN})
    special = {name: SPECIAL[kind, name] for name in names if (kind, name) in SPECIAL}

    def shaped(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:
            one = getattr(value, name)
            if type(one) in _PLAIN:  # most are
                found[name] = one
            elif name in special:
                found[name] = special[name](one)
            elif type(one) is bytes:
                _put_bytes(found, name, one)
            else:
                found[name] = shape(one)
        return found

    return shaped


def _put_bytes(found: dict[str, Any], name: str, value: bytes) -> None:
    try:
        found[name] = value.decode()
    except UnicodeDecodeError:
        found[f"{name}_base64"] = b64encode(value).decode()


def _array(values: Any) -> list[Any]:
    return [shape(value) for value in values]


def _map(values: dict[str, Any]) -> dict[str, Any]:
    return {key: shape(value) for key, value in values.items()}


def _by_state(counts: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(STATE_NAMES, counts, strict=True))


def _by_type(types: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    return {name: _by_state(counts) for name, counts in types.items()}


def _named(*names: str) -> Shape:
    """A list of tuples as a list of objects."""

    def shaped(values: tuple[tuple[Any, ...], ...]) -> list[dict[str, Any]]:
        return [dict(zip(names, value, strict=True)) for value in values]

    return shaped


SPECIAL: Final[dict[tuple[type, str], Shape]] = {
    (QueueCounts, "states"): _by_state,
    (QueueCounts, "types"): _by_type,
    (HealthCounts, "failed"): _named("group", "queue"),
    (JobView, "history"): _named("holder", "since", "until", "ended"),
    (Details, "log"): _named("at", "line"),
}
"""Fields that are tuples by position inside, and have names here."""

_own: Final = _record(JobView)
_NO_DETAILS: Final = Details()


def _job(view: JobView) -> dict[str, Any]:
    details = _NO_DETAILS if view.details is None else view.details
    return {**_own(view), **shape(view.more), **shape(details), **_policy(view.policy)}


_policy_shape: Final = _record(JobPolicy)


@lru_cache(maxsize=1024)
def _policy(policy: JobPolicy) -> dict[str, Any]:
    found: dict[str, Any] = _policy_shape(policy)
    return found


def _refused(refused: Refused) -> dict[str, str]:
    return {"code": refused.code.value, "detail": refused.sentence}


def _readable(value: Any) -> Any:
    """The same without lone surrogates, which no UTF-8 holds."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_readable(key): _readable(one) for key, one in value.items()}
    return [_readable(one) for one in value] if isinstance(value, list) else value


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_SHAPES: Final[dict[type, Shape]] = {
    tuple: _array,
    list: _array,
    dict: _map,
    Ok: lambda _: {"ok": True},
    Refused: _refused,
    Backoff: lambda value: _map(backoff_shape(value)),
    JobView: _job,
}
"""By kind; those of other kinds join when they are met first."""
