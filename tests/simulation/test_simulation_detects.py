"""What the simulation is worth: planted faults, the promise each breaks, the seeds that took."""

import re

import pytest
from attrs import frozen

from jobyard.soak.simulate import simulate
from tests.planted import faulty_server, holding_faults, lasting_faults, order_faults
from tests.planted.planting import Fault
from tests.simulation import server_faults

SECONDS = 15.0
SPARE = 8


@frozen
class Found:
    """A fault, and how soon it is found by what complaint."""

    fault: Fault
    within: int
    """Seeds, more than twice as many as it took when this was written: any change of the server
    throws all dice anew."""


def found(plant: object, finds: str, took: int) -> Found:
    assert callable(plant)
    return Found(Fault(plant, finds), 2 * took + SPARE)


FAULTS = [
    found(faulty_server.answers_before_commit, "^lost|^undone|^redelivered", 2),
    found(faulty_server.done_not_written, "^undone|^redelivered", 1),
    found(faulty_server.payload_of_another, "^renamed", 1),
    found(server_faults.full_disk_acknowledged, "^lost|^undone|^redelivered", 1),
    found(server_faults.goodbye_unheard, "^stuck", 1),
    found(server_faults.bytes_lost_between_packets, "^stuck", 1),
    found(holding_faults.stale_holder_accepted, "^double-held|^stale-accepted", 1),
    found(holding_faults.attempt_not_counted, "^unexplained", 1),
    found(holding_faults.clock_never_starts, "^stuck", 1),
    found(lasting_faults.reused_number, "^reused", 2),
    found(lasting_faults.request_done_twice, "^unexpected .* second job", 1),
    found(order_faults.counter_drift_by_type, "^unsound: counters", 1),
    found(order_faults.delay_cut_short, "^early", 1),
    found(order_faults.pause_ignored, "^paused", 2),
    found(order_faults.terminal_moves, "^undone", 1),
    found(order_faults.lost_wake_up, "^stuck", 1),
    found(order_faults.wake_up_lost_on_resume, "^stuck", 1),
]
RARE = found(server_faults.reload_does_not_wait, "^redelivered|^undone|^lost", 41)
"""A queue has to crash while its own last step is on its way to disk."""


def seeds_taken(planted: Found) -> int | None:
    """How many seeds it took until one of them complained of what is wrong."""
    for seed in range(planted.within):
        complaints = simulate(seed, SECONDS).complaints
        if any(re.search(planted.fault.finds, one) for one in complaints):
            return seed + 1
    return None


@pytest.mark.parametrize("planted", FAULTS, ids=lambda planted: planted.fault.name)
def test_a_planted_fault_is_found_by_a_few_seeds(
    planted: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.fault.plant(monkeypatch)
    assert seeds_taken(planted) is not None


@pytest.mark.nightly
def test_a_rare_fault_is_found_by_many_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    RARE.fault.plant(monkeypatch)
    assert seeds_taken(RARE) is not None
