"""P5, P6 and P9: a million jobs, ten thousand workers, ten thousand connections."""

import socket
import subprocess
import time
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import Measurement, Work
from tests.benchmarks.rates import CYCLE
from tests.benchmarks.servers import Jobyard, NotStartedError, Server, free_port, launch, stop

PAYLOAD = 100
IDLE_SECONDS = 5.0
PINGS = Work("ping", connections=1, gap=1000, seconds=300, warm=0)
SOME = Work("publish", count=100_000, warm=0)


def micros(measured: Measurement) -> float:
    """What one took, in microseconds of a saturated server."""
    return 1e6 / measured.rate


def _costs(bench: Bench, waiting: int) -> tuple[float, float, float, float]:
    """Publish and cycle in µs, bytes a waiting job, PING p99 in ms, with that many waiting."""
    with bench.jobyard(durable=False) as server:
        empty = server.memory()
        pings = bench.load.start(PINGS, server.port)
        bench.fill(server, waiting)
        ping = pings.result(within=30, stop=True)
        each = (server.memory() - empty) / waiting - PAYLOAD
        cycle = bench.load.run(CYCLE, server.port)
        publish = bench.load.run(SOME, server.port)
        return micros(publish), micros(cycle), each, ping.p99_ms or 0.0


def many_jobs(bench: Bench) -> Iterator[Figure]:
    """P5, and the memory of P6 with the memory store."""
    many, few = [], []
    for _ in range(bench.rounds):
        many.append(_costs(bench, bench.jobs))
        few.append(_costs(bench, 1000))
    at_many, at_few = list(zip(*many, strict=True)), list(zip(*few, strict=True))
    goal = Goal(1.3, at_least=False, ratio=True)
    jobs = f"{bench.jobs:,} waiting"
    yield Figure("P5", f"PUBLISH, {jobs}", "µs", at_many[0], goal, at_few[0], "from 1,000:")
    yield Figure("P5", f"publish, push, done, {jobs}", "µs", at_many[1], goal, at_few[1], "1,000:")
    yield _crowd_of_workers(bench, goal)
    ping = Goal(30, at_least=False, unit="ms")
    yield Figure("P5", f"PING p99 while {bench.jobs:,} are published", "ms", at_many[3], ping)
    memory = Goal(700, at_least=False, unit="bytes")
    yield Figure("P6", f"memory of a job, {jobs}, memory store", "bytes", at_many[2], memory)


def _crowd_of_workers(bench: Bench, goal: Goal) -> Figure:
    crowd = bench.crowd - 10
    crowded = Work("cycle", connections=crowd, publishers=10, window=10)
    alone = Work("cycle", connections=10, publishers=10, window=10)
    many, few = bench.in_turns(
        lambda: micros(bench.ours(crowded)), lambda: micros(bench.ours(alone))
    )
    work = f"publish, push, done, {crowd:,} workers"
    return Figure("P5", work, "µs", many, goal, few, "10 workers:")


def first_job(port: int, process: "subprocess.Popen[bytes]", *, within: float) -> None:
    """Subscribe as soon as somebody listens, and wait for the push."""
    end = time.monotonic() + within
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=within) as line:
                line.sendall(b"AUTH bench bench\nUSE_GROUP bench\nSUBSCRIBE bench000\n")
                with line.makefile("rb") as heard:
                    for answer in heard:
                        if answer.startswith(b"{"):
                            return
        except OSError:
            time.sleep(0.005)
    raise NotStartedError("no job was pushed in time")


def restart(bench: Bench) -> Iterator[Figure]:
    """P6: from exec to the first pushed job on a store with a million jobs."""
    ours, name = Jobyard(bench.folder), "store-restart"
    with ours.serve(name) as server:
        empty = server.memory()
        bench.fill(server, bench.jobs)
    took, each = [], []
    for _ in range(bench.rounds):
        port = free_port()
        began = time.monotonic()
        process = launch(ours.command(name, port), ours.log(port))
        try:
            first_job(port, process, within=120)
            took.append(time.monotonic() - began)
            each.append((Server(port, process).memory() - empty) / bench.jobs - PAYLOAD)
        finally:
            stop(process)
    jobs = f"{bench.jobs:,} jobs in the default store"
    start, memory = Goal(5, at_least=False, unit="s"), Goal(700, at_least=False, unit="bytes")
    yield Figure("P6", f"exec to the first pushed job, {jobs}", "s", tuple(took), start)
    yield Figure("P6", f"memory of a job, {jobs}", "bytes", tuple(each), memory)


def idle(bench: Bench) -> Iterator[Figure]:
    """P9."""
    sizes, busy = [], []
    for _ in range(bench.rounds):
        with bench.jobyard(durable=False) as server:
            before = server.memory()
            with bench.load.hold(server.port, bench.crowd):
                time.sleep(IDLE_SECONDS / 5)
                sizes.append((server.memory() - before) / bench.crowd / 1024)
                used = server.cpu()
                time.sleep(IDLE_SECONDS)
                busy.append((server.cpu() - used) / IDLE_SECONDS * 100)
    work = f"{bench.crowd:,} idle connections"
    memory, cpu = Goal(10, at_least=False, unit="KiB"), Goal(1, at_least=False, unit="%")
    yield Figure("P9", f"{work}: memory of one", "KiB", tuple(sizes), memory)
    yield Figure("P9", f"{work}: processor", "% of a core", tuple(busy), cpu)
