"""P1, P2, P3, P8 and P11: how many a second, and how long one takes."""

from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks.bench import Bench, Run
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.load import LoadError, Measurement, Work

CYCLE = Work("cycle", publishers=64)
PUBLISH = Work("publish", connections=1)
PUSH = Work("cycle", connections=1, publishers=1, window=1)


def rate(measure: Callable[[], Measurement]) -> Run:
    """A run of which the answers per second count."""
    return lambda: measure().rate


def half(measure: Callable[[], Measurement]) -> Run:
    """A run of which the median time of one request counts, in milliseconds."""

    def run() -> float:
        taken = measure().p50_ms
        if taken is None:
            raise LoadError("no request was timed")
        return taken

    return run


def publish_in_memory(bench: Bench) -> Iterator[Figure]:
    """P1."""
    for depth, bound in ((1, 0.40), (16, 0.60)):
        ours, peers = Work("publish", depth=depth), Work("put", depth=depth)
        yield bench.beside_beanstalkd(
            "P1",
            f"PUBLISH, memory, 64 connections, {depth} unanswered",
            Goal(bound, ratio=True),
            rate(partial(bench.ours, ours)),
            rate(partial(bench.peers, peers)),
        )


def publish_on_disk(bench: Bench) -> Iterator[Figure]:
    """P2."""
    for connections, bound in ((64, 4), (256, 8)):
        ours, peers = (Work(mode, connections=connections) for mode in ("publish", "put"))
        yield bench.beside_beanstalkd(
            "P2",
            f"PUBLISH, default store, {connections} connections; peer -f0",
            Goal(bound, ratio=True),
            rate(partial(bench.ours, ours, durable=True)),
            rate(partial(bench.peers, peers, synced=True)),
        )


def cycles(bench: Bench) -> Iterator[Figure]:
    """P3."""
    for durable, bound in ((False, 0.45), (True, 5)):
        place = "default store, 64 workers; peer -f0" if durable else "memory, 64 workers"
        yield bench.beside_beanstalkd(
            "P3",
            f"publish, push, done, {place}",
            Goal(bound, ratio=True),
            rate(partial(bench.ours, CYCLE, durable=durable)),
            rate(partial(bench.peers, Work("beanstalkd-cycle"), synced=durable)),
        )


def alone(bench: Bench) -> Iterator[Figure]:
    """P8."""
    for words, work, durable, bound in (
        ("PUBLISH, memory", PUBLISH, False, 0.15),
        ("PUBLISH, default store", PUBLISH, True, 0.6),
        ("PUBLISH to push seen, memory", PUSH, False, 1),
        ("PUBLISH to push seen, default store", PUSH, True, 1),
    ):
        (runs,) = bench.in_turns(half(partial(bench.ours, work, durable=durable)))
        goal = Goal(bound, at_least=False, unit="ms")
        yield Figure("P8", f"one connection: {words}, p50", "ms", runs, goal)


def many_queues(bench: Bench) -> Iterator[Figure]:
    """P11."""
    spread, single = bench.in_turns(
        rate(partial(bench.ours, Work("publish", queues=64))),
        rate(partial(bench.ours, Work("publish"))),
    )
    goal = Goal(0.6, ratio=True)
    yield Figure("P11", "PUBLISH over 64 queues, memory", "/s", spread, goal, single, "one queue")
