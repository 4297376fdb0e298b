"""One HTTP request and its answer as values: dialects are functions between the two."""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Protocol

from attrs import field, frozen

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, in the order they are sent."""


class Speaks(Enum):
    """What a listener answers."""

    EVERYTHING = "main"
    V0 = "jobengine-v0"
    V1 = "jobengine-v1"


@frozen
class Request:
    """A request whose head was checked and whose body is whole."""

    method: str
    """Upper case."""
    path: str
    """Percent-decoded UTF-8, beginning with `/`."""
    raw_path: bytes
    """As it was sent, without the query."""
    query: bytes = b""
    """Behind the question mark, as it was sent."""
    headers: Mapping[bytes, bytes] = field(factory=dict[bytes, bytes])
    """By lower-case name; what came several times is joined with `, `."""
    body: bytes = b""
    address: str = ""
    """Host and port of the other side."""
    local: bool = True
    """The listener is bound where only this machine reaches it."""
    encrypted: bool = False
    speaks: Speaks = Speaks.EVERYTHING


@frozen
class Response:
    """An answer that is whole. `content-length` and `date` are added by the server.

    A client that goes away cancels its handler, at a point where it waits and nowhere else. What
    `execute` took back when it was cancelled is safe; what it already gave is not. So a dialect
    that hands out a job waits for nothing between `execute` and its return, and says by `undo` how
    the job is given back. From that return on nothing is cancelled: the answer is written whole,
    or `undo` is called.
    """

    status: int
    body: bytes = b""
    headers: Headers = ()
    undo: Callable[[], None] | None = None
    """Called, instead of an answer, when this one cannot be written. Never waits."""


Write = Callable[[bytes], Awaitable[None]]
"""Send a piece of the body; waits while the reader is slow, up to the write deadline."""


@frozen
class Stream:
    """An answer that goes on until `run` returns.

    It is cancelled when the client goes away or does not read for `http.write` seconds, and when
    the server stops.
    """

    status: int
    headers: Headers
    run: Callable[[Write], Awaitable[None]]


Answer = Response | Stream


class Dialect(Protocol):
    """One protocol over HTTP."""

    async def answer(self, request: Request) -> Answer | None:
        """Answer, or None when the path is none of this dialect's."""
