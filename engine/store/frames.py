"""How the server and the writer's process speak: a length, then one marshalled value.

`marshal` is the fastest codec for rows at hand and both ends are the same Python, started by
ourselves; it is never used on bytes of anybody else.
"""

import marshal
import socket
import struct
from typing import Any

LENGTH = struct.Struct("<Q")
VERSION = 2
"""The newest format that does not look for repeated objects: rows have none worth the search."""


def encode(value: Any) -> bytes:
    """One frame.

    Raises:
        ValueError: the value holds something that is no plain value.
    """
    body = marshal.dumps(value, VERSION)
    return LENGTH.pack(len(body)) + body


def decode(received: bytearray) -> list[Any]:
    """Take the whole frames off the front of `received` and give their values."""
    values = []
    start = 0
    while len(received) - start >= LENGTH.size:
        (size,) = LENGTH.unpack_from(received, start)
        end = start + LENGTH.size + size
        if len(received) < end:
            break
        with memoryview(received) as view:
            values.append(marshal.loads(view[start + LENGTH.size : end]))  # noqa: S302 -- our own process
        start = end
    del received[:start]
    return values


def read(channel: socket.socket) -> Any:
    """Wait for one frame.

    Raises:
        EOFError: the other end is gone.
    """
    (size,) = LENGTH.unpack(_exactly(channel, LENGTH.size))
    return marshal.loads(_exactly(channel, size))  # noqa: S302 -- our own process


def _exactly(channel: socket.socket, size: int) -> bytearray:
    received = bytearray(size)
    with memoryview(received) as view:
        start = 0
        while start < size:
            count = channel.recv_into(view[start:])
            if count == 0:
                raise EOFError
            start += count
    return received
