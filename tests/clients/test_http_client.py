"""The HTTP clients on real connections: lost ones, refused ones, encrypted ones, and secrets."""

import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import anyio
import pytest
import trustme
from anyio import to_thread

from jobyard import BlockingHttpClient, HttpClient
from jobyard.dialing import Backoff
from jobyard.errors import (
    ConnectionLost,
    LoginRefused,
    NotFound,
    NotOverHttp,
    ProtocolError,
    Unreachable,
)  # fmt: skip
from tests.acceptance.served import GROUP, Server, settings
from tests.clients.kinds import KINDS, http_url, run
from tests.clients.loops import both_loops, under
from tests.clients.web_yard import LOST, NEVER, PASSWORD, Said, WebYard, problem
from tests.clients.yard import Yard

SOON: Final = Backoff(0.001, 0.002)
MADE: Final = Said(201, {"job": "j", "existing": False})
DONE: Final = Said(204)
OVER_HTTP: Final = [kind for kind in KINDS if kind.startswith("http")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("web"), settings(http={"port": 0, "wait": 0.1})).start()
    yield served
    served.close()


@both_loops
def test_a_publish_whose_answer_was_lost_counts_once(loop: str) -> None:
    async def body() -> None:
        with WebYard(LOST, LOST, MADE) as yard:
            async with HttpClient(yard.url, backoff=SOON) as client:
                assert (await client.publish("q", "t")).job == "j"
            keys = [asked.headers["idempotency-key"] for asked in yard.asked]
            assert len(keys) == 3
            assert len(set(keys)) == 1

    under(loop, body)


def test_the_same_of_the_client_that_blocks() -> None:
    with WebYard(LOST, problem(429, "try-later", retry_after="0"), MADE, LOST) as yard:
        with BlockingHttpClient(yard.url, backoff=SOON) as client:
            assert client.publish("q", "t").job == "j"
            with pytest.raises(ConnectionLost):
                client.cancel("j")
        assert len({asked.headers.get("idempotency-key") for asked in yard.asked}) == 2


@both_loops
def test_a_change_whose_answer_was_lost_is_not_repeated(loop: str) -> None:
    async def body() -> None:
        with WebYard(LOST, DONE) as yard:
            async with HttpClient(yard.url, backoff=SOON) as client:
                with pytest.raises(ConnectionLost) as lost:
                    await client.cancel("j")
                assert PASSWORD not in f"{lost.value} {lost.value!r} {lost.value.__cause__!r}"
                await client.cancel("j")

    under(loop, body)


@both_loops
def test_nobody_there_is_told_at_once_by_entering(loop: str) -> None:
    async def body() -> None:
        with WebYard() as yard:
            url = yard.url
            yard.groups = LOST
            with pytest.raises(Unreachable):
                async with HttpClient(url):
                    raise AssertionError
        with pytest.raises(Unreachable) as caught:
            async with HttpClient(url):
                raise AssertionError
        assert PASSWORD not in str(caught.value)

    under(loop, body)


def test_the_same_of_the_one_that_blocks_and_later_within_patience() -> None:
    with WebYard() as yard:
        url = yard.url
    with pytest.raises(Unreachable), BlockingHttpClient(url):
        raise AssertionError
    client = BlockingHttpClient(url, patience=0.01, backoff=SOON)
    with pytest.raises(Unreachable):
        client.get("j")
    client.close()


@pytest.mark.parametrize(
    "answer", [Said(200, b"<html>"), Said(404, b"<html>"), Said(200, {"groups": 1})]
)
def test_another_server_is_no_server(answer: Said) -> None:
    with WebYard() as yard:
        yard.groups = answer
        with pytest.raises(ProtocolError), BlockingHttpClient(yard.url):
            raise AssertionError


def test_a_wrong_password_and_a_group_that_is_not_ours(server: Server) -> None:
    for url, kind in (
        (http_url(server).replace("ada:", "eve:"), LoginRefused),
        (http_url(server).replace("enchantress", "wrong"), LoginRefused),
        (http_url(server).replace("ada:enchantress@", ""), LoginRefused),
        (http_url(server, "elsewhere"), NotFound),
    ):
        with pytest.raises(kind), BlockingHttpClient(url):
            raise AssertionError
    with BlockingHttpClient(http_url(server).partition("?")[0]) as client:
        assert client.publish("q", "t").job


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_a_wait_is_longer_than_one_request_may_be(server: Server, kind: str) -> None:
    """This server answers after a tenth of a second at the latest."""

    async def body(client: Any) -> None:
        queue = f"waits-{kind}"
        assert await client.reserve(queue, wait=0.15) == ()
        async with anyio.create_task_group() as tasks:

            async def work() -> None:
                [job] = await client.reserve(queue, wait=9)
                await client.done(job.id, "by its id")

            tasks.start_soon(work)
            made = await client.publish(queue, "t")
            over = await client.wait(made.job, 9)
        assert (over.state, over.result) == ("done", b"by its id")
        held = await client.publish(queue, "t")
        assert (await client.wait(held.job, 0.15)).state == "ready"

    run(kind, server, body)


@both_loops
def test_a_reserve_that_is_given_up_leaves_its_connection(loop: str) -> None:
    async def body() -> None:
        with WebYard(NEVER, Said(200, {"jobs": []})) as yard:
            async with HttpClient(yard.url) as client:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(lambda: client.reserve("q", wait=60))
                    assert await to_thread.run_sync(yard.came.wait, 9)
                    tasks.cancel_scope.cancel()
                assert await to_thread.run_sync(yard.left.wait, 9)
                assert await client.reserve("q") == ()

    under(loop, body)


@both_loops
def test_what_happens_is_heard(server: Server, loop: str) -> None:
    async def body() -> None:
        async with HttpClient(http_url(server)) as client:
            queue = f"heard-{loop}"
            async with client.events([queue], whats=["published", "done"]) as events:
                made = await client.publish(queue, "t")
                [job] = await client.reserve(queue)
                await client.done(job)
                first, second = [await anext(events) for _ in range(2)]
            assert [first.what, second.what] == ["published", "done"]
            assert (second.job, second.after, second.group) == (made.job, "done", GROUP)
            async with client.events([queue], whats=["done"], after=first.id) as events:
                assert await anext(events) == second
            async with client.events([queue], after="0-0") as events:
                assert (await anext(events)).what == "gap"

    under(loop, body)


@pytest.fixture(scope="module")
def tls() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server, and of those who know its authority."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return context, trust


def test_tls_takes_a_certificate_that_is_known(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    context, trust = tls
    with WebYard(MADE, tls=context) as yard:
        with pytest.raises(Unreachable), BlockingHttpClient(yard.url):
            raise AssertionError
        with BlockingHttpClient(yard.url, ssl_context=trust) as client:
            assert client.publish("q", "t").job == "j"


@both_loops
def test_tls_in_a_loop(tls: tuple[ssl.SSLContext, ssl.SSLContext], loop: str) -> None:
    context, trust = tls

    async def body() -> None:
        with WebYard(MADE, tls=context) as yard:
            with pytest.raises(Unreachable):
                async with HttpClient(yard.url):
                    raise AssertionError
            async with HttpClient(yard.url, ssl_context=trust) as client:
                assert (await client.publish("q", "t")).job == "j"

    under(loop, body)


@both_loops
def test_nothing_is_pushed(loop: str) -> None:
    async def body() -> None:
        with WebYard() as yard:
            async with HttpClient(yard.url) as client:
                with pytest.raises(NotOverHttp, match="reserve"):
                    client.subscribe("q")

    under(loop, body)


def test_users_of_lines_load_no_http() -> None:
    program = """
import asyncio, sys, jobyard
from jobyard import BlockingClient, Client, Worker
async def main():
    async with jobyard.Client(sys.argv[1]) as client:
        await client.publish("mail", "hi")
asyncio.run(main())
print(*sys.modules)
"""
    with Yard() as yard:
        loaded = subprocess.run(
            [sys.executable, "-c", program, yard.url],
            capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)},
        ).stdout.split()  # fmt: skip
    assert "jobyard.client" in loaded
    assert not {"httpx", "httpcore", "jobyard.http", "trio"} & set(loaded)
