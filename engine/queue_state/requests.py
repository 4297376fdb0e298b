"""Answers to requests that carry an id: asked again, they are given again and nothing is done."""

from collections import OrderedDict
from typing import Any, Final

import msgspec

from engine.replies import Adopted, Granted, Ok, Published, PublishedMany, RecurrenceSet, Reply
from engine.store.tables import Row


class Requests:
    """Answers by principal and request id, for a window, up to a count; one for an engine."""

    def __init__(self, limit: int = 1_000_000, window: float = 86_400.0) -> None:
        """Keep at most `limit` answers, each for `window` seconds."""
        self._limit = limit
        self._window = window
        self._answers: OrderedDict[str, tuple[float, Reply]] = OrderedDict()

    def find(self, key: str, now: float) -> Reply | None:
        """The answer given before, if it is still remembered."""
        found = self._answers.get(key)
        return found[1] if found is not None and found[0] + self._window > now else None

    def add(self, key: str, now: float, answer: Reply) -> None:
        """Remember an answer."""
        self._answers[key] = (now, answer)
        self._answers.move_to_end(key)

    def drop(self, key: str) -> None:
        """Forget an answer that was never given."""
        self._answers.pop(key, None)

    def outdated(self, now: float) -> list[str]:
        """Forget what is too old or too much; their keys."""
        gone: list[str] = []
        for key, (at, _) in self._answers.items():
            if len(self._answers) - len(gone) <= self._limit and at + self._window > now:
                break
            gone.append(key)
            if len(gone) == 100:
                break
        for key in gone:
            del self._answers[key]
        return gone


_REPLIES: Final[dict[str, type]] = {
    kind.__name__: kind for kind in (Ok, Published, PublishedMany, Adopted, Granted, RecurrenceSet)
}


def can_pack(reply: Reply) -> bool:
    """Whether this is the answer to a command that changed something."""
    return type(reply).__name__ in _REPLIES


def request_row(key: str, queue: int, at: float, answer: Reply) -> Row:
    """One remembered request."""
    return (key, queue, at, msgspec.msgpack.encode((type(answer).__name__, answer)))


def request_from(row: Any) -> tuple[str, float, Reply]:
    """A remembered request: its key, when, the answer."""
    key, _, at, answer = row
    return key, at, _unpack_reply(answer)


def _unpack_reply(packed: bytes) -> Reply:
    name, value = msgspec.msgpack.decode(packed, type=tuple[str, msgspec.Raw])
    reply: Reply = msgspec.msgpack.decode(value, type=_REPLIES[name])
    return reply
