"""Two hosts with a cable between them: network namespaces that exist while a test runs.

Sockets belong to the host of the thread that made them, so each host has a thread of its own.
Their addresses are those of documentation, and nobody outside the two namespaces sees them.
"""

import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, ParamSpec, Self, TypeVar

from tests.acceptance.served import WITHIN, output

FAR: Final = "192.0.2.1"
NEAR: Final = "192.0.2.2"
CLONE_NEWNET: Final = 0x40000000
P = ParamSpec("P")
T = TypeVar("T")
_numbers: Final = count()


def missing() -> str:
    """Why there cannot be such hosts here; empty: there can."""
    ip = shutil.which("ip")
    if os.geteuid() != 0 or ip is None:
        return "not run: network namespaces need root and iproute2"
    name = f"jobyard-{os.getpid()}-try"
    said = output([ip, "netns", "add", name])
    if said:
        return f"not run: there can be no network namespace ({said.strip()})"
    output([ip, "netns", "del", name])
    return ""


def ip(*words: str) -> None:
    """Configure something."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=WITHIN)


class Host:
    """A network namespace."""

    def __init__(self, address: str) -> None:
        self.card = f"02:00:00:00:00:{int(address.rpartition('.')[2]):02x}"
        self.name = f"jobyard-{os.getpid()}-{next(_numbers)}"
        self.address = address
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")
        self._thread = ThreadPoolExecutor(1, initializer=self._enter)

    @property
    def before(self) -> list[str]:
        """What a command line begins with that is to run there."""
        return ["ip", "netns", "exec", self.name]

    def do(self, work: Callable[P, T], *said: P.args, **more: P.kwargs) -> T:
        """Call something there."""
        return self._thread.submit(work, *said, **more).result()

    def connect(self, port: int, to: str = FAR) -> socket.socket:
        """A connection from there."""
        return self.do(socket.create_connection, (to, port), WITHIN)

    def answer(self, change: Literal["add", "del"]) -> None:
        """Have its address, or have it no more."""
        ip("-n", self.name, "address", change, f"{self.address}/24", "dev", "wire")

    def remove(self) -> None:
        """End its thread, and the namespace with all that is in it."""
        self._thread.shutdown()
        ip("netns", "del", self.name)

    def _enter(self) -> None:
        with Path("/run/netns", self.name).open("rb") as place:
            failed = ctypes.CDLL(None, use_errno=True).setns(place.fileno(), CLONE_NEWNET)
            if failed:
                raise OSError(ctypes.get_errno(), "setns")


class Cable:
    """The server's host, the clients' host, and what is between them."""

    def __init__(self) -> None:
        with ExitStack() as undo:
            self.far = Host(FAR)
            undo.callback(self.far.remove)
            self.near = Host(NEAR)
            undo.callback(self.near.remove)
            peer = ("peer", "name", "wire", "netns", self.near.name)
            ip("-n", self.far.name, "link", "add", "wire", "type", "veth", *peer)
            for host in (self.far, self.near):
                ip("-n", host.name, "link", "set", "wire", "address", host.card, "up")
                host.answer("add")
            for host, other in ((self.far, self.near), (self.near, self.far)):
                known = (other.address, "lladdr", other.card, "dev", "wire", "nud", "permanent")
                ip("-n", host.name, "neighbour", "replace", *known)
            self._undo = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._undo.close()

    def cut(self) -> None:
        """From now on nothing arrives, and nobody is told: not even the server's own interface."""
        self.near.answer("del")

    def mend(self) -> None:
        """Packets pass again."""
        self.near.answer("add")
