"""P4: Python workers and Python clients, beside those of others on Redis."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final, Literal

from attrs import frozen

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import LoadError
from tests.benchmarks.peers.catalogue import HOME, PEERS, Environments, Peer, last_line, redis
from tests.benchmarks.servers import ROOT

GOAL: Final = Goal(5, ratio=True)
MOST: Final = 200_000
"""Jobs enqueued in one run at most."""
FIRST_WITHIN: Final = 30.0
"""Seconds for a worker to start and do its first job."""
WARM: Final = 1 / 6
"""Of the seconds, before counting begins."""
_LOOK_EVERY: Final = 0.01
OURS: Final = Peer("jobyard", ("python", "-m", "{home}.with_jobyard"))

Sample = tuple[float, int]
"""An instant, and how many jobs had been worked off."""


@frozen
class Rates:
    """Jobs per second of one run."""

    enqueuing: float
    working: float


@frozen
class Side:
    """One library against one running server."""

    peer: Peer
    bin: Path
    """Where the programs of its environment are."""
    port: int
    tally: Path

    def run(self, seconds: float) -> Rates:
        """Enqueue for so long, then work that off for so long."""
        made, waiting = self.enqueue(seconds)
        with self.worker() as worker:
            samples = watch(self.tally, worker, waiting, seconds)
        return Rates(made, rate(samples, WARM * seconds))

    def enqueue(self, seconds: float) -> tuple[float, int]:
        """Jobs a second, and how many wait."""
        words = [str(self.bin / "python"), "-m", f"{HOME}.enqueue", self.peer.module]
        try:
            done = subprocess.run(
                [*words, str(seconds), str(MOST)], timeout=seconds + FIRST_WITHIN,
                cwd=ROOT, env=self._environment(), capture_output=True, text=True, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise LoadError("enqueuing did not end in time") from late
        if done.returncode:
            raise LoadError(f"enqueuing failed: {last_line(done.stderr)}")
        found = json.loads(done.stdout)
        return found["rate"], found["waiting"]

    @contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Its worker with all its processes, until the block ends."""
        program, *rest = (word.format(home=HOME, port=self.port) for word in self.peer.work)
        with self.tally.with_suffix(".log").open("wb") as said:
            process = subprocess.Popen(
                [str(self.bin / program), *rest], cwd=ROOT, env=self._environment(),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
        finally:
            # What is in hand matters to nobody, and some take long to finish it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _environment(self) -> dict[str, str]:
        own = {"BENCH_PORT": str(self.port), "BENCH_TALLY": str(self.tally)}
        return {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}", **own}


def watch(
    tally: Path, worker: "subprocess.Popen[bytes]", waiting: int, seconds: float
) -> list[Sample]:
    """How far the worker is, again and again; the first sample is the last without a job.

    Raises:
        LoadError: it did no job in time, or ended.
    """
    started = time.monotonic()
    samples: list[Sample] = [(started, 0)]
    while True:
        time.sleep(_LOOK_EVERY)
        now, count = time.monotonic(), tally.stat().st_size if tally.exists() else 0
        if worker.poll() is not None and count < waiting:
            raise LoadError(f"the worker ended with status {worker.returncode} after {count} jobs")
        if count == 0:
            if now - started > FIRST_WITHIN:
                raise LoadError(f"the worker did no job within {FIRST_WITHIN:.0f} s")
            samples = [(now, 0)]
            continue
        samples.append((now, count))
        if count >= waiting or now - samples[0][0] >= seconds:
            return samples


def rate(samples: list[Sample], warm: float) -> float:
    """Jobs per second after the warm part, or of all if they were done before it ended."""
    last_at, last = samples[-1]
    first_at, first = samples[0]
    counted = next(((at, n) for at, n in samples if at - first_at >= warm and n < last), None)
    if counted is not None:
        first_at, first = counted
    return (last - first) / (last_at - first_at)


def _ours(bench: Bench, seconds: float) -> Rates:
    with bench.jobyard(durable=True) as server:
        tally = bench.folder / f"tally-{server.port}"
        return Side(OURS, Path(sys.executable).parent, server.port, tally).run(seconds)


def _theirs(bench: Bench, peer: Peer, environments: Environments, seconds: float) -> Rates:
    with redis(bench.folder) as server:
        tally = bench.folder / f"tally-{server.port}"
        return Side(peer, environments.programs(peer), server.port, tally).run(seconds)


def python_rates(bench: Bench) -> Iterator[Figure]:
    """P4, a line for each peer, the fastest first."""
    seconds, environments = bench.load.seconds, Environments()
    missing = {peer: environments.missing(peer) for peer in PEERS}
    mine: list[Rates] = []
    theirs: dict[Peer, list[Rates]] = {peer: [] for peer in PEERS}
    for _ in range(bench.rounds):
        mine.append(_ours(bench, seconds))
        for peer, runs in theirs.items():
            if missing[peer]:
                continue
            try:
                runs.append(_theirs(bench, peer, environments, seconds))
            except LoadError as problem:
                missing[peer] = f"{peer.name} failed: {problem}"
    yield from lines("Python worker, no-op jobs, default store", "working", mine, theirs, missing)
    yield from lines(
        "Python client, enqueuing in bulk, default store", "enqueuing", mine, theirs, missing
    )


def lines(
    work: str,
    part: Literal["working", "enqueuing"],
    mine: list[Rates],
    theirs: dict[Peer, list[Rates]],
    missing: dict[Peer, str],
) -> list[Figure]:
    """One line for each peer, the fastest first, those that are missing last."""
    ours = tuple(getattr(each, part) for each in mine)
    found = []
    for peer, runs in theirs.items():
        rates = tuple(getattr(each, part) for each in runs)
        against = peer.name if rates else missing[peer]
        found.append(Figure("P4", work, "/s", ours, GOAL, rates, against))
    return sorted(found, key=lambda line: -median(line.peer or (0.0,)))
