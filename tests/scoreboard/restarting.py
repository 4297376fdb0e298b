"""The row about a store with a million jobs: how soon it works again, and whether it counts."""

from collections.abc import Iterator
from pathlib import Path

import trio

from config.places import DATABASE
from engine import open_store, run_engine
from tests.benchmarks import crowds
from tests.benchmarks.figures import Goal
from tests.scoreboard.lines import Entry, Line, failures
from tests.scoreboard.trial import Trial

JOBS = 1_000_000
STORE = "store-restart"


async def miscounted(store: Path) -> tuple[int, int]:
    """Queues whose counters differ from a recount, and how many jobs there are."""
    wrong = jobs = 0
    async with open_store(store, writer="thread") as opened, run_engine(opened) as engine:
        for actor in engine.actors():
            state = actor.state
            wrong += state.recount() != (state.counts, state.types)
            jobs += len(state.jobs)
    return wrong, jobs


def restart(trial: Trial) -> Iterator[Entry]:
    """P6 of the benchmarks, and a recount of the store that it leaves."""
    jobs = trial.count(JOBS, 2_000)
    bench = trial.bench(jobs=jobs)
    first, *_ = crowds.restart(bench)
    yield Line(
        row=trial.row, what="exec to the first job handed out", value=first.ours[0], unit="s",
        trials=jobs, of="jobs in the store", goal=Goal(5, at_least=False),
    )  # fmt: skip
    wrong, counted = trio.run(miscounted, bench.folder / STORE / DATABASE)
    gone = max(0, jobs - counted)
    yield failures(trial.row, "jobs gone", gone, jobs, "jobs in the store")
    yield failures(trial.row, "counters unlike a recount", wrong, counted, "jobs in the store")
