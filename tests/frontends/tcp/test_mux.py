"""Plain connections on real sockets: order, splits, backlog."""

import pytest
from structlog.testing import capture_logs

from config.sections import Limits
from frontends.tcp.limits import UNSENT
from frontends.tcp.mux import PlainConnection
from frontends.tcp.scheduler import STRANGER
from tests.frontends.tcp.rounds import rounds
from tests.frontends.tcp.toy import SILENCE

TALK = b"PING\nECHO one\nBIG 3000\nECHO  two \nNOPE\nPING\n"
ANSWERS = b"PONG\none\n" + b"x" * 3000 + b"\n two \nErr: unknown-command\nPONG\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, len(TALK)])
def test_any_split_into_packets_gives_the_same_answers(size: int) -> None:
    with rounds() as place:
        client, toy = place.come()
        for at in range(0, len(TALK), size):
            client.sendall(TALK[at : at + size])
            fed = TALK[: at + size].count(b"\n")
            place.until(lambda fed=fed: len(toy.ran) >= fed)  # type: ignore[misc]
        assert place.hear(client, len(ANSWERS)) == ANSWERS


def test_answers_of_one_batch_leave_in_one_send(monkeypatch: pytest.MonkeyPatch) -> None:
    sends: list[bytes] = []
    send = PlainConnection.send

    def counted(self: PlainConnection, data: bytes) -> int:
        sends.append(data)
        return send(self, data)

    monkeypatch.setattr(PlainConnection, "send", counted)
    with rounds() as place:
        client, toy = place.come()
        client.sendall(b"LATER a\nLATER b\nLATER c\nPING\n")
        place.until(lambda: len(toy.ran) == 4)
        assert sends == []
        toy.answer(3)
        place.scheduler.flush()
        assert sends == [b"a\nb\nc\nPONG\n"]
        assert place.hear(client, 11) == sends[0]


def test_an_answer_that_waits_holds_back_those_behind_it() -> None:
    with rounds() as place:
        client, toy = place.come()
        client.sendall(b"LATER first\nPING\n")
        place.until(lambda: len(toy.ran) == 2)
        place.rest()
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        toy.answer()
        assert place.hear(client, 11) == b"first\nPONG\n"


def test_what_a_socket_does_not_take_keeps_its_order() -> None:
    with rounds(send_buffer=4096) as place:
        client, _ = place.come(receive_buffer=4096)
        client.sendall(b"BIG 700000\nECHO between\nBIG 900000\nPING\n")
        place.until(lambda: place.scheduler.load.unsent > 0)
        expected = b"x" * 700_000 + b"\nbetween\n" + b"x" * 900_000 + b"\nPONG\n"
        assert place.hear(client, len(expected)) == expected
        place.rest()
        assert place.scheduler.load.unsent == 0
        assert not place.mux.writes.get_map()
        client.sendall(b"PING\n")
        assert place.hear(client, 5) == b"PONG\n"


def test_who_does_not_read_for_a_while_is_still_read() -> None:
    with rounds(send_buffer=4096) as place:
        client, toy = place.come(receive_buffer=4096)
        client.sendall(b"BIG 500000\n")
        place.until(lambda: place.scheduler.load.unsent > 0)
        client.sendall(b"PING\n")
        place.until(lambda: len(toy.ran) == 2)
        expected = b"x" * 500_000 + b"\nPONG\n"
        assert place.hear(client, len(expected)) == expected


def test_who_never_reads_is_not_read_either_and_nothing_spins() -> None:
    with rounds(send_buffer=4096) as place:
        mute, toy = place.come(receive_buffer=4096)
        other, _ = place.come()
        asked = 0
        while place.scheduler.load.unsent < UNSENT:
            mute.sendall(b"BIG 100000\n")
            asked += 1
            place.until(lambda asked=asked: len(toy.ran) == asked)  # type: ignore[misc]
        mute.sendall(b"BIG 100000\n")
        place.until(lambda: bool(place.mux.reads.select(0)))
        place.mux.round()
        assert place.mux.reads.select(0) == []
        assert not place.scheduler.pending
        other.sendall(b"PING\n")
        assert place.hear(other, 5) == b"PONG\n"
        assert len(toy.ran) == asked
        expected = (b"x" * 100_000 + b"\n") * (asked + 1)
        assert place.hear(mute, len(expected)) == expected


def test_past_the_output_bound_the_slowest_reader_is_closed() -> None:
    with rounds(Limits(output=300_000), send_buffer=4096) as place:
        slow, _ = place.come(receive_buffer=4096)
        slower, _ = place.come(receive_buffer=4096)
        with capture_logs() as logs:
            slower.sendall(b"BIG 250000\n")
            place.until(lambda: place.scheduler.load.unsent > 200_000)
            slow.sendall(b"BIG 150000\n")
            place.until(lambda: len(place.scheduler.connections) == 1)
        assert [line["address"] for line in logs] == [place.toys[1].address]
        assert place.scheduler.counters.slow == 1
        assert place.hear(slow, 150_001) == b"x" * 150_000 + b"\n"


def test_past_the_in_flight_bound_nobody_is_read_until_answers_come() -> None:
    with rounds(Limits(in_flight=100, turn=10)) as place:
        busy, worker = place.come()
        other, idle = place.come()
        busy.sendall(b"LATER 45678\n" * 40)
        place.until(lambda: place.scheduler.load.blocked)
        assert worker.waiting == 30
        other.sendall(b"PING\n")
        place.until(lambda: bool(place.mux.reads.select(0)))
        place.mux.round()
        assert (worker.waiting, idle.ran) == (30, [])
        assert not place.scheduler.pending
        worker.answer(5)
        place.scheduler.flush()
        assert place.scheduler.load.in_flight == 125
        worker.answer(10)
        assert place.hear(other, 5) == b"PONG\n"
        place.until(lambda: worker.waiting == 25)
        worker.answer(25)
        assert place.hear(busy, 6 * 40) == b"45678\n" * 40
        assert place.scheduler.load.in_flight == 0


def test_the_in_flight_bound_holds_within_a_round() -> None:
    with rounds(Limits(in_flight=10)) as place:
        people = [place.come() for _ in range(5)]
        for client, _ in people:
            client.sendall(b"LATER 12345678901\n")
        place.until(lambda: len(place.mux.reads.select(0)) == 5 or place.scheduler.load.blocked)
        place.mux.round()
        assert sum(toy.waiting for _, toy in people) == 1


def test_what_is_due_goes_out_while_nobody_is_read() -> None:
    with rounds(Limits(in_flight=10), send_buffer=4096) as place:
        client, toy = place.come(receive_buffer=4096)
        client.sendall(b"BIG 500000\nLATER 12345678901\n")
        place.until(lambda: place.scheduler.load.blocked)
        assert place.hear(client, 500_001) == b"x" * 500_000 + b"\n"
        assert place.scheduler.load.blocked
        place.mux.round()
        assert place.mux.writes.select(0) == []
        toy.answer()
        assert place.hear(client, 12) == b"12345678901\n"


def test_a_held_session_is_neither_read_nor_watched_and_goes_on_where_it_stood() -> None:
    with rounds() as place:
        client, toy = place.come()
        client.sendall(b"LATER x\n" * 150)
        place.until(lambda: toy.held)
        client.sendall(b"LATER x\n" * 50)
        place.rest()
        assert (toy.waiting, len(toy.ran)) == (100, 100)
        assert place.mux.reads.select(0) == []
        while toy.waiting:
            toy.answer(100)
            place.scheduler.flush()
            place.rest()
        assert place.hear(client, 400) == b"x\n" * 200


def test_silence_is_told_when_it_lasted() -> None:
    with rounds() as place:
        client, toy = place.come()
        client.sendall(b"PING ")
        place.until(lambda: toy.deadline is not None)
        place.time = SILENCE / 2
        place.mux.round()
        assert toy.ran == []
        client.sendall(b" ")
        place.until(lambda: toy.rest == b"PING  ")
        place.time = SILENCE
        place.mux.round()
        assert toy.ran == []
        place.time = SILENCE * 3 / 2
        assert place.hear(client, 5) == b"PONG\n"
        assert place.scheduler.alarms.next == STRANGER
