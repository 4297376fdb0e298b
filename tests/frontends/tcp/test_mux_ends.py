"""Plain connections on real sockets: how they come, and how they end."""

import errno
import socket
import struct

import pytest
from structlog.testing import capture_logs

from config.sections import Limits
from frontends.tcp.mux import ACCEPTS, PAUSE, PlainConnection
from frontends.tcp.scheduler import STRANGER
from tests.frontends.tcp.rounds import rounds
from tests.frontends.tcp.toy import SILENCE


@pytest.mark.parametrize("asked", [b"LATER x\nPING\n", b"PING\n" * 500 + b"LATER x\nPING\n"])
def test_who_closes_one_half_still_gets_what_is_owed(asked: bytes) -> None:
    with rounds() as place:
        client, toy = place.come()
        client.sendall(asked)
        client.shutdown(socket.SHUT_WR)
        place.until(lambda: toy.waiting == 1)
        place.rest()
        assert len(place.scheduler.connections) == 1
        assert place.mux.reads.select(0) == []
        assert toy.half_closes == 1
        toy.answer()
        answers = b"PONG\n" * (asked.count(b"PING") - 1) + b"x\nPONG\n"
        assert place.hear(client, len(answers) + 1) == answers
        assert (toy.ends, place.scheduler.connections) == (1, {})


def test_a_last_word_without_newline_is_given_its_silence_at_the_end() -> None:
    with rounds() as place:
        client, _ = place.come()
        client.sendall(b"PING ")
        client.shutdown(socket.SHUT_WR)
        assert place.hear(client, 6) == b"PONG\n"


def test_a_session_that_closes_has_said_everything_before() -> None:
    with rounds(send_buffer=4096) as place:
        client, toy = place.come(receive_buffer=4096)
        client.sendall(b"BIG 500000\nQUIT\n" + b"PING\n" * 1000)
        heard = place.hear(client, 600_000)
        assert heard == b"x" * 500_000 + b"\n"
        assert toy.ends == 1


def test_who_talks_on_after_the_end_still_hears_it_to_the_end() -> None:
    with rounds(send_buffer=4096) as place:
        client, toy = place.come(receive_buffer=4096)
        client.sendall(b"BIG 500000\nQUIT\n")
        place.until(lambda: toy.closing and place.scheduler.load.unsent > 0)
        client.sendall(b"PING\n" * 1000)
        place.until(lambda: bool(place.mux.reads.select(0)))
        place.mux.round()
        assert (place.mux.reads.select(0), toy.lines) == ([], [])
        assert place.hear(client, 600_000) == b"x" * 500_000 + b"\n"


def test_silence_is_not_told_to_who_is_gone() -> None:
    with rounds() as place:
        client, toy = place.come()
        client.sendall(b"PING ")
        place.until(lambda: toy.deadline is not None)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        place.until(lambda: toy.ends == 1)
        place.time = SILENCE
        place.mux.round()
        assert toy.ran == []


def test_half_a_command_or_none_keeps_no_place_for_ever() -> None:
    with rounds() as place:
        mute, half, talker, user = (place.come() for _ in range(4))
        user[1].name = "ada"
        half[0].sendall(b"PIN")
        talker[0].sendall(b"PING\n")
        assert place.hear(talker[0], 5) == b"PONG\n"
        place.time = STRANGER - 1
        place.mux.round()
        assert len(place.scheduler.connections) == 4
        half[0].sendall(b"G")
        place.until(lambda: half[1].rest == b"PING")
        place.time = STRANGER
        place.mux.round()
        assert (mute[1].ends, half[1].ends) == (1, 1)
        assert list(place.scheduler.connections) == [talker[1], user[1]]
        place.time = 2 * STRANGER
        place.mux.round()
        assert list(place.scheduler.connections) == [user[1]]
        assert place.scheduler.counters.strangers == 3
        assert place.scheduler.alarms.next == float("inf")


def test_a_login_that_takes_long_is_waited_for() -> None:
    with rounds() as place:
        client, toy = place.come()
        toy.logging_in = True
        client.sendall(b"PING\n")
        place.until(lambda: bool(toy.lines))
        place.time = STRANGER
        place.mux.round()
        assert toy.ends == 0


def test_a_crowd_is_let_in_by_and_by() -> None:
    with rounds() as place:
        for _ in range(ACCEPTS + 20):
            place.connect()
        place.until(lambda: bool(place.toys))
        assert len(place.toys) <= ACCEPTS
        place.until(lambda: len(place.toys) == ACCEPTS + 20)


def test_a_reset_ends_only_its_own_connection() -> None:
    with rounds() as place:
        rude, toy = place.come()
        other, _ = place.come()
        rude.sendall(b"LATER x\n")
        place.until(lambda: toy.waiting == 1)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.close()
        toy.answer()
        place.until(lambda: toy.ends == 1)
        assert place.scheduler.load.in_flight == 0
        other.sendall(b"PING\n")
        assert place.hear(other, 5) == b"PONG\n"


def test_one_too_many_is_told_so() -> None:
    with rounds(Limits(connections=2)) as place:
        first, _ = place.come()
        place.come()
        third = place.connect()
        third.sendall(b"AUTH somebody secret\n")
        assert place.hear(third, 100) == b"Err: too-many-connections\n"
        assert place.scheduler.counters.refused == 1
        first.close()
        place.until(lambda: len(place.scheduler.connections) == 1)
        fourth, _ = place.come()
        fourth.sendall(b"PING\n")
        assert place.hear(fourth, 5) == b"PONG\n"


class Exhausted(socket.socket):
    """A listener on a system that has no descriptor left for a while."""

    tries = 0
    working = False

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        if self.working:
            return super().accept()
        Exhausted.tries += 1
        raise OSError(errno.EMFILE, "Too many open files")


def test_without_descriptors_accepting_pauses_and_does_not_spin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Exhausted, "tries", 0)
    monkeypatch.setattr(Exhausted, "working", True)
    with rounds(kind=Exhausted) as place:
        friend, _ = place.come()
        monkeypatch.setattr(Exhausted, "working", False)
        client = place.connect()
        with capture_logs() as logs:
            place.until(lambda: Exhausted.tries == 1)
        assert [line["error"] for line in logs] == ["Too many open files"]
        assert place.mux.reads.select(0) == []
        friend.sendall(b"PING\n")
        assert place.hear(friend, 5) == b"PONG\n"
        assert (Exhausted.tries, place.scheduler.alarms.next) == (1, PAUSE)
        monkeypatch.setattr(Exhausted, "working", True)
        place.time = PAUSE
        client.sendall(b"PING\n")
        assert place.hear(client, 5) == b"PONG\n"
        assert place.scheduler.counters.accept_failures == 1


def test_a_session_that_cannot_be_made_ends_that_client_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with rounds() as place:
        friend, _ = place.come()

        def broken(*args: object, **more: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(place.mux, "open_session", broken)
        client = place.connect()
        with capture_logs() as logs:
            assert place.hear(client, 1) == b""
        assert [line["error"] for line in logs] == ["RuntimeError"]
        friend.sendall(b"PING\n")
        assert place.hear(friend, 5) == b"PONG\n"


def test_an_accepted_socket_notices_a_peer_that_is_silently_gone() -> None:
    with rounds() as place:
        place.come()
        sock = next(
            key.data._sock
            for key in place.mux.reads.get_map().values()
            if isinstance(key.data, PlainConnection)
        )
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000
