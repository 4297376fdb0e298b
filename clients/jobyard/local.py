"""The methods of the clients on an engine in the same process: no socket, the same answers.

A call is bound and its answer written as the server does both, so what code under test hears here
is what it will hear there.
"""

from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from engine.replies import Code, Refused, Reply
from frontends.dialects.native import WORDS, Bound
from frontends.dialects.native_replies import render
from jobyard.errors import FAMILIES, Refusal
from jobyard.resp import Reader
from jobyard.verbs import Verbs
from jobyard.words import Call

if TYPE_CHECKING:
    from engine import JobPolicy

T = TypeVar("T")
Execute = Callable[[object, str | None], Awaitable[Reply]]
"""Runs a command under a request id, and answers its reply."""
_PROTOCOL: Final = 3


def refused(reply: Refused) -> Refusal:
    """The error that a refusal is."""
    return FAMILIES.get(reply.code.value, Refusal)(reply.code.value, reply.sentence)


@cache
def _policy() -> "JobPolicy":
    from engine import JobPolicy  # noqa: PLC0415 - whoever has an engine has loaded it

    return JobPolicy()


def bind(words: tuple[bytes, ...]) -> Bound:
    """The command that these words ask for; jobs are treated by the engine's defaults.

    Raises:
        Refusal: there is no such command, or an argument is no good.
    """
    name = words[0].decode("utf-8", "replace").upper()
    word = WORDS.get(name)
    if word is None or len(words) <= len(word.required):
        sentence = f"there is no command {name[:40]}" if word is None else f"usage: {word.usage}"
        raise refused(Refused(Code.INVALID_VALUE, sentence))
    bound = word.bind(list(words), _policy())
    if isinstance(bound, Refused):
        raise refused(bound)
    return bound


def hear(call: Call[T], reply: Reply) -> T:
    """What a client makes of a reply.

    Raises:
        Refusal: it is one.
    """
    if isinstance(reply, Refused):
        raise refused(reply)
    (answer,) = Reader().feed(render(reply, _PROTOCOL))
    return call.read(answer)


class LocalClient(Verbs):
    """What `Client` offers, beside an engine; `async with` does nothing, for sameness."""

    def __init__(self, execute: Execute) -> None:
        """Ask whatever `execute` asks."""
        self._execute = execute

    async def __aenter__(self) -> Self:
        """Nothing to connect."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Nothing to close."""

    async def call(self, call: Call[T]) -> T:
        """Run one command.

        Raises:
            Refusal: the engine said no, in the class of its code's family.
        """
        bound = bind(call.words)
        return hear(call, await self._execute(bound.command, bound.request_id))

    async def call_many(self, calls: Iterable[Call[T]]) -> list[T | Refusal]:
        """Run many commands, one after the other; answers and refusals in order."""
        told: list[T | Refusal] = []
        for call in calls:
            try:
                told.append(await self.call(call))
            except Refusal as error:
                told.append(error)
        return told
