"""Servers under load: started on free loopback ports, stopped whatever happens, and their cost."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parent.parent.parent
READY_WITHIN = 30.0
STOPPED_WITHIN = 20.0
CONFIG = """\
host: 127.0.0.1
port: {port}
log_level: error
http:
  port: -1
limits:
  connections: 20000
groups:
  - slug: bench
users:
  - username: bench
    password: bench
    groups: [bench]
"""


class NotStartedError(Exception):
    """A server ended or stayed silent before it took its first connection."""


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with closing(socket.socket()) as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


@frozen
class Server:
    """One running server."""

    port: int
    process: "subprocess.Popen[bytes]"

    def family(self) -> list[int]:
        """Its process and the children of that, whichever of its threads began them."""
        first = self.process.pid
        listed = [each.read_text() for each in Path(f"/proc/{first}/task").glob("*/children")]
        return [first, *sorted(int(pid) for pids in listed for pid in pids.split())]

    def memory(self) -> int:
        """Bytes of anonymous memory resident in the whole family."""
        total = 0
        for pid in self.family():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    total += int(line.split()[1]) * 1024
        return total

    def cpu(self) -> float:
        """Seconds of processor time the family has used."""
        ticks = 0
        for pid in self.family():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((f": {line.strip()}" for line in reversed(lines) if line.strip()), "")


def _wait_until_open(server: Server, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        if server.process.poll() is not None:
            status = server.process.returncode
            raise NotStartedError(f"ended with status {status}{_last_words(log)}")
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise NotStartedError(f"took no connection within {READY_WITHIN:.0f} s{_last_words(log)}")


def launch(words: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start a server that finds this checkout; what it says goes to the log."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}"}
    with log.open("wb") as said:
        return subprocess.Popen(
            words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )


@contextmanager
def started(words: list[str], port: int, log: Path) -> Iterator[Server]:
    """Run a server until the block ends."""
    process = launch(words, log)
    try:
        server = Server(port, process)
        _wait_until_open(server, log)
        yield server
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, then end it."""
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@frozen
class Jobyard:
    """Our own server; `store` is `memory` or the folder of the default store."""

    folder: Path

    def command(self, store: str, port: int) -> list[str]:
        """The words that start it."""
        config = self.folder / f"config-{port}.yml"
        config.write_text(CONFIG.format(port=port))
        entry = "import sys; from jobyard.command import main; sys.exit(main())"
        place = store if store == "memory" else str(self.folder / store)
        return [sys.executable, "-c", entry, "serve", "--config", str(config), "--store", place]

    def log(self, port: int) -> Path:
        """What the server on that port said."""
        return self.folder / f"jobyard-{port}.log"

    @contextmanager
    def serve(self, store: str) -> Iterator[Server]:
        """A server on a store; any name but `memory` is a default store kept under that name."""
        port = free_port()
        with started(self.command(store, port), port, self.log(port)) as server:
            yield server


@frozen
class Beanstalkd:
    """The peer: beanstalkd as the distribution packages it."""

    folder: Path

    @staticmethod
    def installed() -> bool:
        """Whether it is there to be compared with."""
        return shutil.which("beanstalkd") is not None

    @contextmanager
    def serve(self, *, synced: bool) -> Iterator[Server]:
        """A server in memory, or one with a fresh log and an fsync for each write."""
        port = free_port()
        words = ["beanstalkd", "-l", "127.0.0.1", "-p", str(port)]
        if synced:
            log = self.folder / f"binlog-{port}"
            log.mkdir()
            words += ["-b", str(log), "-f0"]
        with started(words, port, self.folder / f"beanstalkd-{port}.log") as server:
            yield server
