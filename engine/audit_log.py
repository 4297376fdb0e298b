"""Who did what to the server or to a whole queue: the last entries, numbered from one."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from engine import commands as c
from engine.access import Caller
from engine.account_replies import AuditEntries, AuditEntry
from engine.replies import Refused, Reply

KEPT: Final = 10_000
"""Entries; the oldest go."""
_ABOUT: Final = ("queue", "job", "number", "address", "name", "group")
"""Fields that say what a command is about; none of them is secret."""


class AuditLog:
    """The last things that were done, numbered from one."""

    def __init__(self) -> None:
        self._entries: deque[AuditEntry] = deque()
        self._last = 0

    def load(self, entries: Iterable[AuditEntry]) -> None:
        """Take over what was kept."""
        self._entries = deque(sorted(entries, key=lambda entry: entry.number))
        self._last = self._entries[-1].number if self._entries else 0

    def add(self, command: object, who: Caller, reply: Reply, at: float) -> AuditEntry:
        """Note one more."""
        self._last += 1
        entry = AuditEntry(
            self._last, at, who.principal.name, who.group,
            c.TABLE[type(command)].word, target_of(command),
            reply.code.value if isinstance(reply, Refused) else "ok",
        )  # fmt: skip
        self._entries.append(entry)
        return entry

    def trim(self) -> list[int]:
        """Forget the oldest past the bound; their numbers."""
        gone: list[int] = []
        while len(self._entries) > KEPT:
            gone.append(self._entries.popleft().number)
        return gone

    def page(self, command: c.Audit) -> AuditEntries:
        """Entries that are asked for, from past a number on in the order that is asked for."""
        wanted = (entry for entry in self._past(command) if _is_wanted(entry, command))
        found = tuple(islice(wanted, command.limit))
        more = next(wanted, None) is not None
        return AuditEntries(found, found[-1].number if more else None)

    def _past(self, command: c.Audit) -> Iterable[AuditEntry]:
        first = self._entries[0].number if self._entries else 1
        if not command.newest:
            return islice(self._entries, max(0, command.after + 1 - first), None)
        skip = max(0, self._last + 1 - command.after) if command.after else 0
        return islice(reversed(self._entries), skip, None)


def _is_wanted(entry: AuditEntry, command: c.Audit) -> bool:
    return command.who in {None, entry.who} and command.word in {None, entry.word}


def target_of(command: object) -> str:
    """What a command is about, for people; any text as valid UTF-8."""
    said = [str(getattr(command, name)) for name in _ABOUT if hasattr(command, name)]
    return " ".join(said).encode(errors="replace").decode()
