"""Samples are taken, added up by purpose, and shown."""

import json
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks import parts
from tests.benchmarks.costs import PATHS, Cost, main, tables
from tests.benchmarks.load import Load
from tests.benchmarks.memory import memory
from tests.benchmarks.parts import PARTS, by_function, by_part, part_of
from tests.benchmarks.sampling import Samples, Stack, read, sampled
from tests.benchmarks.servers import ROOT
from tests.support.tables import in_columns, in_markdown

SENDING = ((f"{ROOT}/frontends/tcp/mux.py", "PlainConnection.send"), ("/x/trio/_run.py", "run"))
STEP = ((f"{ROOT}/engine/queue_state/moves.py", "move"),)
ROW = ((f"{ROOT}/engine/queue_state/rows.py", "head_row"), *STEP)
JSON = (("/lib/json/encoder.py", "encode"), (f"{ROOT}/engine/store/frames.py", "encode"))
STRANGE = (("/lib/json/encoder.py", "encode"),)


def burn() -> None:
    """A little processor time."""
    end = time.process_time() + 0.01
    while time.process_time() < end:
        pass


def test_what_takes_time_is_in_the_samples() -> None:
    before = signal.getsignal(signal.SIGPROF)
    give_up = time.process_time() + 30
    with sampled() as samples:
        while not any(stack[0][1] == "burn" for stack in samples):
            burn()
            assert time.process_time() < give_up
    assert signal.getsignal(signal.SIGPROF) is before
    assert all(file and function for stack in samples for file, function in stack)


def test_they_begin_anew_when_told() -> None:
    with sampled() as samples:
        samples[STRANGE] += 7
        signal.raise_signal(signal.SIGUSR1)
        assert STRANGE not in samples


def test_they_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = Counter({STEP: 3, ROW: 1})
    (tmp_path / "samples").write_text(json.dumps(list(written.items())))
    assert read(tmp_path / "samples") == written


@pytest.mark.parametrize(
    ("stack", "part"),
    [
        (SENDING, parts.SEND),
        (STEP, parts.QUEUE),
        (ROW, parts.ROWS),
        (JSON, parts.STORE),
        (STRANGE, parts.REST),
    ],
)
def test_the_innermost_frame_with_a_rule_decides(stack: Stack, part: str) -> None:
    assert part_of(stack) == part


@pytest.mark.parametrize("folder", ["frontends/lines", "frontends/tcp", "engine/queue_state"])
def test_every_module_of_the_hot_path_has_a_part(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    assert all(part_of(((str(file), "f"),)) != parts.REST for file in files)


def test_shares_add_up_to_the_whole() -> None:
    samples: Samples = Counter({SENDING: 2, STEP: 5, ROW: 1, STRANGE: 2})
    shares = by_part(samples)
    assert set(shares) == set(PARTS)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[parts.QUEUE] == 0.5
    assert by_function(samples, 1) == [("move (queue_state/moves.py)", 0.5)]


def test_the_table_names_paths_and_parts() -> None:
    shares = by_part(Counter({STEP: 3, SENDING: 1}))
    cost = Cost(
        "P1", "PUBLISH", 6.0, 2.0, 0.0, {part: 8 * share for part, share in shares.items()},
        [("f (<string>)", 1.5)], 4, 50_000.0,
    )  # fmt: skip
    text = tables([cost], in_markdown)
    assert f"| {parts.QUEUE} | 6.00 |" in text
    assert "| **server, whole** | **8.0** |" in text
    assert "f (&lt;string>)" in text
    assert "P1: PUBLISH" in text


def test_memory_is_told_by_line() -> None:
    text = memory(1_000, in_columns)
    assert "engine/queue_state/publishing.py: `job = Job(`" in text
    assert "all of it" in text


def test_the_engine_alone_is_sampled_in_this_process(tmp_path: Path) -> None:
    cost = PATHS["P10b"].cost("P10b", Load(tmp_path / "none", 0.3), tmp_path)
    assert cost.samples > 0
    assert sum(cost.parts.values()) == pytest.approx(cost.user + cost.kernel)


def test_a_path_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["P99"])
    assert "no such path: P99" in capsys.readouterr().err
