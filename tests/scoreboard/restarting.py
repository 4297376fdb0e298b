"""The row about a store with a million jobs: how soon it works again, and whether it counts."""

import time
from collections import Counter
from collections.abc import Iterator

from jobyard.blocking import BlockingClient
from jobyard.job import State
from tests.benchmarks import crowds
from tests.benchmarks.figures import Goal
from tests.benchmarks.servers import Jobyard
from tests.scoreboard.lines import Entry, Line, failures
from tests.scoreboard.trial import Trial

JOBS = 1_000_000
PAGE = 1_000
QUEUE = "bench000"
STORE = "store-restart"


def miscounted(port: int) -> tuple[int, int]:
    """States and types whose counter differs from a recount, and how many jobs were counted."""
    with BlockingClient(f"jobyard://bench:bench@127.0.0.1:{port}/bench") as client:
        states, types = Counter[State](), Counter[tuple[str, State]]()
        after: int | None = 0
        while after is not None:
            page = client.list(QUEUE, after=after, limit=PAGE)
            states.update(job.state for job in page.jobs)
            types.update((job.type, job.state) for job in page.jobs)
            after = page.next
        counts = client.counts(QUEUE)
    wrong = sum(states[state] != number for state, number in counts.states.items())
    for kind in {*counts.types, *(one for one, _ in types)}:
        of = counts.types.get(kind, {})
        wrong += any(types[kind, state] != of.get(state, 0) for state in counts.states)
    return wrong, states.total()


def restart(trial: Trial) -> Iterator[Entry]:
    """P6 of the benchmarks on one store, which is then served once more and counted."""
    jobs = trial.count(JOBS, 2_000)
    bench = trial.bench(jobs=jobs)
    first, *_ = crowds.restart(bench)
    yield Line(
        row=trial.row, what="exec to the first job handed out", value=first.ours[0], unit="s",
        trials=jobs, of="jobs in the store", goal=Goal(5, at_least=False),
    )  # fmt: skip
    with Jobyard(bench.folder).serve(STORE) as server:
        began = time.monotonic()
        wrong, counted = miscounted(server.port)
        by = f"recounted in {time.monotonic() - began:.0f} s"
    yield failures(trial.row, "jobs gone", max(0, jobs - counted), jobs, "jobs in the store", by)
    yield failures(trial.row, "counters unlike a recount", wrong, counted, "jobs in the store", by)
