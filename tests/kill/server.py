"""The real server as a child process that may be killed at any moment."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import trio

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 30.0
LOOKS_EVERY = 0.02
PASSWORD = (
    "$argon2id$v=19$m=8,t=1,p=1$Y/g6cokWmKao2hveNHEMtw$sBekj1x4PxrSKPnzi8bhuysd0oTmTk9AXidRInyIMUo"
)
"""Of "enchantress", and cheap: every client logs in again after every kill."""
CONFIG = """
host: "127.0.0.1"
port: {port}
web_port: -1
groups:
  - slug: "yard"
users:
  - username: "ada"
    password_hash: "{password}"
    groups: ["yard"]
log_level: "error"
job_timeout: 86400
lines:
  silence: {silence}
  retry: {retry}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Process(Protocol):
    """What is asked of a server's process."""

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...

    def send_signal(self, number: signal.Signals, /) -> None: ...

    def kill(self) -> None: ...


class Server:
    """One store in one folder, served by one process after another."""

    def __init__(
        self,
        folder: Path,
        *,
        retry: float = 0.0,
        silence: float = 300.0,
        program: tuple[str, ...] = ("jobyard",),
    ) -> None:
        self._program = program
        self.port = free_port()
        self.kills = 0
        self._folder = folder
        self._config = folder / "config.yml"
        self._config.write_text(
            CONFIG.format(port=self.port, password=PASSWORD, retry=retry, silence=silence)
        )
        self._log = folder / "server.log"
        self._process: Process | None = None

    async def start(self) -> None:
        """Start and wait until it listens."""
        process = self._process = self._begin()
        with trio.move_on_after(STARTS_WITHIN) as waiting:
            while not await self._listens():
                assert process.poll() is None, self._log.read_text()[-4000:]
                await trio.sleep(LOOKS_EVERY)
        if waiting.cancelled_caught:
            process.send_signal(signal.SIGABRT)  # has it say where it stands
            process.wait()
            raise AssertionError(self._log.read_text()[-8000:])

    def _begin(self) -> Process:
        return self._spawn(*self._program)

    def _spawn(self, *program: str, pipes: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable, "-m", *program, "serve", "--config", str(self._config),
            "--store", str(self._folder / "jobs.db"),
        ]  # fmt: skip
        path = os.pathsep.join([str(ROOT), str(ROOT / "clients")])
        home = str(self._folder)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": path, "HOME": home, "PYTHONFAULTHANDLER": "1"},
                stdin=pipes,
                stdout=log if pipes == subprocess.DEVNULL else pipes,
                stderr=log,
            )

    async def _listens(self) -> bool:
        try:
            stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        except OSError:
            return False
        await stream.aclose()
        return True

    def kill(self) -> None:
        """SIGKILL, and reap."""
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-4000:]
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def close(self) -> None:
        """End whatever runs; harmless when nothing does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
