"""Rows about the real server as a process: killed, faulty, told to stop, asked by strangers."""

import random
from collections import Counter
from collections.abc import Iterator

import trio

from jobyard.soak.history import judge
from tests.kill.forks import ForkingServer
from tests.kill.server import Server
from tests.kill.test_kill import remaining, run
from tests.planted.test_planted_server_faults import CASES
from tests.planted.test_planted_server_faults import KILLS as KILLS_A_FAULT
from tests.scoreboard.lines import Entry, failures, found
from tests.scoreboard.trial import Trial, run_tests

KILLS = 500
EVENTS = 80
"""At most between two kills, so that there is time for many."""
IN_A_RUN = 20
LOST = ("lost", "undone")
TWICE = ("double-held", "redelivered")
MATRICES = {
    "HTTP": ("tests/frontends/http/native/test_native_rights.py",),
    "JobEngine": ("tests/frontends/http/jobengine/test_who_may.py",),
    "RPC": ("tests/frontends/rpc/test_rpc_rights.py", "tests/frontends/rpc/test_go_rights.py"),
    "words": ("tests/frontends/test_session_native_rights.py", "tests/acceptance/test_rights.py"),
}
STOPPING = ("tests/acceptance/test_stopping.py", "tests/acceptance/test_http_stopping.py")


def _killed(trial: Trial, kills: int, seed: int, *program: str) -> tuple[int, Counter[str]]:
    """Kill under load; how many jobs were published, and what the history breaks, by kind."""
    folder = trial.folder / "-".join([*program, str(seed)])
    folder.mkdir()
    server = Server(folder, program=program) if program else ForkingServer(folder)

    async def judged() -> tuple[int, Counter[str]]:
        load = await run(server, kills, seed, EVENTS)
        broken = judge(load.events, await remaining(server.port))
        return load.published, Counter(one.kind for one in broken)

    try:
        return trio.run(judged)
    finally:
        server.close()


def kills(trial: Trial) -> Iterator[Entry]:
    """kill -9 under load, and what the clients saw."""
    kinds, published, killed = Counter[str](), 0, 0
    wanted = trial.count(KILLS, 2)
    for seed in range(1, 2 + (wanted - 1) // IN_A_RUN):
        these = min(IN_A_RUN, wanted - killed)
        jobs, broken = _killed(trial, these, seed)
        kinds, published, killed = kinds + broken, published + jobs, killed + these
    by = f"history checker, {published:,} jobs"
    lost, twice = (sum(kinds[kind] for kind in some) for some in (LOST, TWICE))
    yield failures(trial.row, "lost", lost, killed, "kill -9", by)
    yield failures(trial.row, "held or done twice", twice, killed, "kill -9", by)
    rest = kinds.total() - lost - twice
    yield failures(trial.row, "other promises broken", rest, killed, "kill -9", by)


def server_faults(trial: Trial) -> Iterator[Entry]:
    """Faults planted in the server, and whether the kill loop sees them by their own names."""
    chosen = random.Random(0).sample(CASES, trial.count(len(CASES), 1))
    missed = []
    for fault, kinds in chosen:
        _, broken = _killed(trial, KILLS_A_FAULT, 1, "tests.planted.faulty_server", fault)
        missed += [fault] * (not kinds & broken.keys())
    by = "kill loop, history checker" + f"; missed: {', '.join(missed)}" * bool(missed)
    count = len(chosen) - len(missed)
    yield found(trial.row, "server faults found", count, len(chosen), "planted", by)


def rights(trial: Trial) -> Iterator[Entry]:
    """Every path, word and method for every principal, as the tables have them."""
    for door, places in MATRICES.items():
        if trial.quick and door != "JobEngine":
            continue
        tally = run_tests(trial, *places)
        yield failures(trial.row, f"{door}: wrong", tally.failed, tally.ran, "cells", tally.first)


def stopping(trial: Trial) -> Iterator[Entry]:
    """SIGTERM while clients hold on, over lines and over HTTP."""
    tally = run_tests(trial, *STOPPING[: trial.count(2, 1)])
    what = "promises of stopping broken"
    yield failures(trial.row, what, tally.failed, tally.ran, "tests", tally.first)
