"""The line server whole: logins beside the talk, users that go, and the stop."""

import socket

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock, wait_all_tasks_blocked

from config.sections import Limits
from engine.access import Principal, Right
from frontends.listening import bind, is_local, written
from tests.frontends.tcp.serving import hear, serve, until
from tests.frontends.tcp.toy import SILENCE


async def test_many_clients_talk_at_once() -> None:
    async with serve() as served:

        async def talk(number: int) -> None:
            client = await served.connect()
            for turn in range(20):
                line = f"{number} {turn}\n".encode()
                await client.send_all(b"ECHO " + line)
                assert await hear(client, len(line)) == line
            await client.aclose()

        async with trio.open_nursery() as clients:
            for number in range(20):
                clients.start_soon(talk, number)
        await until(lambda: served.server.statistics().connections == 0)
        assert served.server.statistics().accepted == 20


async def test_a_known_password_needs_no_task_and_what_follows_waits_for_nothing() -> None:
    async with serve() as served:
        client, toy = await served.come()
        await client.send_all(b"AUTH ada known\nPING\n")
        assert await hear(client, 14) == b"Welcome!\nPONG\n"
        assert toy.name == "ada"


async def test_a_login_holds_back_its_own_connection_only() -> None:
    async with serve() as served:
        client, toy = await served.come()
        other, _ = await served.come()
        await client.send_all(b"AUTH bob bob's\nPING\nAUTH bob wrong\nPING\n")
        await until(lambda: toy.logging_in)
        await client.send_all(b"PING\n")
        await other.send_all(b"PING\n")
        assert await hear(other, 5) == b"PONG\n"
        assert toy.ran == [b"AUTH bob bob's"]
        served.may_verify.set()
        expected = b"Welcome!\nPONG\nErr: invalid-creds\nPONG\nPONG\n"
        assert await hear(client, len(expected)) == expected


async def test_a_login_gives_the_rights_of_the_settings() -> None:
    async with serve() as served:
        _, toy = await served.come()
        said: list[Principal | str] = []
        served.may_verify.set()
        served.server.start_login(toy, "bob", b"bob's", said.append)
        await until(lambda: bool(said))
        assert said == [Principal("bob", {"mail": Right.READ})]


async def test_a_password_that_is_no_text_is_wrong() -> None:
    async with serve() as served:
        client, _ = await served.come()
        served.may_verify.set()
        await client.send_all(b"AUTH ada \xff\xfe\nPING\n")
        assert await hear(client, 24) == b"Err: invalid-creds\nPONG\n"


async def test_an_error_in_a_login_ends_that_connection_only() -> None:
    async with serve() as served:
        client, _ = await served.come()
        other, _ = await served.come()
        served.may_verify.set()
        with capture_logs() as logs:
            await client.send_all(b"AUTH bob crash\n")
            assert await hear(client, 1) == b""
        assert [line["error"] for line in logs] == ["RuntimeError"]
        await other.send_all(b"PING\n")
        assert await hear(other, 5) == b"PONG\n"


async def test_who_left_during_the_login_is_told_nothing() -> None:
    async with serve() as served:
        client, toy = await served.come()
        await client.send_all(b"AUTH bob bob's\n")
        await until(lambda: toy.logging_in)
        toy.closing = True
        served.server.dirty(toy)
        served.server.flush()
        assert toy.ends == 1
        served.may_verify.set()
        await until(lambda: served.login.statistics().watched == 0)
        await wait_all_tasks_blocked()
        assert toy.name == ""


async def test_a_login_that_is_the_last_word_is_answered() -> None:
    async with serve() as served:
        client, toy = await served.come()
        await client.send_all(b"AUTH bob bob's ")
        await client.send_eof()
        await until(lambda: toy.logging_in)
        served.server.flush()
        served.may_verify.set()
        assert await hear(client, 100) == b"Welcome!\n"


async def test_a_user_that_is_gone_is_told_so_and_the_others_stay() -> None:
    async with serve() as served:
        client, _ = await served.come()
        other, _ = await served.come()
        broken, toy = await served.come()
        for each in (client, broken):
            await each.send_all(b"AUTH ada known\n")
            assert await hear(each, 9) == b"Welcome!\n"
        toy.broken.add(b"logout")
        gone = served.login.replace_users(())
        with capture_logs() as logs:
            served.server.replace_users(gone, ["new"])
        assert len(logs) == 1
        assert await hear(client, 100) == b"Err: session-closed\n"
        assert await hear(broken, 100) == b""
        await other.send_all(b"PING\n")
        assert await hear(other, 5) == b"PONG\n"
        assert served.server.groups() == ["new"]


async def test_what_a_session_may_ask_of_its_door() -> None:
    async with serve() as served:
        toys = [(await served.come())[1] for _ in range(3)]
        toys[1].closing = True
        served.server.dirty(toys[1])
        served.server.flush()
        assert served.server.sessions() == [toys[0], toys[2]]
        assert served.server.groups() == ["mail", "other"]
        served.server.stop_server()
        assert served.stops == ["stop"]


async def test_the_engine_flushes_from_its_own_task() -> None:
    async with serve() as served:
        client, toy = await served.come()
        await client.send_all(b"LATER x\n" * 101)
        await until(lambda: toy.held)
        await wait_all_tasks_blocked()
        toy.answer(100)
        served.server.flush()
        await until(lambda: len(toy.ran) == 101)
        toy.answer()
        served.server.flush()
        assert await hear(client, 202) == b"x\n" * 101


async def test_answers_from_elsewhere_end_the_block() -> None:
    async with serve(Limits(in_flight=10)) as served:
        busy, worker = await served.come()
        other, _ = await served.come()
        await busy.send_all(b"LATER 12345678901\n")
        await until(lambda: worker.waiting == 1)
        await other.send_all(b"PING\n")
        await wait_all_tasks_blocked()
        worker.answer()
        served.server.flush()
        assert await hear(other, 5) == b"PONG\n"


async def test_silence_comes_by_the_clock(jumping_clock: MockClock) -> None:
    async with serve() as served:
        client, toy = await served.come()
        before = trio.current_time()
        await client.send_all(b"PING ")
        assert await hear(client, 5) == b"PONG\n"
        assert trio.current_time() - before == pytest.approx(SILENCE)
        assert toy.deadline is None


async def test_the_stop_sends_what_is_answered_and_takes_no_more() -> None:
    async with serve() as served:
        client, toy = await served.come()
        await client.send_all(b"LATER x\nBIG 3000000\n")
        await until(lambda: len(toy.ran) == 2)
        served.server.stop_accepting()
        served.server.stop_reading()
        await client.send_all(b"ECHO unheard\n")
        toy.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(served.server.drain, 5.0)
            assert await hear(client, 4_000_000) == b"x\n" + b"x" * 3_000_000 + b"\n"
        await served.ended.wait()
        assert (toy.ends, len(toy.ran)) == (1, 2)
        with pytest.raises(ConnectionRefusedError):
            await served.connect()


async def test_who_does_not_read_cannot_hold_up_the_stop(jumping_clock: MockClock) -> None:
    async with serve() as served:
        mute, toy = await served.come()
        await mute.send_all(b"BIG 9000000\n")
        await until(lambda: served.server.statistics().unsent > 0)
        before = trio.current_time()
        await served.server.drain(5.0)
        assert trio.current_time() - before == pytest.approx(5.0)
        await served.ended.wait()
        assert (toy.ends, served.server.statistics().unsent) == (1, 0)


async def test_a_stop_with_nothing_to_send_waits_for_nobody(jumping_clock: MockClock) -> None:
    async with serve() as served:
        await served.come()
        before = trio.current_time()
        await served.server.drain(5.0)
        await served.ended.wait()
        assert trio.current_time() == before


async def test_a_cancelled_server_leaves_nothing_open() -> None:
    async with serve() as served:
        client, toy = await served.come()
        served.scope.cancel()
        await served.ended.wait()
        assert (toy.ends, await hear(client, 1)) == (1, b"")
        assert served.server.statistics().connections == 0


async def test_what_is_counted() -> None:
    async with serve(Limits(connections=2)) as served:
        client, toy = await served.come()
        await served.come()
        third = await served.connect()
        assert await hear(third, 100) == b"Err: too-many-connections\n"
        await client.send_all(b"LATER 123\n")
        await until(lambda: toy.waiting == 1)
        counted = served.server.statistics()
        assert (counted.connections, counted.accepted, counted.refused) == (2, 2, 1)
        assert (counted.in_flight, counted.unsent, counted.broken) == (3, 0, 0)


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open() -> None:
    [first] = await bind("127.0.0.1", 0)
    with first, pytest.raises(OSError, match="in use"):
        await bind("127.0.0.1", first.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("1.127.0.1", False),
        ("fe80::1%eth0", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_which_peers_are_on_this_machine(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_how_addresses_are_written() -> None:
    assert written("127.0.0.1", 5) == "127.0.0.1:5"
    assert written("::1", 5) == "[::1]:5"


async def test_a_host_name_is_bound_on_all_its_addresses() -> None:
    listeners = await bind("localhost", 0)
    families = {listener.family for listener in listeners}
    for listener in listeners:
        assert is_local(listener.getsockname()[0])
        listener.close()
    assert socket.AF_INET in families or socket.AF_INET6 in families
