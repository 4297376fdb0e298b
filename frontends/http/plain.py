"""The socket of a connection in clear, without what a stream puts round each call.

A stream tries to read before it waits, which fails here: a client speaks when it was answered. And
it makes a context manager a call, which costs as much as the call of the system.
"""

import os

import trio


async def read(stream: trio.SocketStream, most: int) -> bytes:
    """What came, or nothing when no more comes.

    Raises:
        trio.BrokenResourceError: the connection is gone.
        trio.ClosedResourceError: it was closed here.
    """
    socket = stream.socket
    while True:
        if socket.fileno() < 0:
            raise trio.ClosedResourceError
        await trio.lowlevel.wait_readable(socket)
        try:
            return os.read(socket.fileno(), most)
        except BlockingIOError:
            continue
        except OSError as error:
            raise trio.BrokenResourceError from error


def write_now(stream: trio.SocketStream, data: bytes) -> int:
    """How many bytes went out at once. Never waits.

    Raises:
        trio.BrokenResourceError: the connection is gone.
    """
    try:
        return os.write(stream.socket.fileno(), data)
    except BlockingIOError:
        return 0
    except OSError as error:
        raise trio.BrokenResourceError from error
