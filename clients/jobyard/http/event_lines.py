"""Server-sent events, read from pieces of a stream as they come."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from jobyard.errors import ProtocolError
from jobyard.job import State

_LONGEST: Final = 1 << 20
"""Bytes of one event; those of a server have a few hundred."""


class Event(Struct, frozen=True, kw_only=True):
    """One thing that happened, once it is durable. Times are unix seconds."""

    what: str
    """`published`, `reserved`, `done`, …; `gap`: events are missing before the next one; `cut`: the
    server closed the stream, for the reason it gives."""
    id: str = ""
    """What `after` takes, to go on behind it."""
    at: float = 0.0
    group: str = ""
    queue: str = ""
    job: str = ""
    """Empty: it happened to the queue."""
    seq: int = 0
    type: str = ""
    before: State | None = None
    after: State | None = None
    """None: there was no job before, or is none any more."""
    attempts: int = 0
    by: str = ""
    reason: str = ""
    error_type: str = ""
    due: float | None = None
    progress: float | None = None


class EventLines:
    """One stream: bytes in, events out; what is left unfinished is nobody's."""

    def __init__(self, last_id: str = "") -> None:
        """Go on behind an event; empty: behind none."""
        self.last_id = last_id
        self._rest = b""
        self._id = last_id
        self._what = ""
        self._said: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[Event]:
        """The events that are whole now.

        Raises:
            ProtocolError: it is no stream of a Jobyard server.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        found: list[Event] = []
        for line in lines:
            if line.strip(b"\r"):
                self._hear(line.strip(b"\r"))
            else:
                found += self._end()
        if len(self._rest) + self._size > _LONGEST:
            raise ProtocolError("an event is longer than any that a server tells")
        return found

    def _hear(self, line: bytes) -> None:
        name, _, told = line.partition(b":")
        told = told.removeprefix(b" ")
        self._size += len(told)
        match name:
            case b"id":
                self._id = told.decode("utf-8", "replace")
            case b"event":
                self._what = told.decode("utf-8", "replace")
            case b"data":
                self._said.append(told)
            case _:  # a comment, or what this version does not know
                pass

    def _end(self) -> list[Event]:
        said, what = b"\n".join(self._said), self._what
        self.last_id = self._id
        self._said, self._what, self._size = [], "", 0
        return [_event(said, what, self.last_id)] if said else []


def _event(said: bytes, what: str, place: str) -> Event:
    try:
        found = msgspec.json.decode(said, type=dict[str, Any])
        return msgspec.convert({**found, "what": what, "id": place}, Event)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"an event cannot be read: {error}") from None
