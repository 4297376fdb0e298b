"""Events as server-sent events, and the filter a request asks for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from engine.commands.fields import NAME_MAX
from engine.events import Event, EventId, Filter, What
from engine.job import JobState
from frontends.dialects.native_values import Unfit

KEEP_ALIVE: Final = b": keep-alive\n\n"
RETRY: Final = 2_000
"""Milliseconds before a browser comes back."""
MOST: Final = 100
"""Values of one parameter."""
PARAMETERS: Final = ("queue", "type", "what", "state")
NOWHERE: Final = EventId(-1, -1)
"""A place that no feed knows."""
_place: Final = re.compile(r"([0-9]{1,15})-([0-9]{1,15})").fullmatch
_STATES: Final = {state.name.lower(): state for state in JobState}
_WHATS: Final = {what.value: what for what in What}
_Kind = TypeVar("_Kind")


def wanted(said: Mapping[str, Sequence[str]], group: str | None) -> Filter:
    """The filter that query parameters describe.

    Raises:
        Unfit: a parameter is unknown, or one of its values is.
    """
    for name, values in said.items():
        if name not in PARAMETERS:
            raise Unfit(f"{name[:40]}: there is no such parameter")
        if len(values) > MOST:
            raise Unfit(f"{name}: is given {MOST} times at most")
    return Filter(
        group,
        _names("queue", said.get("queue", ())),
        _names("type", said.get("type", ())),
        _known("what", said.get("what", ()), _WHATS),
        _known("state", said.get("state", ()), _STATES),
    )


def _names(name: str, values: Sequence[str]) -> frozenset[str]:
    if any(len(value) > NAME_MAX for value in values):
        raise Unfit(f"{name}: has {NAME_MAX} characters at most")
    return frozenset(values)


def _known(name: str, values: Sequence[str], known: Mapping[str, _Kind]) -> frozenset[_Kind]:
    for value in values:
        if value not in known:
            raise Unfit(f"{name}: is one of {', '.join(known)}")
    return frozenset(known[value] for value in values)


def place(text: str) -> EventId:
    """Where a reader stopped; what cannot be read is a place nobody knows."""
    found = _place(text)
    return NOWHERE if found is None else EventId(int(found[1]), int(found[2]))


def opening(start: EventId, *, gap: bool) -> bytes:
    """The beginning of a stream: when to come back, and from where.

    A gap is told as an event of its own: what happened in between is lost to this reader.
    """
    head = f"retry: {RETRY}\nid: {start}\n"
    if gap:
        body = '{"reason":"what followed the last event id is not kept any more"}'
        return f"{head}event: gap\ndata: {body}\n\n".encode()
    return f"{head}\n".encode()


def cut(reason: str) -> bytes:
    """The last word before a stream is closed by the server."""
    return f'event: cut\ndata: {{"reason":"{reason}"}}\n\n'.encode()


def encode(event: Event, boot: int) -> bytes:
    """One event."""
    try:
        body = msgspec.json.encode(shape(event))
    except UnicodeEncodeError:  # a lone surrogate in what a worker called its error
        clean = {key: _printable(value) for key, value in shape(event).items()}
        body = msgspec.json.encode(clean)
    return b"id: %d-%d\nevent: %b\ndata: %b\n\n" % (
        boot, event.number, event.what.value.encode(), body,
    )  # fmt: skip


def shape(event: Event) -> dict[str, Any]:
    """What JSON is made of; what there is nothing to say about is left out."""
    found: dict[str, Any] = {
        "at": event.at,
        "group": event.group,
        "queue": event.queue,
        "what": event.what.value,
    }
    if event.job:
        found |= {
            "job": event.job,
            "seq": event.seq,
            "type": event.type,
            "before": _state(event.before),
            "after": _state(event.after),
            "attempts": event.attempts,
        }
    elif event.type:
        found["type"] = event.type
    for name in ("by", "reason", "error_type"):
        if value := getattr(event, name):
            found[name] = value
    for name in ("due", "progress"):
        if (value := getattr(event, name)) is not None:
            found[name] = value
    return found


def _state(state: JobState | None) -> str | None:
    return None if state is None else state.name.lower()


def _printable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
