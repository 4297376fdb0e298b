"""What a send does not take stays with its connection, in order, and costs little."""

import tracemalloc

from tests.frontends.tcp.rounds import rounds

PEOPLE = 200
COST = 3 * 1024
"""Bytes a connection may cost with its toy session, both sockets and the selector's entry."""


def test_order_holds_when_the_socket_is_full() -> None:
    with rounds(send_buffer=4096) as place:
        client, _ = place.come(receive_buffer=4096)
        client.sendall(b"ECHO a\nBIG 300000\nECHO b\nBIG 300000\nECHO c\n")
        place.until(lambda: place.scheduler.load.unsent > 0)
        expected = b"a\n" + b"x" * 300_000 + b"\nb\n" + b"x" * 300_000 + b"\nc\n"
        assert place.hear(client, len(expected)) == expected


def test_it_is_watched_for_writing_only_as_long_as_something_is_left() -> None:
    with rounds(send_buffer=4096) as place:
        client, _ = place.come(receive_buffer=4096)
        assert not place.mux.writes.get_map()
        client.sendall(b"BIG 300000\n")
        place.until(lambda: place.scheduler.load.unsent > 0)
        assert len(place.mux.writes.get_map()) == 1
        assert len(place.hear(client, 300_001)) == 300_001
        place.rest()
        assert not place.mux.writes.get_map()


def test_a_connection_that_owes_nothing_keeps_no_buffer() -> None:
    with rounds() as place:
        place.come()
        tracemalloc.start()
        try:
            for _ in range(PEOPLE):
                place.come()
            used = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        connections = list(place.scheduler.connections.values())
        assert [connection.unsent for connection in connections] == [None] * (PEOPLE + 1)
        assert used / PEOPLE < COST
