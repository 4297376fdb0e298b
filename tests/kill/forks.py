"""Servers that are killed and started too often to import the same modules each time.

`python -m tests.kill.forks serve …` loads what a server needs and forks one for each line it reads:
it answers with the fork's pid, and with its exit code once it ended. Each fork is a whole process
with a writer's process of its own, and dies like any other.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from typing import IO

from jobyard.command import main
from tests.kill.server import Server


def serve_forks(asked: IO[str], serve: Callable[[], int]) -> None:
    """One server after the other, for as long as somebody asks."""
    for _ in asked:
        child = os.fork()
        if not child:
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.dup2(2, 1)
            os._exit(serve())
        print(child, flush=True)  # noqa: T201 - the answer to who asked
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201 - as well


class Fork:
    """One of them, as `Popen` would show it."""

    def __init__(self, forks: "subprocess.Popen[bytes]") -> None:
        assert forks.stdin is not None
        assert forks.stdout is not None
        forks.stdin.write(b"\n")
        forks.stdin.flush()
        self._said = forks.stdout
        self.pid = int(forks.stdout.readline())
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it ended."""
        return self.wait() if select.select([self._said], [], [], 0)[0] else self._code

    def wait(self) -> int:
        if self._code is None:
            self._code = int(self._said.readline())
        return self._code

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkingServer(Server):
    """A server whose starts cost a fork."""

    _forks: "subprocess.Popen[bytes] | None" = None

    def close(self) -> None:
        super().close()
        if self._forks is not None:
            self._forks.communicate()

    def _begin(self) -> Fork:
        if self._forks is None:
            self._forks = self._spawn("tests.kill.forks", pipes=subprocess.PIPE)
        return Fork(self._forks)


if __name__ == "__main__":
    import_module("frontends.serve")  # what `serve` would load in each fork
    serve_forks(sys.stdin, main)
