import ssl
import subprocess
import sys
from collections.abc import Iterator

import anyio
import pytest
import trustme
from anyio import to_thread

from jobyard import calls
from jobyard.client import Client
from jobyard.dialing import Backoff
from jobyard.errors import (
    ConnectionLost,
    Forbidden,
    LoginRefused,
    NotFound,
    ProtocolError,
    Refusal,
    ReservationLost,
    Unreachable,
)  # fmt: skip
from jobyard.options import NewJob
from tests.clients.loops import both_loops, under
from tests.clients.yard import Line, Yard

SOON = Backoff(0.001, 0.002)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


@both_loops
def test_a_job_goes_through_its_life(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url) as client:
            published = await client.publish("mail", "hi", "Ada")
            [job] = await client.reserve("mail", wait=1)
            assert (job.id, job.payload) == (published.job, b"Ada")
            await client.touch(job)
            await client.done(job, {"sent": True})
            over = await client.wait(job.id)
            assert (over.state, over.result) == ("done", b'{"sent":true}')
            with pytest.raises(ReservationLost):
                await client.done(job)
            with pytest.raises(NotFound):
                await client.get("nothing")

    under(loop, body)


@both_loops
def test_calls_of_many_tasks_share_one_connection(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url) as client:
            found: dict[int, bytes | None] = {}

            async def one(number: int) -> None:
                made = await client.publish("mail", "hi", str(number))
                found[number] = (await client.get(made.job)).payload

            async with anyio.create_task_group() as tasks:
                for number in range(100):
                    tasks.start_soon(one, number)
            assert found == {number: str(number).encode() for number in range(100)}
            assert yard.heard["HELLO"] == 1

    under(loop, body)


@both_loops
def test_many_go_out_together(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url) as client:
            ids = await client.publish_many("mail", [NewJob("hi", str(n)) for n in range(500)])
            asked = [calls.get(each.job) for each in ids]
            told = await client.call_many([*asked[:300], calls.get("none"), *asked[300:]])
            assert isinstance(told[300], NotFound)
            got = [job.payload for job in told if not isinstance(job, Refusal)]
            assert got == [str(n).encode() for n in range(500)]

    under(loop, body)


@both_loops
def test_a_call_that_waits_holds_nothing_up(yard: Yard, loop: str) -> None:
    async def body() -> None:
        answered = anyio.Event()
        waiting: list[Line] = []

        def park(line: Line, _: list[bytes]) -> bytes:
            waiting.append(line)
            return b""

        yard.scripts["WAIT"] = park
        async with Client(yard.url) as client:

            async def wait() -> None:
                with pytest.raises(NotFound):
                    await client.wait("job-1", 5)
                answered.set()

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(wait)
                await to_thread.run_sync(yard.wait_for, lambda: bool(waiting))
                assert (await client.counts("mail")).paused is False
                assert not answered.is_set()
                waiting[0].send(b"-ERR unknown-job it is gone\r\n")
            assert answered.is_set()

    under(loop, body)


@both_loops
def test_jobs_for_somebody_who_left_go_back(yard: Yard, loop: str) -> None:
    async def body() -> None:
        parked: list[tuple[Line, list[bytes]]] = []

        def park(line: Line, words: list[bytes]) -> bytes:
            parked.append((line, words))
            return b""

        yard.scripts["RESERVE"] = park
        async with Client(yard.url) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.reserve, "mail")
                await to_thread.run_sync(yard.wait_for, lambda: bool(parked))
                tasks.cancel_scope.cancel()
            del yard.scripts["RESERVE"]
            job = yard.publish("mail", "hi")
            with yard.changed:
                line, words = parked[0]
                line.send(yard.answer(line, words))
            await to_thread.run_sync(yard.wait_for, lambda: bool(yard.notes))
            assert yard.notes == [(job, "RELEASE", b"RESERVATION")]
            [again] = await client.reserve("mail")
            assert again.id == job
            assert yard.heard["HELLO"] == 2

    under(loop, body)


@both_loops
def test_a_cut_connection_comes_back_and_nothing_is_lost(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url, backoff=SOON) as client:
            made = await client.publish("mail", "hi")
            [job] = await client.reserve("mail")
            assert yard.cut() == 2
            await client.done(job, "sent")
            assert (await client.get(made.job)).result == b"sent"

    under(loop, body)


@both_loops
def test_what_may_have_been_done_is_not_said_again(yard: Yard, loop: str) -> None:
    def cut(line: Line, _: list[bytes]) -> bytes:
        line.plain.shutdown(2)
        return b""

    async def body() -> None:
        yard.scripts["PURGE"] = cut
        async with Client(yard.url, backoff=SOON) as client:
            with pytest.raises(ConnectionLost):
                await client.purge("mail")
            assert (await client.counts("mail")).paused is False
        assert yard.heard["PURGE"] == 1

    under(loop, body)


@both_loops
def test_who_cannot_connect_is_told_at_once(yard: Yard, loop: str) -> None:
    async def body() -> None:
        with pytest.raises(LoginRefused):
            async with Client(yard.url.replace("secret", "guess")):
                pass
        yard.__exit__()
        with pytest.raises(Unreachable) as caught:
            async with Client(yard.url):
                pass
        assert "secret" not in str(caught.value)

    under(loop, body)


@both_loops
def test_a_call_waits_only_so_long_for_a_connection(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url, backoff=SOON, patience=0.05) as client:
            yard.__exit__()
            with pytest.raises(Unreachable):
                await client.counts("mail")

    under(loop, body)


@both_loops
def test_a_call_that_waits_also_waits_for_a_connection(yard: Yard, loop: str) -> None:
    async def body() -> None:
        refused = iter([b"-ERR stopping the server is stopping\r\n"] * 2)
        async with Client(yard.url, backoff=SOON) as client:
            yard.scripts["USE_GROUP"] = lambda *_: next(refused, b"+OK\r\n")
            assert await client.reserve("mail") == ()
            yard.scripts["USE_GROUP"] = lambda *_: b"-ERR forbidden-group not any more\r\n"
            yard.cut()
            for call in (calls.reserve("mail"), calls.wait("job-1")):
                with pytest.raises(Forbidden):
                    await client.call(call)

    under(loop, body)


@both_loops
def test_jobs_taken_are_ended_where_they_were_taken(yard: Yard, loop: str) -> None:
    async def body() -> None:
        ids = [yard.publish("mail", "hi") for _ in range(3)]
        async with Client(yard.url) as client:
            jobs = [job for _ in range(3) for job in await client.reserve("mail")]
            assert len(yard.lines) == 4
            yard.jobs[ids[0]]["reservation"] = "1-999"
            with pytest.raises(ReservationLost):
                await client.done(jobs[0])
            for job in jobs[1:]:
                await client.done(job)
            assert await client.reserve("mail") == ()
            assert len(yard.lines) == 4

    under(loop, body)


@both_loops
def test_what_the_block_raises_comes_out_as_it_is(yard: Yard, loop: str) -> None:
    async def body() -> None:
        with pytest.raises(KeyError, match="mine"):
            async with Client(yard.url) as client, client.subscribe("mail"):
                raise KeyError("mine")
        with anyio.move_on_after(0.01) as scope:
            async with Client(yard.url):
                await anyio.sleep_forever()
        assert scope.cancelled_caught

    under(loop, body)


@both_loops
def test_a_server_that_talks_nonsense_is_left(yard: Yard, loop: str) -> None:
    async def body() -> None:
        yard.scripts["PURGE"] = lambda *_: b"HTTP/1.1 400\r\n"
        yard.scripts["COUNTS"] = lambda *_: b"+odd\r\n"
        async with Client(yard.url, backoff=SOON) as client:
            with pytest.raises(ConnectionLost):
                await client.purge("mail")
            with pytest.raises(ProtocolError):
                await client.counts("mail")
            assert (await client.publish("mail", "hi")).job

    under(loop, body)


@both_loops
def test_tls_checks_who_answers(loop: str) -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def body() -> None:
        with Yard(tls=serving) as yard:
            async with Client(yard.url, ssl_context=trusting) as client:
                assert (await client.publish("mail", "hi")).job
            with pytest.raises(Unreachable):
                async with Client(yard.url):
                    pass

    under(loop, body)


def test_asyncio_users_load_no_trio(yard: Yard) -> None:
    program = f"""
import asyncio, sys, jobyard
async def main():
    async with jobyard.Client({yard.url!r}) as client:
        await client.publish("mail", "hi")
asyncio.run(main())
print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert "asyncio" in loaded
    assert not loaded & {"trio", "apsw", "redis"}
