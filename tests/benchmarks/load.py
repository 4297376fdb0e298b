"""The load generator: compile it, run it, read what it says."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import asdict, field, frozen

SOURCE = Path(__file__).with_name("load.c")
LOGIN = "AUTH bench bench;USE_GROUP bench"


class LoadError(Exception):
    """The generator heard what it did not expect, or nothing; its words say which."""


@frozen
class Measurement:
    """One run: answers per second, and what single requests took, in milliseconds."""

    done: int
    seconds: float
    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None


def compile_load(folder: Path) -> Path:
    """Build the generator with the C compiler of the machine."""
    program = folder / "load"
    subprocess.run(["cc", "-O2", "-std=gnu11", "-o", str(program), str(SOURCE)], check=True)
    return program


@frozen
class Running:
    """A generator in the background."""

    process: "subprocess.Popen[str]"

    def result(self, *, within: float, stop: bool = False) -> Measurement:
        """Wait for its figures, after asking it to stop if so wanted."""
        if stop:
            self.process.send_signal(signal.SIGTERM)
        try:
            spoken, complaint = self.process.communicate(timeout=within)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            self.process.communicate()
            raise LoadError("the load did not end in time") from late
        if self.process.returncode:
            raise LoadError(complaint.strip() or f"status {self.process.returncode}")
        return Measurement(**json.loads(spoken))


@frozen
class Work:
    """What to ask of a server; the words are those of load.c."""

    mode: str
    connections: int = 64
    depth: int = 1
    publishers: int = 0
    window: int = 64
    queues: int = 1
    gap: int = 0
    """Microseconds between an answer and the next request, on one connection."""
    count: int = 100_000_000
    seconds: float = 0.0
    """How long at most; 0 is as long as the session says."""
    warm: float | None = None
    """Seconds before what counts begins; None is a sixth of what the session measures."""


@frozen
class Load:
    """The generator against one port."""

    program: Path
    seconds: float = 3.0
    login: str = field(default=LOGIN, kw_only=True)

    def start(self, work: Work, port: int) -> Running:
        """Begin a run."""
        options = asdict(work, filter=lambda setting, _: setting.name != "mode")
        options["seconds"] = work.seconds or self.seconds
        options["warm"] = self.seconds / 6 if work.warm is None else work.warm
        words = [str(self.program), work.mode, f"--port={port}", f"--login={self.login}"]
        words += [f"--{name}={value}" for name, value in options.items()]
        pipe = subprocess.PIPE
        with _held_back(signal.SIGTERM):
            process = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        return Running(process)

    def run(self, work: Work, port: int) -> Measurement:
        """One run from start to end; setting up may take a minute beside the seconds wanted."""
        return self.start(work, port).result(within=(work.seconds or self.seconds) + 90)

    @contextmanager
    def hold(self, port: int, connections: int) -> Iterator[None]:
        """Keep idle connections open; fail if the server closed or addressed one of them."""
        process = self.start(Work("hold", connections=connections), port).process
        try:
            assert process.stdout is not None
            if json.loads(process.stdout.readline() or "{}") != {"held": connections}:
                raise LoadError(process.communicate(timeout=90)[1].strip())
            yield
            _, complaint = process.communicate(timeout=90)
            if process.returncode:
                raise LoadError(complaint.strip())
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """What is started in the block has this signal wait until it lets it through."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
