"""The writer's process: `python -m engine.store.writer`, started by the server, never by hand.

Its standard input is one end of a socket pair. It answers requests in order and ends at end of
file, after its last commit. It holds the lock itself: a lock of the server's would be gone with
the server while an orphan still commits.
"""

import gc
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.store import frames
from engine.store.database import Database
from engine.store.errors import StoreError
from engine.store.options import Options
from engine.store.starting import open_database

CALLS = frozenset({"acquire", "renew", "release", "owners", "page", "apply", "payloads", "details"})


def main() -> None:
    """Serve until the server closes its end."""
    gc.disable()  # rows come and go by the thousand and never in cycles
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # At its end the server is gone: what it was promised is on disk.
    with socket.socket(fileno=0) as channel, suppress(EOFError, ConnectionError):
        serve(channel)


def serve(channel: socket.socket) -> None:
    """Open the database the first frame names and do what the others ask."""
    _, (path, key, options) = frames.read(channel)
    try:
        database = open_database(Path(path), key, Options(*options))
    except StoreError as error:
        channel.sendall(frames.encode((error.code, str(error))))
        return
    try:
        channel.sendall(frames.encode(("", None)))
        while True:
            name, arguments = frames.read(channel)
            channel.sendall(frames.encode(answer(database, name, arguments)))
            if name == "apply":
                database.tend()
    finally:
        database.close()


def answer(database: Database, name: str, arguments: tuple[Any, ...]) -> tuple[str, object]:
    """An empty code and the result, or the code of an error and its sentence."""
    assert name in CALLS
    try:
        return "", getattr(database, name)(*arguments)
    except StoreError as error:
        return error.code, str(error)


if __name__ == "__main__":
    main()
