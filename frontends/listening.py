"""Sockets that listen, and how an accepted one is set up."""

import errno
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

import trio

BACKLOG: Final = 1024
OUT_OF_MEANS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""The system cannot give another connection now; trying again at once cannot help."""

Option = tuple[int, int, int]


def _options() -> tuple[Option, ...]:
    """No delay; and a peer that is silently gone is found within a minute, the default lease.

    The first probe goes out after 30 s, then one each 10 s; three lost ones end the connection, and
    so do 60 s in which nothing sent is acknowledged. Platforms lack some of the names.
    """
    tcp = socket.IPPROTO_TCP
    idle = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))
    wanted: Sequence[tuple[int, int | None, int]] = (
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        (tcp, socket.TCP_NODELAY, 1),
        (tcp, idle, 30),
        (tcp, getattr(socket, "TCP_KEEPINTVL", None), 10),
        (tcp, getattr(socket, "TCP_KEEPCNT", None), 3),
        (tcp, getattr(socket, "TCP_USER_TIMEOUT", None), 60_000),
    )
    return tuple((level, name, value) for level, name, value in wanted if name is not None)


OPTIONS: Final = _options()


def tune(sock: socket.socket | trio.socket.SocketType) -> None:
    """Set up an accepted socket.

    Raises:
        OSError: its peer is gone already.
    """
    for level, name, value in OPTIONS:
        sock.setsockopt(level, name, value)


async def bind(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of a host, without blocking; port 0 takes a free one each.

    Raises:
        OSError: the name has no address, or one of its addresses cannot be had.
    """
    found = await trio.socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    listeners: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            listener.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def written(host: str, port: int) -> str:
    """An address as people and the protocol write it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_local(host: str) -> bool:
    """Whether that peer is on this machine."""
    if host.startswith("127."):
        return True
    address = ip_address(host.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
