"""`GET /metrics` for Prometheus: everything is counted elsewhere and only read here."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

import trio
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from engine.access import Right
from engine.figures import Distribution, EngineStatistics
from engine.job import STATES, TERMINAL
from frontends.http.credentials import identify
from frontends.http.exchange import Headers, Request, Response
from frontends.http.problems import NO_STORE, problem
from frontends.http.series import Series
from frontends.http.site import Site
from frontends.observed import Observed

PATH: Final = "/metrics"
QUEUE: Final = ("group", "queue")
TYPE: Final = (*QUEUE, "type")
HEADERS: Final[Headers] = ((b"content-type", CONTENT_TYPE_LATEST.encode()), NO_STORE)
TURN: Final = 200
"""Queues looked at before others have their turn."""
_ENDS: Final = [state for state in STATES if state in TERMINAL]


class Metrics:
    """The dialect."""

    def __init__(self, site: Site, observed: Observed) -> None:
        """Answer for this server."""
        self._site = site
        self._observed = observed

    async def answer(self, request: Request) -> Response | None:
        """Everything, to this machine and to administrators; else the groups one may read."""
        if request.path != PATH:
            return None
        if request.method not in {"GET", "HEAD"}:
            return problem("wrong-method", "this path takes GET", (b"allow", b"GET, HEAD"))
        readable = await self._readable(request)
        if isinstance(readable, Response):
            return readable
        shown = Series()
        for number, queue in enumerate(self._observed.figures()):
            if readable is None or queue.group in readable:
                shown.add(queue)
            if number % TURN == 0:
                await trio.lowlevel.checkpoint()
        pieces = []
        for family in self._families(shown):
            pieces.append(generate_latest(_Only(family)))
            await trio.lowlevel.checkpoint()  # thousands of series: others have their turn
        return Response(200, b"".join(pieces), HEADERS)

    async def _readable(self, request: Request) -> set[str] | Response | None:
        """The groups whose figures may be read; None: all."""
        if request.local:
            return None
        principal = await identify(self._site, request)
        if isinstance(principal, Response):
            return principal
        if principal.admin:
            return None
        readable = {name for name, may in principal.groups.items() if may & Right.READ}
        return readable or problem("forbidden", "it takes the right to read")

    def _families(self, shown: Series) -> Iterator[Metric]:
        yield from _queues(shown)
        yield from _engine(self._observed.statistics())
        seen = self._observed
        connections = GaugeMetricFamily(
            "jobyard_connections", "Open connections.", labels=("frontend",)
        )
        for name, counted in seen.connections.items():
            connections.add_metric((name,), counted())
        yield connections
        commands = CounterMetricFamily(
            "jobyard_commands", "Answered commands.", labels=("frontend", "code")
        )
        for frontend, answered in seen.answered.items():
            for code, count in answered.items():
                commands.add_metric((frontend, code), count)
        yield commands
        yield _histogram(
            "jobyard_loop_lag_seconds",
            "How late the loop woke who slept.",
            seen.lag.histogram.seen(),
        )
        yield InfoMetricFamily("jobyard_build", "The program.", {"version": self._site.version})


class _Only(Collector):
    """One family by itself."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterable[Metric]:
        """Just that."""
        return (self._family,)


def _queues(shown: Series) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("jobyard_jobs", "Jobs there are.", labels=(*TYPE, "state"))
    for row, counts in shown.jobs.items():
        for state in STATES:
            jobs.add_metric((*row, state.name.lower()), counts[state])
    yield jobs
    finished = CounterMetricFamily(
        "jobyard_jobs_finished", "Jobs that ended.", labels=(*TYPE, "outcome")
    )
    for row, counts in shown.finished.items():
        for state in _ENDS:
            finished.add_metric((*row, state.name.lower()), counts[state])
    yield finished
    published = CounterMetricFamily("jobyard_jobs_published", "Jobs that came in.", labels=QUEUE)
    oldest = GaugeMetricFamily(
        "jobyard_oldest_waiting_seconds", "How long a job has been ready at most.", labels=QUEUE
    )
    workers = GaugeMetricFamily("jobyard_workers", "Subscribed connections.", labels=QUEUE)
    for key, count in shown.published.items():
        published.add_metric(key, count)
        oldest.add_metric(key, shown.oldest[key])
        workers.add_metric(key, shown.workers[key])
    yield from (published, oldest, workers)
    for name, about, found in (
        ("jobyard_job_waiting_seconds", "From being ready to being reserved.", shown.waiting),
        ("jobyard_job_running_seconds", "From being reserved to the end of it.", shown.running),
    ):
        family = HistogramMetricFamily(name, about, labels=QUEUE)
        for key, distribution in found.items():
            family.add_metric(key, _buckets(distribution), distribution.total)
        yield family


def _engine(seen: EngineStatistics) -> Iterator[Metric]:
    yield _histogram("jobyard_commit_seconds", "How long commits took.", seen.commit_seconds)
    yield _histogram("jobyard_commit_steps", "Steps that one commit took.", seen.batch_steps)
    yield CounterMetricFamily("jobyard_commits", "Commits.", seen.commits)
    for name, about, value in (
        ("jobyard_queues", "Queues of all groups.", seen.queues),
        ("jobyard_commit_stalled_seconds", "How long a change has waited.", seen.stalled),
        ("jobyard_store_bytes", "Bytes on disk.", seen.store_size),
        ("jobyard_store_refusing", "1 while nothing can be published.", seen.refusing),
        ("jobyard_event_listeners", "Event streams that are open.", seen.listeners),
        ("jobyard_uptime_seconds", "Since the start.", seen.uptime),
    ):
        yield GaugeMetricFamily(name, about, float(value))
    if seen.store_free >= 0:
        yield GaugeMetricFamily(
            "jobyard_store_free_bytes", "Bytes left on the file system.", seen.store_free
        )


def _histogram(name: str, about: str, seen: Distribution) -> HistogramMetricFamily:
    return HistogramMetricFamily(name, about, buckets=_buckets(seen), sum_value=seen.total)


def _buckets(seen: Distribution) -> list[tuple[str, float]]:
    bounds = [*map(str, seen.bounds), "+Inf"]
    return list(zip(bounds, map(float, accumulate(seen.counts)), strict=True))
