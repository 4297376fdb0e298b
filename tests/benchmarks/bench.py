"""What every row needs: the servers, the load, and three runs taken in turns."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from attrs import field, frozen

from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import Load, Measurement, Work
from tests.benchmarks.servers import Beanstalkd, Jobyard, Server

Run = Callable[[], float]


@frozen
class Bench:
    """One session of measuring."""

    folder: Path
    load: Load
    rounds: int = 3
    jobs: int = 1_000_000
    """How many jobs wait in the rows about many jobs."""
    crowd: int = 10_000
    """How many connections stand in the rows about many connections."""
    _numbers: Iterator[int] = field(factory=count, init=False)

    @contextmanager
    def jobyard(self, *, durable: bool) -> Iterator[Server]:
        """Our server on a fresh store, which is gone afterwards."""
        name = f"store-{next(self._numbers)}" if durable else "memory"
        try:
            with Jobyard(self.folder).serve(name) as server:
                yield server
        finally:
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def ours(self, work: Work, *, durable: bool = False) -> Measurement:
        """One run against a fresh server of ours."""
        with self.jobyard(durable=durable) as server:
            return self.load.run(work, server.port)

    def peers(self, work: Work, *, synced: bool = False) -> Measurement:
        """One run against a fresh beanstalkd."""
        with Beanstalkd(self.folder).serve(synced=synced) as server:
            return self.load.run(work, server.port)

    def fill(self, server: Server, jobs: int) -> None:
        """Publish that many jobs, pipelined, as fast as they are taken."""
        work = Work("publish", connections=8, depth=200, warm=0, seconds=240, count=jobs)
        self.load.run(work, server.port)

    def in_turns(self, *sides: Run) -> list[tuple[float, ...]]:
        """Every side once a round, so that what slows the machine slows them all."""
        runs = [[side() for side in sides] for _ in range(self.rounds)]
        return [tuple(results) for results in zip(*runs, strict=True)]

    def beside_beanstalkd(self, row: str, work: str, goal: Goal, ours: Run, peer: Run) -> Figure:
        """A figure in answers per second beside the peer's, or alone where there is no peer."""
        if not Beanstalkd.installed():
            (mine,) = self.in_turns(ours)
            return Figure(row, work, "/s", mine, goal, (), "beanstalkd is not installed")
        mine, theirs = self.in_turns(ours, peer)
        return Figure(row, work, "/s", mine, goal, theirs, "beanstalkd")
