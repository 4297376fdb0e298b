"""A connection gets its commands a turn, so a hog's backlog delays nobody."""

from config.sections import Limits
from tests.frontends.tcp.rounds import rounds

HOG = b"PING\n" * 6_000
TURN = 64


def commands_ahead(turn: int) -> int:
    """Commands of a hog that can run before a neighbour who asks at the same time is answered."""
    with rounds(Limits(turn=turn)) as place:
        hog, greedy = place.come()
        neighbour, modest = place.come()
        most = 0
        for asked in range(1, 6):
            hog.sendall(HOG)
            place.until(lambda: bool(place.mux.reads.select(0) or place.scheduler.pending))
            neighbour.sendall(b"PING\n")
            before = len(greedy.ran)
            place.until(lambda asked=asked: len(modest.ran) == asked)  # type: ignore[misc]
            most = max(most, len(greedy.ran) - before)
        return most


def test_a_neighbour_waits_for_a_few_turns() -> None:
    assert commands_ahead(TURN) <= 3 * TURN


def test_without_turns_it_waits_for_everything() -> None:
    assert commands_ahead(len(HOG)) > 30 * TURN


def test_the_limit_is_what_the_settings_say() -> None:
    assert Limits().turn == TURN


def test_left_over_commands_run_though_no_more_bytes_come() -> None:
    with rounds(Limits(turn=TURN)) as place:
        hog, greedy = place.come()
        hog.sendall(HOG[: 5 * 1_000])
        place.until(lambda: len(greedy.ran) == 1_000)
