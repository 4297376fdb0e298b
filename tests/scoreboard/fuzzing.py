"""Rows about bytes that are nearly right: one for each codec, and whole connections of HTTP."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import trio

from tests.frontends.dialects.fuzzed import CODECS, seeds
from tests.frontends.http.test_fuzzed_connections import (
    AT_ONCE,
    test_fuzzed_connections_end_and_leave_nothing,
)
from tests.scoreboard.lines import Entry, failures
from tests.scoreboard.trial import Trial, broken
from tests.support.fuzzing import mutations

EXECUTIONS = 1_000_000
CONNECTIONS = 1_000
SEED = 2


def fuzz(name: str, trial: Trial) -> Iterator[Entry]:
    """So many inputs; each exception is a crash."""
    codec = CODECS[name]
    executions = trial.count(EXECUTIONS, 2_000)
    crashes = Counter[str]()
    made = 0
    for wire in mutations(seeds(name), SEED, executions):
        try:
            made += codec.read(wire)
        except Exception as error:  # noqa: BLE001 -- that is what a crash is
            crashes[f"{type(error).__name__} by {wire!r}"] += 1
    assert made, "no input was read: the codec was not met"
    first = next(iter(crashes), "")
    yield failures(trial.row, "crashes", crashes.total(), executions, "executions", first)


def connections(trial: Trial) -> Iterator[Entry]:
    """Broken requests on sockets: nobody dies of them and nothing is left behind."""
    wanted = trial.count(CONNECTIONS, 4 * AT_ONCE)
    run = partial(trio.run, test_fuzzed_connections_end_and_leave_nothing, wanted)
    complaint = broken(run)
    count = int(bool(complaint))
    yield failures(trial.row, "deaths and leaks", count, wanted, "connections", complaint)


ROWS: dict[str, Callable[[Trial], Iterator[Entry]]] = {
    **{f"fuzz-{name}": partial(fuzz, name) for name in CODECS},
    "fuzz-http": connections,
}
