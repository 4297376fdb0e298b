"""Whether a job is one that is looked for, beyond what the engine's own lists choose by. Pure."""

import json
from typing import Any, Final

from engine.job import Details
from engine.replies import JobView
from frontends.http.pages.search import PayloadTerm, Search

_NOTHING: Final = Details()
_NOT_JSON: Final = object()
_LONGEST_PLACE: Final = 7
"""Digits of a place in a list."""


def fits(search: Search, job: JobView) -> bool:
    """Whether id, error and payload are right too."""
    if search.id is not None and not job.id.startswith(search.id):
        return False
    if search.error is not None:
        details = job.details or _NOTHING
        text = f"{details.error_type}\n{details.error}".casefold()
        if search.error.casefold() not in text:
            return False
    return not search.payload or _has(job.payload or b"", search.payload)


def _has(payload: bytes, terms: tuple[PayloadTerm, ...]) -> bool:
    value: Any = None
    for term in terms:
        if not _may_have(payload, term):
            return False
        if term.path:
            value = _read(payload) if value is None else value
            if _said(_inside(value, term.path)) != term.value:
                return False
    return True


def _may_have(payload: bytes, term: PayloadTerm) -> bool:
    """Whether the text is there, in ASCII letters of any case; JSON may write it otherwise."""
    if term.path and (b"\\" in payload or not term.value):
        return True
    return term.value.encode().lower() in payload.lower()


def _read(payload: bytes) -> Any:
    """JSON with its numbers as they are written; no number is too big and none is rounded."""
    try:
        return json.loads(payload, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):  # what is no UTF-8 is a ValueError as well
        return _NOT_JSON


def _inside(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, _NOT_JSON)
        elif isinstance(value, list):
            place = int(step) if _is_place(step) else len(value)
            value = value[place] if place < len(value) else _NOT_JSON
        else:
            return _NOT_JSON
    return value


def _is_place(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) <= _LONGEST_PLACE


def _said(value: Any) -> str | None:
    """A value as it is typed; None: it is no plain one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return value if isinstance(value, str) else None
