"""Who we are compared with: from PyPI, at fixed versions, each in an environment of its own."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.benchmarks.servers import ROOT, Server, free_port, started

HOME: Final = __name__.rpartition(".")[0]
INSTALLED_WITHIN: Final = 240.0


@frozen
class Peer:
    """One of them; its module has a `send` for `enqueue` and what its worker is started with."""

    name: str
    work: tuple[str, ...]
    """Its worker's command line; `{home}` is the package of the modules, `{port}` the server's."""

    @property
    def module(self) -> str:
        """Where its jobs are."""
        return f"{HOME}.with_{self.name}"

    @property
    def pins(self) -> Path:
        """What is installed for it."""
        return Path(__file__).with_name(f"{self.name}.txt")


PEERS: Final = (
    Peer("huey", ("huey_consumer", "{home}.with_huey.app", "-q")),
    Peer("dramatiq", ("dramatiq", "{home}.with_dramatiq", "--skip-logging")),
    Peer("celery", ("celery", "-A", "{home}.with_celery", "worker", "-l", "error")),
    Peer(
        "arq", ("arq", "{home}.with_arq.Settings", "--custom-log-dict", "{home}.with_arq.SILENT")
    ),
    Peer(
        "rq",
        ("rq", "worker", "-q", "-w", "rq.worker.SimpleWorker", "-u", "redis://127.0.0.1:{port}",
         "bench"),
    ),
)  # fmt: skip


def last_line(text: str) -> str:
    """The last thing said."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[-1] if lines else "it said nothing"


@frozen
class Environments:
    """Virtual environments, made when first needed and kept while the pins are the same."""

    place: Path = ROOT / "build" / "peers"

    def programs(self, peer: Peer) -> Path:
        """The folder of what was installed for a peer."""
        return self.place / peer.name / "bin"

    def missing(self, peer: Peer) -> str:
        """Why a peer cannot be run, after trying to install it; empty: it can."""
        if shutil.which("redis-server") is None:
            return "redis-server is not installed"
        own, pins = self.place / peer.name, peer.pins.read_text()
        stamp = own / "pins.txt"
        if stamp.is_file() and stamp.read_text() == pins:
            return ""
        python = str(self.programs(peer) / "python")
        for step in (
            [sys.executable, "-m", "venv", "--clear", str(own)],
            [python, "-m", "pip", "install", "--quiet", "-r", str(peer.pins)],
        ):
            if why := _tried(step):
                return f"{peer.name} could not be installed: {why}"
        stamp.write_text(pins)
        return ""


def _tried(step: list[str]) -> str:
    """Why a command failed; empty: it did not."""
    try:
        done = subprocess.run(
            step, capture_output=True, text=True, timeout=INSTALLED_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    return last_line(done.stderr or done.stdout) if done.returncode else ""


@contextmanager
def redis(folder: Path) -> Iterator[Server]:
    """A Redis of the distribution that keeps nothing."""
    port = free_port()
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    words += ["--save", "", "--appendonly", "no"]
    with started(words, port, folder / f"redis-{port}.log") as server:
        yield server
