"""Every codec meets changed inputs and raises nothing, and what was kept of earlier searches."""

import time

import pytest

from tests.frontends.dialects.fuzzed import CODECS, seeds
from tests.frontends.dialects.growing import DAY, look, main
from tests.support.corpus import FOLDER, kept
from tests.support.fuzzing import mutations


@pytest.mark.parametrize("name", CODECS)
def test_samples_are_right_before(name: str) -> None:
    codec = CODECS[name]
    assert all(codec.read(sample) for sample in codec.samples)


@pytest.mark.parametrize("name", CODECS)
def test_no_changed_input_trips_it(name: str) -> None:
    assert sum(map(CODECS[name].read, mutations(seeds(name), seed=13))) > 0


@pytest.mark.parametrize("name", CODECS)
def test_nothing_that_was_kept_trips_it(name: str) -> None:
    inputs = kept(name)
    assert inputs
    assert len(set(inputs)) == len(inputs)
    for one in inputs:
        assert CODECS[name].read(one) >= 0


def test_every_file_belongs_to_a_codec() -> None:
    assert {place.stem for place in FOLDER.iterdir()} == set(CODECS)


def test_a_search_says_what_came_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.frontends.dialects.growing.keep", lambda name, inputs: None)
    assert main(["cursor", "--executions", "50", "--seed", "1"]) == 0
    assert capsys.readouterr().out.startswith("cursor: 50 executions, ")
    with pytest.raises(SystemExit):
        main(["nothing"])


@pytest.mark.nightly
@pytest.mark.parametrize("name", CODECS)
def test_a_night_may_find_more(name: str) -> None:
    growth = look(name, executions=200_000, seed=int(time.time()) // DAY)
    assert growth.crashes == {}, "its file of the corpus has them now"
