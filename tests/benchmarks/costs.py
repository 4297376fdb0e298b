"""`python -m tests.benchmarks.costs [PATH ...]`: what one operation costs, part by part.

The server runs under samples (`sampling`) and C load; its processor time for each answer, from
/proc, is shared out over the parts (`parts`) as the samples fell. With `--into PAGE` the tables
replace what stands there between the marks of `costs`.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trio
from attrs import evolve, frozen

from tests.benchmarks.in_process import Work as Commands
from tests.benchmarks.in_process import bursts, calls, cycles_per_second
from tests.benchmarks.load import Load, Work, compile_load
from tests.benchmarks.memory import memory
from tests.benchmarks.parts import PARTS, by_function, by_part
from tests.benchmarks.python_rates import OURS, Side
from tests.benchmarks.rates import CYCLE, PUBLISH
from tests.benchmarks.sampling import Samples, read, sampled
from tests.benchmarks.servers import Jobyard, Server, free_port, started
from tests.support.tables import Form, in_columns, in_markdown, put_into, where_and_when

DEAREST: Final = 8
"""Functions shown of each path."""
WIDE: Final = Work("publish", connections=256)
SPREAD: Final = Work("publish", queues=64)


@frozen
class Cost:
    """What one operation of a path took, in microseconds of processor time."""

    path: str
    work: str
    user: float
    kernel: float
    """Of the server's own process."""
    writer: float
    """Of the process that writes to disk, both together; 0 without one."""
    parts: dict[str, float]
    dearest: list[tuple[str, float]]
    samples: int
    rate: float
    """Operations a second of the clock, under samples and whatever else the machine does."""
    worker: float = 0.0
    """Of the Python worker's process; 0 without one."""


@frozen
class Wire:
    """A path through a server."""

    words: str
    work: Work
    durable: bool = False

    def cost(self, path: str, load: Load, folder: Path) -> Cost:
        """Start a server under samples, warm it, load it, stop it, and add up."""
        found = folder / f"samples-{path}"
        with _sampled_server(
            folder, f"store-{path}" if self.durable else "memory", found
        ) as server:
            load.run(evolve(self.work, seconds=load.seconds / 4), server.port)
            os.kill(server.process.pid, signal.SIGUSR1)
            before = _spent(server)
            made = load.run(self.work, server.port)
            spent = [after - first for after, first in zip(_spent(server), before, strict=True)]
        return _cost(path, self.words, spent, made.done, read(found), made.rate)


@frozen
class Worked:
    """A path through a server with the default store, and the Python worker."""

    words: str

    def cost(self, path: str, load: Load, folder: Path) -> Cost:
        """Enqueue more than can be done, let the worker do some, and add up what comes next."""
        found = folder / f"samples-{path}"
        with _sampled_server(folder, f"store-{path}", found) as server:
            side = Side(OURS, Path(sys.executable).parent, server.port, folder / f"tally-{path}")
            side.enqueue(load.seconds)
            with side.worker() as worker:
                time.sleep(load.seconds / 4)
                os.kill(server.process.pid, signal.SIGUSR1)
                before = *_spent(server), sum(_of(worker.pid)), side.tally.stat().st_size
                began = time.monotonic()
                time.sleep(load.seconds / 2)
                after = *_spent(server), sum(_of(worker.pid)), side.tally.stat().st_size
                rate = (after[-1] - before[-1]) / (time.monotonic() - began)
        *spent, done = (last - first for last, first in zip(after, before, strict=True))
        return _cost(path, self.words, spent, int(done), read(found), rate)


@frozen
class Inside:
    """A path through an engine in this process."""

    words: str
    work: Commands

    def cost(self, path: str, load: Load, _folder: Path) -> Cost:
        """Run it here under samples."""
        trio.run(cycles_per_second, self.work, load.seconds / 5)
        before = os.times()
        began = time.perf_counter()
        with sampled() as samples:
            rate = trio.run(cycles_per_second, self.work, load.seconds)
        after = os.times()
        share = load.seconds / (time.perf_counter() - began)  # the rest warmed up
        done = rate * load.seconds / share
        spent = after[0] - before[0], after[1] - before[1], 0.0
        return _cost(path, self.words, spent, int(done), samples, rate)


PATHS: Final[dict[str, Wire | Worked | Inside]] = {
    "P1": Wire("PUBLISH, memory, 64 connections", Work("publish")),
    "P2": Wire("PUBLISH, default store, 256 connections", WIDE, durable=True),
    "P3m": Wire("publish, push, done, memory, 64 workers", CYCLE),
    "P3d": Wire("publish, push, done, default store, 64 workers", CYCLE, durable=True),
    "P4": Worked("Python worker, no-op jobs, default store"),
    "P8": Wire("PUBLISH, memory, one connection", PUBLISH),
    "P11": Wire("PUBLISH, memory, 64 queues", SPREAD),
    "P10b": Inside("publish, reserve, done in process, bursts", bursts),
    "P10c": Inside("publish, reserve, done in process, 64 tasks that await", calls),
}


@contextmanager
def _sampled_server(folder: Path, store: str, found: Path) -> Iterator[Server]:
    """Our server; its samples are in `found` once it has ended."""
    port, ours = free_port(), Jobyard(folder)
    served = ours.command(store, port)
    words = [served[0], "-m", "tests.benchmarks.sampling", str(found), *served[3:]]
    with started(words, port, ours.log(port)) as server:
        yield server


def _cost(
    path: str, words: str, spent: Sequence[float], done: int, samples: Samples, rate: float
) -> Cost:
    """Seconds that `done` operations took in the server, its kernel, its writer and a worker."""
    user, kernel, writer, *worker = (1e6 * seconds / done for seconds in spent)
    whole = user + kernel
    return Cost(
        path, words, user, kernel, writer,
        {part: share * whole for part, share in by_part(samples).items()},
        [(name, share * whole) for name, share in by_function(samples, DEAREST)],
        samples.total(), rate, sum(worker),
    )  # fmt: skip


def _spent(server: Server) -> tuple[float, float, float]:
    """Seconds so far: the server's in user code and in the kernel, and its children's."""
    first, *others = (_of(pid) for pid in server.family())
    return (*first, sum(map(sum, others)))


def _of(pid: int) -> tuple[float, float]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / tick, int(fields[12]) / tick


def tables(costs: Sequence[Cost], form: Form) -> str:
    """The parts of all paths side by side, and the dearest functions of each."""
    head = ("µs of processor time", *(cost.path for cost in costs))
    rows = [(part, *(_us(cost.parts[part]) for cost in costs)) for part in PARTS]
    sums: list[tuple[str, Callable[[Cost], str]]] = [
        ("**server, whole**", lambda cost: f"**{cost.user + cost.kernel:.1f}**"),
        ("of it in the kernel, as the kernel counts", lambda cost: _us(cost.kernel)),
        ("writer's process: SQLite, cipher, fsync", lambda cost: _us(cost.writer)),
        ("Python worker's process", lambda cost: _us(cost.worker)),
        ("samples", lambda cost: f"{cost.samples:,}"),
        ("a second of the clock meanwhile", lambda cost: f"{cost.rate:,.0f}"),
    ]
    rows += [(name, *map(show, costs)) for name, show in sums]
    legend = [f"{cost.path}: {cost.work}" for cost in costs]
    pieces = [form([head, *rows], legend)]
    for cost in costs:
        dearest = [(name.replace("<", "&lt;"), _us(taken)) for name, taken in cost.dearest]
        table = form([(f"{cost.path}: dearest functions", "µs"), *dearest], [])
        pieces.append(table.rstrip())
    return "\n\n".join(pieces)


def _us(taken: float) -> str:
    return f"{taken:.2f}" if taken >= 0.005 else "-"


def main(words: list[str]) -> int:
    """Measure, then print or put into a page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.costs", description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="PATH", help=f"of {' '.join(PATHS)}; all")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each path")
    parser.add_argument("--jobs", type=int, default=50_000, help="to weigh; 0: none")
    parser.add_argument("--into", type=Path, help="a page with marks")
    wanted = parser.parse_args(words)
    if unknown := sorted(set(wanted.paths) - set(PATHS)):
        parser.error(f"no such path: {' '.join(unknown)}")
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="jobyard-costs-") as place:
        folder = Path(place)
        load = Load(compile_load(folder), wanted.seconds)
        costs = [PATHS[name].cost(name, load, folder) for name in wanted.paths or PATHS]
    form = in_markdown if wanted.into else in_columns
    busy = f"load average {os.getloadavg()[1]:.1f}, ours included"
    text = f"{where_and_when(began)}; {busy}\n\n{tables(costs, form)}"
    if wanted.jobs:
        text += f"\n\n{memory(wanted.jobs, form)}"
    if wanted.into:
        put_into(wanted.into, "costs", text)
    else:
        sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    if shutil.which("cc") is None:
        sys.exit("not run: the load generator needs a C compiler named cc")
    sys.exit(main(sys.argv[1:]))
