"""What Redis clients say by themselves, answered so that they go on; in array form only."""

from collections.abc import Callable
from typing import Final

from frontends.dialects import resp
from frontends.dialects.answers import WRONG_NUMBER, Denied, Framed
from frontends.dialects.jobatator_help import ENTRIES
from frontends.dialects.native import WORDS
from frontends.lines.outbox import Answer, Slot
from frontends.lines.session_words import select_only_group
from frontends.lines.talk import Talk

_NAMES: Final = [name.encode() for name in (*(entry.name for entry in ENTRIES), *WORDS)]


def _hello(talk: Talk, words: list[bytes], slot: Slot) -> Answer | None:
    asked = resp.hello(words)
    if not isinstance(asked, resp.Hello):
        return asked
    protocol = asked.protocol or talk.protocol

    def greet() -> Framed:
        talk.protocol = protocol
        return resp.greeting(talk.settings.version, protocol, talk.number)

    def welcome() -> Framed:
        select_only_group(talk)
        return greet()

    if asked.login is not None:
        talk.log_in(*asked.login, slot, welcome)
        return None
    return greet()  # before login, too: redis-py begins so, and logs in by a command


def _client(talk: Talk, words: list[bytes], _: Slot) -> Answer:
    return resp.client(words, talk.number)


def _command(_: Talk, words: list[bytes], slot: Slot) -> Answer:
    return resp.command(words, _NAMES, slot.form)


def _select(_: Talk, words: list[bytes], __: Slot) -> Answer:
    if len(words) != 2:
        return WRONG_NUMBER
    return resp.OK if words[1] == b"0" else Denied("invalid-value", "there is only database 0")


def _echo(_: Talk, words: list[bytes], __: Slot) -> Answer:
    return WRONG_NUMBER if len(words) != 2 else Framed(resp.bulk(words[1]))


ACTS: Final[dict[str, Callable[[Talk, list[bytes], Slot], Answer | None]]] = {
    "HELLO": _hello,
    "CLIENT": _client,
    "COMMAND": _command,
    "SELECT": _select,
    "ECHO": _echo,
}
