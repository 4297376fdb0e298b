"""P12 from start to end, for a moment."""

from pathlib import Path

import pytest

from tests.benchmarks import rpc_rates
from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load, LoadError


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Load(tmp_path / "load", 0.1), rounds=1)


def test_both_figures_are_measured(bench: Bench) -> None:
    publishes, reads = rpc_rates.rpc(bench)
    assert min(*publishes.ours, *publishes.peer, *reads.ours) > 100
    assert publishes.against == "engine in process"


def test_an_answer_that_is_none_ends_the_run(bench: Bench) -> None:
    with pytest.raises(LoadError, match="did not answer every call"):
        rpc_rates.calls(bench, b'{"jsonrpc":"2.0","method":"no_such","id":1}\n')
