"""A blocking client of the line protocol, as small as a stranger would write it."""

import json
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any, Final, Self

from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN

LONGEST: Final = 64 << 20


class Line:
    """One connection; every wait has a deadline."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(WITHIN)
        self.socket = sock
        self._buffer = bytearray()

    @classmethod
    def to(cls, port: int) -> Self:
        return cls(socket.create_connection(("127.0.0.1", port), WITHIN))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Go without a goodbye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def log_in(self, user: str = USER, password: str = PASSWORD, group: str = GROUP) -> Self:
        assert self.ask(f"AUTH {user} {password}") == "Welcome!"
        assert self.ask(f"USE_GROUP {group}") == "OK"
        return self

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def say(self, line: str) -> None:
        self.send(line.encode() + b"\n")

    def ask(self, line: str) -> str:
        """Say a line and hear the next one, whatever it is."""
        self.say(line)
        return self.hears()

    def read(self, line: str) -> Any:
        """Ask, and take the answer as JSON."""
        return json.loads(self.ask(line))

    @property
    def unheard(self) -> bool:
        """Whether a line came along with the one before it."""
        return b"\n" in self._buffer

    def hears(self) -> str:
        """The next line."""
        return self.take(b"\n").decode()

    def take(self, end: bytes) -> bytes:
        """Bytes up to an end, without it."""
        while (found := self._buffer.find(end)) < 0:
            assert len(self._buffer) < LONGEST
            received = self.socket.recv(1 << 16)
            assert received, f"cut off after {bytes(self._buffer)!r}"
            self._buffer += received
        taken = bytes(self._buffer[:found])
        del self._buffer[: found + len(end)]
        return taken

    def pushed(self) -> dict[str, Any]:
        """The job in the next line."""
        return pushed_job(self.hears())

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        while received := self._receive():
            self._buffer += received
        taken = bytes(self._buffer)
        self._buffer.clear()
        return taken

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(1 << 16)
        except ConnectionError:
            return b""

    def heard_nothing(self) -> bool:
        """Nothing came before the answer to a PING."""
        return self.ask("PING") == "PONG"

    def publish(self, queue: str, payload: str = "p", kind: str = "t") -> str:
        """The new job's id."""
        answer = self.ask(f"PUBLISH {queue} {kind} '{payload}'")
        assert answer.startswith("OK#"), answer
        return answer.removeprefix("OK#")

    def update(self, job: str, state: str) -> str:
        return self.ask(f"UPDATE_JOB {job} {state}")

    def jobs(self, queue: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.read(f"LIST_JOBS {queue}") or []
        return found

    def states(self, queue: str) -> list[str]:
        """Of its jobs, in order of publishing."""
        return [job["State"] for job in self.jobs(queue)]


def pushed_job(line: str) -> dict[str, Any]:
    """What a pushed line carries."""
    said = json.loads(line)
    assert said["Debug"] == "Dispatch data"
    job: dict[str, Any] = said["Job"]
    return job


def array(*words: str | bytes) -> bytes:
    """A request in array form."""
    said = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(said) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in said)


def readable(clients: Sequence[Line], seconds: float = WITHIN) -> list[Line]:
    """Those to whom the server said something not yet heard, as soon as there is one."""
    if heard := [client for client in clients if client.unheard]:
        return heard
    by_socket = {client.socket: client for client in clients}
    found, _, _ = select.select(list(by_socket), [], [], seconds)
    return [by_socket[one] for one in found]
