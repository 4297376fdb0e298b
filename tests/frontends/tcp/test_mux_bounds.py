"""Plain connections: one does not harm another, however it misbehaves or breaks."""

import socket

import pytest
from structlog.testing import capture_logs

from config.sections import Limits
from frontends.tcp.mux import ROUND
from frontends.tcp.scheduler import STRANGER
from tests.frontends.tcp.rounds import Rounds, rounds

HOG = b"PING\n" * 13_000
PLACES = ["receive", "turn", "output", "silence", "closed"]


def _both_ready(place: Rounds) -> bool:
    return len(place.mux.reads.select(0)) == 2


def test_a_hog_and_its_neighbour_are_served_in_turns() -> None:
    with rounds(Limits(turn=64)) as place:
        hog, greedy = place.come()
        neighbour, modest = place.come()
        hog.sendall(HOG)
        neighbour.sendall(b"PING\n")
        place.until(lambda: bool(greedy.ran) or _both_ready(place))
        place.until(lambda: bool(modest.ran))
        assert len(greedy.ran) <= 3 * 64
        before = len(greedy.ran)
        for asked in range(2, 12):
            neighbour.sendall(b"PING\n")
            place.until(lambda asked=asked: len(modest.ran) == asked)  # type: ignore[misc]
        assert len(greedy.ran) - before <= 12 * 2 * 64
        assert greedy.lines


def test_each_of_many_hogs_gets_the_same_share() -> None:
    with rounds(Limits(turn=64)) as place:
        hogs = [place.come() for _ in range(10)]
        for client, _ in hogs:
            client.sendall(HOG[:5000])
        place.until(lambda: all(toy.lines for _, toy in hogs))
        first = [len(toy.ran) for _, toy in hogs]
        place.mux.round()
        second = [len(toy.ran) for _, toy in hogs]
        assert [after - before for before, after in zip(first, second, strict=True)] == [64] * 10


def test_a_long_round_ends_and_the_next_begins_with_who_was_left() -> None:
    with rounds(Limits(turn=10)) as place:
        people = [place.come() for _ in range(40)]
        for client, _ in people:
            client.sendall(b"PING\n" * 20)
        place.until(lambda: len(place.mux.reads.select(0)) == 40)
        place.lapse = ROUND
        served: list[int] = []
        for _ in range(5):
            place.mux.round()
            served.append(sum(bool(toy.ran) for _, toy in people))
        assert served == [8, 16, 24, 32, 40]
        assert max(len(toy.ran) for _, toy in people) <= 20
        place.until(lambda: all(len(toy.ran) == 20 for _, toy in people))
        for client, _ in people:
            assert place.hear(client, 100) == b"PONG\n" * 20


@pytest.mark.parametrize("where", PLACES)
def test_an_error_in_one_connection_ends_that_connection_only(where: str) -> None:
    with rounds() as place:
        client, toy = place.come()
        other, _ = place.come()
        with capture_logs() as logs:
            client.sendall(b"BREAK " + where.encode() + b"\n")
            place.until(lambda: bool(toy.broken))
            client.sendall(b"LATER x\nPING ")
            if where == "closed":
                client.close()
            if where == "silence":
                place.until(lambda: toy.rest == b"PING ")
                place.time = 1.0
                place.mux.round()
            place.until(lambda: toy.ends == 1)
        assert [(line["error"], line["address"]) for line in logs] == [
            ("PlantedError", toy.address)
        ]
        assert "secret" not in str(logs)
        assert place.scheduler.counters.broken == 1
        assert place.scheduler.load.in_flight == 0
        other.sendall(b"PING\n")
        assert place.hear(other, 5) == b"PONG\n"


def test_an_error_while_rendering_in_the_flush_spares_all_others_of_that_flush() -> None:
    with rounds() as place:
        people = [place.come() for _ in range(9)]
        for client, toy in people:
            client.sendall(b"LATER x\n")
            place.until(lambda toy=toy: toy.waiting == 1)  # type: ignore[misc]
        people[4][1].broken.add(b"output")
        for _, toy in people:
            toy.answer()
        with capture_logs() as logs:
            place.scheduler.flush()
        assert len(logs) == 1
        for client, toy in people:
            assert place.hear(client, 2) == (b"" if toy is people[4][1] else b"x\n")


def test_a_connection_that_broke_is_closed_once() -> None:
    with rounds() as place:
        client, toy = place.come()
        toy.broken.update({b"output", b"closed"})
        client.sendall(b"PING\n")
        with capture_logs() as logs:
            assert place.hear(client, 1) == b""
            place.rest()
        assert (toy.ends, len(logs)) == (1, 2)


def test_two_thousand_idle_connections_cost_nothing_and_delay_nobody() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 5000
    if soft < wanted:
        if hard < wanted:
            pytest.skip("not run: the descriptor limit is too low")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with rounds() as place:
        for count in range(1, 21):
            for _ in range(100):
                place.connect()
            place.until(lambda count=count: len(place.toys) == 100 * count)  # type: ignore[misc]
        assert place.mux.reads.select(0) == []
        assert (place.scheduler.pending, place.scheduler.alarms.next) == (False, STRANGER)
        one = place.clients[1234]
        one.sendall(b"PING\n")
        place.until(lambda: any(toy.ran for toy in place.toys))
        assert one.recv(5) == b"PONG\n"
        for client in place.clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        place.until(lambda: not place.scheduler.connections)
        assert not place.mux.writes.get_map()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
