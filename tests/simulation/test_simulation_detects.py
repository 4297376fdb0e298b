"""What the simulation is worth: faults planted in a server, each found by its own complaint."""

import pytest

from tests.simulation.finding import FAULTS, SOON, Found, seeds_taken

AT_ONCE = [planted for planted in FAULTS if planted.took <= SOON]
SELDOM = [planted for planted in FAULTS if planted.took > SOON]


@pytest.mark.parametrize("planted", AT_ONCE, ids=lambda planted: planted.fault.name)
def test_a_planted_fault_is_found_by_a_few_seeds(planted: Found) -> None:
    assert seeds_taken(planted) is not None


@pytest.mark.nightly
@pytest.mark.parametrize("planted", SELDOM, ids=lambda planted: planted.fault.name)
def test_a_rare_fault_is_found_by_many_seeds(planted: Found) -> None:
    assert seeds_taken(planted) is not None
