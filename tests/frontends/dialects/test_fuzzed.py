"""Every codec meets changed inputs and raises nothing."""

import pytest

from tests.frontends.dialects.fuzzed import CODECS
from tests.support.fuzzing import mutations

NEW = ("lines", "resp", "resp-answers", "native", "json")
"""The others are fuzzed beside their own tests."""


@pytest.mark.parametrize("name", CODECS)
def test_samples_are_right_before(name: str) -> None:
    codec = CODECS[name]
    assert all(codec.read(sample) for sample in codec.samples)


@pytest.mark.parametrize("name", NEW)
def test_no_changed_input_trips_it(name: str) -> None:
    codec = CODECS[name]
    assert sum(map(codec.read, mutations(codec.samples, seed=13))) > 0
