"""What a queue is beside its jobs: a line of an export, and declared again where it is brought."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from math import floor
from typing import Any, Final

import msgspec
from msgspec import Struct

from jobyard.blocking import BlockingClient
from jobyard.commands.showing import native
from jobyard.errors import Refusal

SETTINGS: Final = "settings"
"""The field that tells a queue's line from a job's."""


class KeptRecurrence(Struct):
    """One recurrence; its number is given anew."""

    type: str
    cron: str
    zone: str | None = None
    payload: str = ""
    payload_base64: str = ""
    missed: str = "skip"
    overlap: str = "allow"
    seconds: bool = True
    fires: bool = True
    paused: bool = False
    last_tick: float | None = None
    since: float = 0.0

    def body(self) -> bytes:
        """What its jobs carry.

        Raises:
            ValueError: it is no base64.
        """
        try:
            coded = self.payload_base64
            return b64decode(coded, validate=True) if coded else self.payload.encode()
        except Base64Error:
            raise ValueError(f"the payload of recurrence {self.type!r} is no base64") from None


class KeptAccess(Struct, frozen=True):
    """Who may use it; of a key only that there is one, for no store tells another's."""

    keyed: bool = False
    readers: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    declared: bool = False


NO_ACCESS: Final = KeptAccess()


class KeptQueue(Struct):
    """One queue."""

    paused: bool = False
    draining: bool = False
    access: KeptAccess = NO_ACCESS
    recurrences: tuple[KeptRecurrence, ...] = ()


def line_of(client: BlockingClient, queue: Mapping[str, Any]) -> bytes:
    """A queue of the group, as DESCRIBE_ALL shows it, as a line of an export."""
    found: list[Any] = []
    if queue["recurrences"]:
        found = native(client.recurrences(queue["name"], whole=True)["recurrences"])
        for one in found:  # ticks are whole seconds, and a word has six decimals
            one["since"] = floor(one["since"])
            one["last_tick"] = one["last_tick"] and floor(one["last_tick"])
    kept = KeptQueue(
        queue["counts"]["paused"],
        queue["counts"]["draining"],
        msgspec.convert(queue["access"], KeptAccess),
        msgspec.convert(found, tuple[KeptRecurrence, ...]),
    )
    return msgspec.json.encode({"queue": queue["name"], SETTINGS: kept}) + b"\n"


def read(settings: Any) -> KeptQueue:
    """What a line says of a queue.

    Raises:
        ValueError: it is no such thing.
    """
    kept = msgspec.convert(settings, KeptQueue)
    for one in kept.recurrences:
        one.body()
    return kept


def declare(client: BlockingClient, queue: str, kept: KeptQueue) -> bool:
    """Have a queue be so before its jobs come; what it is already is left alone.

    Returns:
        Whether a key stays behind that it asked for.
    """
    there = _there(client, queue)
    access = kept.access
    if there is None or not any(there["access"].values()):
        client.set_access(
            queue, readers=access.readers, writers=access.writers, declared=access.declared
        )
    if kept.paused:
        client.pause(queue)
    known = {one["type"] for one in (there or {}).get("recurrences") or ()}
    for one in kept.recurrences:
        if one.type not in known:
            client.set_recurrence(
                queue, one.type, one.cron, one.body(),
                zone=one.zone, missed=one.missed, overlap=one.overlap, seconds=one.seconds,
                once_now=not one.fires, paused=one.paused, since=one.since,
                last_tick=one.last_tick,
            )  # fmt: skip
    return access.keyed and not (there and there["access"]["keyed"])


def _there(client: BlockingClient, queue: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.describe(queue)
    except Refusal as refusal:
        if refusal.code != "unknown-queue":
            raise
        return None
    return found
