"""Counting what commands come to, by code."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from engine.access import Caller
from engine.directory import Directory
from engine.replies import Refused, Reply, ReplyTo

OK: Final = "ok"
"""Counts everything that was not refused."""
Answered = Counter[str]
"""How many answers by code. Codes are the server's own words, so there are few."""


class CountedEngine:
    """The engine as one front-end has it: the same, and every answer is counted."""

    def __init__(self, engine: Directory, answered: Answered) -> None:
        """Count into `answered`."""
        self._engine = engine
        self._answered = answered
        self.gone = engine.gone
        self.half_closed = engine.half_closed
        self.access = engine.access
        self.queue_names = engine.queue_names
        self.fingerprint = engine.fingerprint

    def submit(
        self, who: Caller, command: object, to: ReplyTo, request_id: str | None = None
    ) -> None:
        """As the engine does."""
        self._engine.submit(who, command, _Noting(to, self._note), request_id)

    async def execute(self, who: Caller, command: object, request_id: str | None = None) -> Reply:
        """As the engine does."""
        reply = await self._engine.execute(who, command, request_id)
        self._note(reply)
        return reply

    def _note(self, reply: Reply) -> None:
        self._answered[reply.code.value if isinstance(reply, Refused) else OK] += 1


class _Noting:
    """A reply address behind which somebody looks at what passes."""

    __slots__ = ("_note", "_to")

    def __init__(self, to: ReplyTo, note: Callable[[Reply], None]) -> None:
        self._to = to
        self._note = note

    def send(self, reply: Reply) -> None:
        self._note(reply)
        self._to.send(reply)
