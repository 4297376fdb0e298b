"""Every word that a session understands: what it needs, and who answers it."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from frontends.dialects.framing import WORDS_MAX
from frontends.dialects.jobatator import BINDINGS, Binding
from frontends.dialects.jobatator_help import ENTRIES
from frontends.lines import native_words, redis_words, server_words, session_words
from frontends.lines.outbox import Answer, Slot
from frontends.lines.talk import Talk

_ANY: Final = 1 << 30


@frozen
class Word:
    """One row: the checks in the order they are made, then who answers."""

    auth: bool
    """Only after login."""
    group: bool
    """Only with a group selected."""
    least: int
    most: int
    """Words it may have, its own name counted: more than `least`, at most `most`."""
    binding: Binding | None = None
    """The engine answers."""
    act: Callable[[Talk, list[bytes], Slot], Answer | None] | None = None
    """The session answers; None: later."""
    array_only: bool = False
    """In the line form there is no such word."""


def _rows() -> Iterator[tuple[str, Word]]:
    acts = {**session_words.ACTS, **server_words.ACTS}
    for entry in ENTRIES:
        least, most = (entry.args, entry.args + 1) if entry.args >= 0 else (0, _ANY)
        act = acts.get(entry.name)
        binding = None if act else BINDINGS[entry.name]
        yield entry.name, Word(entry.auth, entry.group, least, most, binding, act)
    for name, act in server_words.UNLISTED.items():
        yield name, Word(auth=name != "HELP", group=False, least=0, most=_ANY, act=act)
    for name, act in redis_words.ACTS.items():
        auth = name != "HELLO"
        yield name, Word(auth, group=False, least=0, most=WORDS_MAX, act=act, array_only=True)
    for name, native in native_words.ACTS.items():
        least, in_group = len(native.word.required), native.in_group
        yield (
            name,
            Word(
                auth=True, group=in_group, least=least, most=WORDS_MAX, act=native, array_only=True
            ),
        )


def _vocabulary() -> dict[bytes, Word]:
    found: dict[bytes, Word] = {}
    for name, word in _rows():
        assert name.encode() not in found, name
        found[name.encode()] = word
    return found


VOCABULARY: Final[dict[bytes, Word]] = _vocabulary()
