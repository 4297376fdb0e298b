"""The real server as a process, on a port that it picks itself and tells."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Self

ROOT: Final = Path(__file__).parents[2]
WITHIN: Final = 20.0
"""Seconds that any one thing may take before its test fails."""
USER: Final = "ada"
PASSWORD: Final = "enchantress"
GROUP: Final = "yard"


def settings(**said: Any) -> dict[str, Any]:
    """A whole settings file: one group, one user with every right in it, any free port."""
    users = [{"username": USER, "password": PASSWORD, "groups": [GROUP]}]
    return {"port": 0, "groups": [GROUP], "users": users, **said}


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the command sees: this tree, a home of its own, and none of our settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JOBYARD_", "XDG_"))
        and name not in {"SECRET", "TEST_MODE", "ALLOW_DISPATCH"}
    }
    path = os.pathsep.join([str(ROOT), str(ROOT / "clients")])
    return {**kept, "PYTHONPATH": path, "HOME": str(home), **(more or {})}


def command(*arguments: str | Path, program: str = "jobyard") -> list[str]:
    """The command line of `jobyard`, or of a module that runs it."""
    return [sys.executable, "-m", program, *map(str, arguments)]


class Log:
    """What a process wrote so far; a thread reads it, tests wait for lines."""

    def __init__(self, stream: IO[str]) -> None:
        self.lines: list[str] = []
        self._more = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                with self._more:
                    self.lines.append(line.rstrip("\n"))
                    self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def event(self, name: str) -> dict[str, Any] | None:
        """The last structured line of that event."""
        for line in reversed(self.lines):
            if line.startswith("{"):
                said: dict[str, Any] = json.loads(line)
                if said.get("event") == name:
                    return said
        return None

    def wait_for(self, found: Callable[[], bool], seconds: float = WITHIN) -> None:
        """Wait until it says so; a process that ends first has failed."""
        with self._more:
            self._more.wait_for(lambda: found() or self._ended, seconds)
            assert found(), self.text

    def finish(self) -> str:
        """Everything, once the process and its children wrote their last."""
        self._reader.join(WITHIN)
        return self.text


class Server:
    """One settings file and one store, served by one process after another."""

    def __init__(self, folder: Path, said: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.store = folder / "data"
        self.config = folder / "config.yml"
        self.write(settings() if said is None else said)
        self.environment = environment(folder)
        self.before: list[str] = []
        """What the command line begins with, to run the server in another place."""
        self.program = "jobyard"
        self.process: subprocess.Popen[str] | None = None
        self.log: Log
        self.addresses: list[str] = []

    def write(self, said: Mapping[str, Any]) -> None:
        """Replace the settings file; JSON is YAML."""
        self.config.write_text(json.dumps(said), encoding="utf-8")

    def launch(self, *arguments: str) -> Log:
        """Start the process without waiting; arguments replace those of `start`."""
        wanted = arguments or ("--config", str(self.config), "--store", str(self.store))
        self.process = subprocess.Popen(
            [*self.before, *command("serve", *wanted, program=self.program)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self.process.stderr is not None
        self.log = Log(self.process.stderr)
        return self.log

    def start(self, *arguments: str) -> Self:
        """Start, and wait until it says where it listens."""
        log = self.launch(*arguments)
        log.wait_for(lambda: log.event("serving") is not None)
        said = log.event("serving")
        assert said is not None
        self.addresses = said["lines"]
        return self

    def port_of(self, number: int) -> int:
        return int(self.addresses[number].rpartition(":")[2])

    @property
    def port(self) -> int:
        """Of the first listener, the plain one when there is one."""
        return self.port_of(0)

    def connect(self) -> socket.socket:
        """A bare connection to the first listener."""
        return socket.create_connection(("127.0.0.1", self.port), WITHIN)

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = WITHIN) -> int:
        """The exit code, once it ends."""
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        """SIGKILL, and wait until also its writer let go of the store."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(WITHIN)
        self.log.finish()

    def close(self) -> None:
        """End whatever runs; harmless when nothing does."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


def run(
    *arguments: str | Path, home: Path, timeout: float = WITHIN, **more: Any
) -> "subprocess.CompletedProcess[str]":
    """One `jobyard` command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, more.pop("variables", None)),
        cwd=home,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
        **more,
    )


def output(words: Sequence[str | Path], *, said: str | None = None) -> str:
    """What a program prints, both streams together, once it ended well or badly."""
    done = subprocess.run(
        [str(word) for word in words],
        input=said,
        stdin=subprocess.DEVNULL if said is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=WITHIN,
        check=False,
    )
    return done.stdout
