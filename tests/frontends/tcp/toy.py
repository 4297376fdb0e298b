"""A session that says little, following the interface of the real one.

`PING`, `ECHO text`, `BIG n` are answered at once, `LATER text` when the test says so. `AUTH name
password` logs in, `QUIT` closes, `BREAK where` plants an error, `WAIT` and a trailing space ask
for silence as the real session does.
"""

from collections.abc import Callable
from typing import Protocol

from engine.access import Peer, Principal

SILENCE = 0.05
UNANSWERED = 100


class PlantedError(Exception):
    """Its text quotes a payload, which must not reach a log."""

    def __init__(self) -> None:
        super().__init__("secret payload")


class Place(Protocol):
    """The part of a `Door` that the toy asks for."""

    def dirty(self, session: object) -> None: ...

    def start_login(
        self,
        session: object,
        name: str,
        password: bytes,
        then: Callable[[Principal | str], None],
    ) -> None: ...


class Toy(Peer):
    """The interface of a session, with one slot for each command."""

    def __init__(self, door: Place, address: str, now: Callable[[], float]) -> None:
        super().__init__("", address, single=True)
        self.door = door
        self.now = now
        self.rest = b""
        self.lines: list[bytes] = []
        self.slots: list[bytes | None] = []
        self.open: list[tuple[int, bytes]] = []
        self.ran: list[bytes] = []
        self.broken: set[bytes] = set()
        self.marked = self.closing = self.logging_in = False
        self.deadline: float | None = None
        self.encrypted = False
        self.ends = self.half_closes = 0

    @property
    def waiting(self) -> int:
        return len(self.open)

    @property
    def in_flight(self) -> int:
        return sum(len(line) for _, line in self.open)

    @property
    def held(self) -> bool:
        return self.logging_in or len(self.open) >= UNANSWERED

    def receive(self, data: bytes) -> None:
        self._fail("receive")
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines += lines
        self.deadline = self.now() + SILENCE if self.rest.endswith(b" ") else None

    def turn(self, limit: int) -> bool:
        self._fail("turn")
        for _ in range(limit):
            if not self.lines or self.held or self.closing:
                break
            self._run(self.lines.pop(0))
        return bool(self.lines) and not self.closing

    def output(self) -> bytes:
        self.marked = False
        self._fail("output")
        said: list[bytes] = []
        while self.slots and (slot := self.slots[0]) is not None:
            said.append(slot)
            self.slots.pop(0)
            self.open = [(at - 1, line) for at, line in self.open]
        return b"".join(said)

    def silence(self, now: float) -> None:
        self._fail("silence")
        self.deadline = None
        self.lines.append(self.rest.rstrip(b" "))
        self.rest = b""

    def half_closed(self) -> None:
        self.half_closes += 1
        self._fail("half_closed")

    def closed(self) -> None:
        self.ends += 1
        self._fail("closed")

    def logout(self, reason: str) -> None:
        self._fail("logout")
        self.say(b"Err: session-closed\n")
        self.closing = True

    def say(self, line: bytes) -> None:
        self.slots.append(line)
        self._mark()

    def answer(self, count: int = 1) -> None:
        """Answer the oldest open commands, as a commit would."""
        for at, line in self.open[:count]:
            self.slots[at] = line + b"\n"
        del self.open[:count]
        self._mark()

    def _run(self, line: bytes) -> None:
        self.ran.append(line)
        verb, _, rest = line.partition(b" ")
        match verb:
            case b"PING":
                self.say(b"PONG\n")
            case b"ECHO":
                self.say(rest + b"\n")
            case b"BIG":
                self.say(b"x" * int(rest) + b"\n")
            case b"LATER":
                self.open.append((len(self.slots), rest))
                self.slots.append(None)
            case b"AUTH":
                name, _, password = rest.partition(b" ")
                self.logging_in = True
                self.door.start_login(self, name.decode(), password, self._logged_in)
            case b"BREAK":
                self.broken.add(rest)
                self.say(b"BROKEN\n")
            case b"QUIT":
                self.closing = True
                self._mark()
            case _:
                self.say(b"Err: unknown-command\n")

    def _logged_in(self, outcome: Principal | str) -> None:
        self._fail("login")
        self.logging_in = False
        if isinstance(outcome, Principal):
            self.name = outcome.name
            self.say(b"Welcome!\n")
        else:
            self.say(f"Err: {outcome}\n".encode())

    def _mark(self) -> None:
        if not self.marked:
            self.marked = True
            self.door.dirty(self)

    def _fail(self, where: str) -> None:
        if where.encode() in self.broken:
            raise PlantedError
