"""The kill loop finds faults that are planted in the server it kills, by their own names."""

from pathlib import Path

import pytest

from jobyard.soak.history import judge
from tests.kill.server import Server
from tests.kill.test_kill import remaining, run

KILLS = 4
CASES: list[tuple[str, set[str]]] = [
    ("answers_before_commit", {"lost", "undone", "redelivered"}),
    ("done_not_written", {"redelivered", "undone"}),
    ("payload_of_another", {"renamed", "lost", "unexpected"}),
]
"""A fault, and the complaints of which one at least is its own."""


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("fault", "kinds"),
    CASES,
)
async def test_a_fault_in_the_server_is_found(fault: str, kinds: set[str], tmp_path: Path) -> None:
    server = Server(tmp_path, program=("tests.planted.faulty_server", fault))
    try:
        load = await run(server, KILLS, seed=1)
        found = {one.kind for one in judge(load.events, await remaining(server.port))}
    finally:
        server.close()
    assert found & kinds
