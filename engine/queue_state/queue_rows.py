"""Queues and recurrences as rows and back.

What is rare is packed as MessagePack arrays; a field added at the end reads old rows.
"""

from typing import Any

import msgspec
from msgspec import Struct

from engine.queue_access import NO_ACCESS, QueueAccess
from engine.store.tables import Row

_encode = msgspec.msgpack.Encoder().encode


class RecurrenceSpec(Struct, array_like=True):
    """What a recurrence was declared as."""

    type: str
    cron: str
    zone: str | None
    payload: bytes
    missed: str
    overlap: str
    seconds: bool
    fires: bool
    paused: bool
    since: float


class QueueMore(Struct, array_like=True):
    """What a queue's row carries beyond its name."""

    paused: bool = False
    paused_by: str = ""
    draining: bool = False
    drained_by: str = ""
    key: bytes | None = None
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    declared: bool = False

    @property
    def access(self) -> QueueAccess:
        """Who may use it; most queues share one value."""
        found = QueueAccess(self.key, self.readers, self.writers, self.declared)
        return NO_ACCESS if found == NO_ACCESS else found


_decode_spec = msgspec.msgpack.Decoder(RecurrenceSpec).decode
_decode_more = msgspec.msgpack.Decoder(QueueMore).decode


def recurrence_row(number: int, queue: int, spec: RecurrenceSpec, last_tick: float | None) -> Row:
    """One recurrence."""
    return (number, queue, _encode(spec), last_tick)


def recurrence_from(row: Any) -> tuple[int, RecurrenceSpec, float | None]:
    """The same, read back: number, spec, last tick."""
    number, _, spec, last_tick = row
    return number, _decode_spec(spec), last_tick


def queue_row(number: int, group: str, name: str, key: str, at: float, more: QueueMore) -> Row:
    """One queue."""
    return (number, group, name, key, at, _encode(more))


def queue_more_from(packed: Any) -> QueueMore:
    """The packed part of a queue's row."""
    return _decode_more(packed)
