"""Every fault that the simulation is to find, the promise each breaks, and the seeds that took."""

import re
from typing import Final

import pytest
from attrs import frozen

from jobyard.soak.simulate import simulate
from tests.planted import faulty_server, holding_faults, lasting_faults, order_faults
from tests.planted.planting import Fault
from tests.simulation import door_faults, server_faults

SECONDS: Final = 15.0
SPARE: Final = 8
SOON: Final = 1
"""Seeds within which a fault is found that `make test` plants; the others wait for the night."""


@frozen
class Found:
    """A fault, and how soon it is found by what complaint."""

    fault: Fault
    took: int
    """Seeds, when this was written: any change of the server throws all dice anew."""

    @property
    def within(self) -> int:
        """Seeds after which it counts as missed."""
        return 2 * self.took + SPARE


def found(plant: object, finds: str, took: int) -> Found:
    """One of them."""
    assert callable(plant)
    return Found(Fault(plant, finds), took)


def seeds_taken(planted: Found) -> int | None:
    """How many seeds it took until one complained of what is wrong; None: none did."""
    with pytest.MonkeyPatch.context() as patch:
        planted.fault.plant(patch)
        for seed in range(planted.within):
            complaints = simulate(seed, SECONDS).complaints
            if any(re.search(planted.fault.finds, one) for one in complaints):
                return seed + 1
    return None


FAULTS: Final = [
    found(faulty_server.answers_before_commit, "^lost|^undone|^redelivered", 2),
    found(faulty_server.done_not_written, "^undone|^redelivered", 1),
    found(faulty_server.payload_of_another, "^renamed", 1),
    found(server_faults.full_disk_acknowledged, "^lost|^undone|^redelivered", 3),
    found(server_faults.goodbye_unheard, "^stuck", 1),
    found(server_faults.bytes_lost_between_packets, "^stuck|^ended", 1),
    found(server_faults.reload_does_not_wait, "^redelivered|^undone|^lost", 1),
    found(door_faults.request_forgotten_over_a_kill, "^unexpected", 4),
    found(door_faults.request_id_unheard_over_http, "^unexpected", 1),
    found(door_faults.request_id_unheard_over_rpc, "^unexpected", 1),
    found(door_faults.bulk_half_applied, "^torn|^lost", 2),
    found(door_faults.tick_handed_out_again, "^ticked: .* are both", 4),
    found(door_faults.tick_early, "^early: .* its tick", 1),
    found(door_faults.purge_leaves_a_counter, "^unpurged|^unsound: counters", 1),
    found(door_faults.purge_not_written, "^unpurged", 2),
    found(door_faults.recurrence_outlives_its_end, "^ticked: recurrence", 2),
    found(door_faults.drain_ignored, "^undrained", 2),
    found(door_faults.wait_answered_before_durable, "^undone: .* for all to see", 7),
    found(door_faults.http_answers_before_commit, "^undone|^redelivered", 7),
    found(door_faults.rpc_answers_before_commit, "^undone|^redelivered", 22),
    found(holding_faults.stale_holder_accepted, "^double-held|^stale-accepted", 1),
    found(holding_faults.attempt_not_counted, "^unexplained", 1),
    found(holding_faults.clock_never_starts, "^stuck", 3),
    found(lasting_faults.reused_number, "^reused", 2),
    found(lasting_faults.request_done_twice, "^unexpected .* second job", 1),
    found(order_faults.counter_drift_by_type, "^unsound: counters", 1),
    found(order_faults.delay_cut_short, "^early", 1),
    found(order_faults.pause_ignored, "^paused", 1),
    found(order_faults.terminal_moves, "^undone", 1),
    found(order_faults.lost_wake_up, "^stuck", 1),
    found(order_faults.wake_up_lost_on_resume, "^stuck", 1),
]
