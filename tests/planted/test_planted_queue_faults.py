"""The model finds every fault that is planted in the queue, within a few seeds."""

import pytest

from tests.model.naive_job import Broken
from tests.model.test_model_seeded import run
from tests.planted import holding_faults, lasting_faults, order_faults
from tests.planted.planting import Fault

FAULTS = [*order_faults.FAULTS, *holding_faults.FAULTS, *lasting_faults.FAULTS]
SEEDS = 60
"""The same seeds find nothing in the engine as it is: `test_dice_find_no_broken_promise`."""


def run_seeds() -> None:
    for seed in range(SEEDS):
        run(seed)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    fault.plant(monkeypatch)
    with pytest.raises(Broken, match=fault.finds):
        (fault.script or run_seeds)()
