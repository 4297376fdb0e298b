"""What every connection begins with, and how long to wait before the next try."""

import random
import socket
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from jobyard.errors import BadArgument, Refusal, Unavailable, refusal
from jobyard.resp import Failure
from jobyard.url import Address, parse
from jobyard.words import text

CONNECT_WITHIN: Final = 10.0
"""Seconds for a connection with its login."""


@frozen
class Backoff:
    """Waits between tries, in seconds: doubling, each a random part of its size (full jitter)."""

    first: float = 0.1
    longest: float = 10.0

    def waits(self, chance: random.Random | None = None) -> Iterator[float]:
        """One wait after another, without end."""
        spread = (chance or random.Random()).uniform  # noqa: S311 - no secret: it spreads a herd
        size = self.first
        while True:
            yield spread(size / 2, size)
            size = min(self.longest, size * 2)


def address_of(server: "Address | str") -> Address:
    """A URL, or what it said."""
    return server if isinstance(server, Address) else parse(server)


def greetings(address: Address) -> list[tuple[bytes, ...]]:
    """The commands that log in and select the group."""
    hello: tuple[bytes, ...] = (b"HELLO", b"3")
    if address.user:
        hello += (b"AUTH", text(address.user), text(address.password))
    elif address.password:
        raise BadArgument("the URL has a password and no user")
    if not address.group:
        return [hello]
    return [hello, (b"USE_GROUP", text(address.group))]


def checked(answer: Any) -> Any:
    """An answer that is no refusal.

    Raises:
        Refusal: it is one.
    """
    if isinstance(answer, Failure):
        raise refusal(answer.text)
    return answer


def final(error: Exception) -> bool:
    """Whether trying again is of no use until a person changed something."""
    return isinstance(error, Refusal) and not isinstance(error, Unavailable)


def keep_alive(plain: socket.socket) -> None:
    """Have the system notice a peer that vanished, within half a minute."""
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 15),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 30_000),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            plain.setsockopt(socket.IPPROTO_TCP, option, value)
