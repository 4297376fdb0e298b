"""One connection of the line protocol without its socket: bytes in, bytes out.

Rule 1: nothing here waits, and nothing raises for what a client sends.
Rule 2: a login is a barrier: what follows it on its connection is run after it.
Rule 3: after QUIT, or bytes that cannot be understood, nothing is read any more.
"""

from functools import cached_property
from typing import Final

from frontends.dialects.answers import (
    NO_GROUP,
    NOT_LOGGED,
    UNKNOWN_COMMAND,
    WRONG_NUMBER,
    Denied,
)
from frontends.dialects.framing import MALFORMED, Reader, Unreadable
from frontends.dialects.words import split, split_quoted
from frontends.lines.outbox import LINE
from frontends.lines.talk import Talk
from frontends.lines.vocabulary import VOCABULARY

PAUSE: Final = 0.05
"""Seconds of silence after which a command that ends in a space is taken without its line end."""


class Session(Talk):
    """A client of the line protocol.

    `deadline` is when `silence` is to be called, on the clock it was given; None: never.
    """

    deadline: float | None = None
    _fresh = False
    """Bytes came in that the rule of silence has not looked at."""

    @cached_property
    def _reader(self) -> Reader:
        return Reader()

    @property
    def waiting(self) -> int:
        """Commands whose answer has not left."""
        return len(self.box.slots)

    @property
    def in_flight(self) -> int:
        """Bytes of those commands."""
        return self.box.in_flight

    @property
    def held(self) -> bool:
        """Whether it may neither be read nor turned: a login runs, or too much is unanswered."""
        return self.logging_in or len(self.box.slots) >= self.settings.unanswered

    @property
    def closing(self) -> bool:
        """Whether to close once everything of `output()` is written."""
        return self.box.closing

    def receive(self, data: bytes) -> None:
        """Bytes came in."""
        if not self.deaf:
            self._reader.feed(data)
            self._fresh = True

    def turn(self, limit: int) -> bool:
        """Run up to `limit` complete commands; True: there may be more."""
        reader, settings, slots = self._reader, self.settings, self.box.slots
        if self._fresh:
            self.deadline = None
        for _ in range(limit):
            if self.deaf or self.logging_in or len(slots) >= settings.unanswered:
                break
            if reader.empty:  # as after the one command of a packet
                self._fresh = False
                return False
            request = reader.next(
                settings.login_bound if self.principal is None else settings.line_bound
            )
            if type(request) is bytes:
                self._run(split(request), LINE, len(request))
            elif isinstance(request, list):
                self._run(request, self.protocol, sum(map(len, request)))
            elif isinstance(request, Unreadable):
                self._give_up(request)
            else:
                if self._fresh and reader.pausing:
                    self.deadline = self.now() + PAUSE
                self._fresh = False
                return False
        return not (self.deaf or reader.empty)

    def output(self) -> bytes:
        """Everything that is ready to go out, in order."""
        return self.box.take()

    def silence(self, now: float) -> None:  # noqa: ARG002 - sessions are told the time
        """Nothing came for a while: a command that ends in a space may be meant as it is."""
        self.deadline, self._fresh = None, False
        if self.deaf or self.held or not self._reader.pausing:
            return
        line = self._reader.tail()[:-1]
        words, opened = split_quoted(line)
        if opened or (self._reader.newline and not _complete(words)):
            return
        self._reader.take_tail()
        self._run(words, LINE, len(line) + 1)

    def ask(self, words: list[bytes]) -> None:
        """Run one command of the line form whose words are known already, whatever is in them."""
        self._run(words, LINE, 0)

    def refuse(self, why: Denied) -> None:
        """Answer one such command without looking at it."""
        self.box.reserve(LINE, 0).send(why)

    def _run(self, words: list[bytes], form: int, size: int) -> None:
        slot = self.box.reserve(form, size)
        name = words[0] if words else b""
        word = VOCABULARY.get(name) or VOCABULARY.get(name.upper())
        if word is None or (word.array_only and form == LINE):
            slot.send(UNKNOWN_COMMAND)
        elif word.auth and self.principal is None:
            slot.send(NOT_LOGGED)
        elif word.group and not self.group:
            slot.send(NO_GROUP)
        elif not word.least < len(words) <= word.most:
            slot.send(WRONG_NUMBER)
        elif word.binding is not None:
            slot.binding = word.binding
            self.submit(word.binding.bind(words, self.settings.terms), slot)
        else:
            assert word.act is not None
            answer = word.act(self, words, slot)
            if answer is not None:
                slot.send(answer)

    def _give_up(self, why: Unreadable) -> None:
        self.deaf = True
        if not why.code:
            self.box.closing = True
            self.box.mark()
            return
        array = why is MALFORMED or self._reader.in_array
        slot = self.box.reserve(self.protocol if array else LINE, 0)
        slot.last = True
        slot.send(Denied(why.code, why.sentence))


def _complete(words: list[bytes]) -> bool:
    word = VOCABULARY.get(words[0].upper()) if words else None
    return word is not None and not word.array_only and word.least < len(words) <= word.most
