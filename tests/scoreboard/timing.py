"""The row about time: how late a delayed job is handed out by a server that has nothing to do."""

import time
from collections.abc import Iterator

from jobyard.blocking import BlockingClient
from tests.acceptance.served import GROUP, PASSWORD, USER, Server
from tests.benchmarks.figures import Goal
from tests.scoreboard.lines import Entry, Line, failures
from tests.scoreboard.trial import Trial

JOBS = 120
APART = 0.1
"""Seconds between one job's time and the next one's."""
FIRST = 1.0
LATEST_MS = 50.0
EARLY = -0.001
"""Instants are told to the millisecond."""


def lateness(url: str, jobs: int) -> list[float]:
    """Seconds from a job's time to its arrival at a worker that waits, sorted."""
    late = []
    with BlockingClient(url) as client:
        for number in range(jobs):
            client.publish("later", "t", b"", delay=FIRST + number * APART)
        for _ in range(jobs):
            (job,) = client.reserve("later", wait=10)
            late.append(time.time() - job.ready_at)
            client.done(job)
    return sorted(late)


def timers(trial: Trial) -> Iterator[Entry]:
    """Delays on the real server, one worker, nothing else."""
    server = Server(trial.folder).start()
    try:
        url = f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"
        late = lateness(url, trial.count(JOBS, 20))
    finally:
        server.close()
    early = sum(one < EARLY for one in late)
    yield failures(trial.row, "handed out early", early, len(late), "delayed jobs")
    yield Line(
        row=trial.row, what="late at the 99th percentile", unit="ms",
        value=round(1000 * late[(len(late) - 1) * 99 // 100], 2),
        trials=len(late), of="delayed jobs", goal=Goal(LATEST_MS, at_least=False),
        by="one worker that waits, an idle server",
    )  # fmt: skip
