"""The whole server over HTTP: told to stop it does so in time, with everybody holding on."""

import json
import signal
import socket
import time
from base64 import b64encode
from contextlib import ExitStack
from typing import Any, Final

from tests.acceptance.conftest import Serve
from tests.acceptance.served import PASSWORD, USER, WITHIN, Server, settings

GRACE: Final = 4.0
EXITING: Final = 1.5
"""Seconds that the process itself may take to end, on a busy machine."""
FILLER: Final = "x" * 500_000
CREDENTIALS: Final = b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def port(server: Server) -> int:
    said = server.log.event("serving")
    assert said is not None
    return int(said["http"][0].rpartition(":")[2])


def connection(server: Server, *, lazy: bool = False) -> socket.socket:
    sock = socket.socket()
    sock.settimeout(WITHIN)
    if lazy:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port(server)))
    return sock


def ask(client: socket.socket, method: str, path: str, said: Any = None) -> None:
    body = b"" if said is None else json.dumps(said).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {CREDENTIALS}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client.sendall(head.encode() + body)


def rest(client: socket.socket) -> bytes:
    heard = bytearray()
    try:
        while data := client.recv(65536):
            heard += data
    except ConnectionResetError:
        pass
    return bytes(heard)


def test_sigterm_waits_for_no_reader_no_stream_and_no_poll(serve: Serve) -> None:
    server = serve(settings(http={"port": 0}, stop={"grace": GRACE}))
    with ExitStack() as closing:
        stalled, stream, poll, publisher = (
            closing.enter_context(connection(server, lazy=lazy))
            for lazy in (True, False, False, False)
        )
        for _ in range(8):
            ask(publisher, "POST", "/api/v2/queues/big/jobs", {"type": "t", "payload": FILLER})
            assert publisher.recv(65536).startswith(b"HTTP/1.1 201 ")
        words = [f"AUTH {USER} {PASSWORD}", "USE_GROUP yard", *["LIST_JOBS big"] * 8]
        ask(stalled, "POST", "/gateway", {"commands": words})
        ask(stream, "GET", "/api/v2/events")
        assert stream.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        ask(poll, "POST", "/api/v2/queues/other/reserve", {"wait": 60})
        ask(publisher, "POST", "/api/v2/queues/big/jobs", {"type": "t", "payload": "last"})
        assert publisher.recv(65536).startswith(b"HTTP/1.1 201 ")
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        answered = rest(poll)
        assert server.wait() == 0
        assert time.monotonic() - began < GRACE + EXITING
        assert answered.split(b" ")[1] in {b"200", b"204", b"503"}
        assert rest(stream).endswith(b"0\r\n\r\n")
        assert rest(publisher) == b""
        assert b"Traceback" not in server.log.finish().encode()
