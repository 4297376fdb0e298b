"""HTTP answers as the line protocol has them, so that both are read alike."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any, Final

import msgspec
from attrs import field, frozen

from jobyard.errors import FAMILIES, ConnectionLost, JobyardError, ProtocolError, Refusal
from jobyard.job import STATES
from jobyard.resp import Value

_BASE64: Final = "_base64"
_BYTES: Final = frozenset({"payload", "result", "checkpoint"})
_AGAIN: Final = frozenset({429, 503})
"""Refusals that changed nothing and may be over soon."""
_BETWEEN: Final = frozenset({502, 503, 504})
"""What proxies say who have lost the server."""
_after: Final = re.compile(r"[0-9]{1,6}").fullmatch


@frozen
class Heard:
    """An answer that is whole."""

    status: int
    body: bytes = field(default=b"", repr=False)
    retry_after: str = ""
    """The header, as it came."""


class _Problem(msgspec.Struct):
    """What of a problem document counts (RFC 9457)."""

    code: str
    detail: str = ""
    title: str = ""


def value(heard: Heard) -> Value:
    """What it says.

    Raises:
        Refusal: no.
        ConnectionLost: a proxy says that it lost the server.
        ProtocolError: it is no answer of a Jobyard server.
    """
    if heard.status == 204:
        return "OK"
    if not 200 <= heard.status < 300:
        raise error(heard)
    try:
        return _value(msgspec.json.decode(heard.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Base64Error) as wrong:
        raise ProtocolError(f"the answer cannot be read: {wrong}") from None


def error(heard: Heard) -> JobyardError:
    """What an answer means that is no success."""
    try:
        problem = msgspec.json.decode(heard.body, type=_Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if heard.status in _BETWEEN:
            return ConnectionLost(f"something between here and the server answers {heard.status}")
        return ProtocolError(f"status {heard.status} without a code: no Jobyard server says that")
    return FAMILIES.get(problem.code, Refusal)(problem.code, problem.detail or problem.title)


def again_after(heard: Heard) -> float | None:
    """Seconds after which it makes sense to ask again; None: it makes none."""
    if heard.status not in _AGAIN or not _after(heard.retry_after):
        return None
    return float(heard.retry_after)


def _value(found: Any) -> Value:
    if isinstance(found, list):
        return [_value(one) for one in found]
    if not isinstance(found, dict):
        return found
    told: dict[str, Value] = {}
    for name, one in found.items():
        if name.endswith(_BASE64) and isinstance(one, str):
            told[name.removesuffix(_BASE64)] = b64decode(one, validate=True)
        elif name in _BYTES and isinstance(one, str):
            told[name] = one.encode()
        else:
            told[name] = _SPECIAL.get(name, _value)(one)
    return told


def _row(counts: Any) -> Value:
    """Counts by state, as a list in the order of the states."""
    named = isinstance(counts, dict) and counts.keys() == set(STATES)
    return [counts[state] for state in STATES] if named else counts


def _rows(types: Any) -> Value:
    """The same by type; of workers, types are a list of names."""
    return {name: _row(one) for name, one in types.items()} if isinstance(types, dict) else types


def _tuples(*names: str) -> Callable[[Any], Value]:
    """Objects that are lists there."""

    def listed(found: Any) -> Value:
        if not isinstance(found, list):
            return found
        return [[one.get(n) for n in names] if isinstance(one, dict) else one for one in found]

    return listed


_SPECIAL: Final[dict[str, Callable[[Any], Value]]] = {
    "states": _row,
    "types": _rows,
    "log": _tuples("at", "line"),
    "history": _tuples("holder", "since", "until", "ended"),
    "failed": _tuples("group", "queue"),
}
"""What has names in JSON and stands by position on lines."""
