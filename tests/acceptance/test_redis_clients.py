"""Clients of Redis log in, publish, read and are pushed to."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import pytest
import redis

from tests.acceptance.conftest import Connect
from tests.acceptance.served import PASSWORD, USER, Log, Server, output

CLI: Final = shutil.which("redis-cli")
needs_cli = pytest.mark.skipif(CLI is None, reason="not run: redis-cli is not installed")
PROTOCOLS: Final[tuple[list[str], ...]] = ([], ["-3"])
EVERY_BYTE: Final = bytes(range(256))


def cli(server: Server, *words: str, said: str | None = None) -> list[str]:
    """The lines that redis-cli prints."""
    login = ["--user", USER, "--pass", PASSWORD, "--no-auth-warning"]
    return output([CLI or "", "-p", str(server.port), *login, *words], said=said).splitlines()


@needs_cli
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_redis_cli_runs_one_command(
    shared: Server, connect: Connect, queue: str, protocol: list[str]
) -> None:
    (answer,) = cli(shared, *protocol, "PUBLISH", queue, "mail", "two words")
    assert answer.startswith("OK#")
    (job,) = connect().jobs(queue)
    assert (job["Type"], job["Payload"]) == ("mail", "two words")
    assert f"OK#{job['ID']}" == answer
    (listed,) = cli(shared, *protocol, "LIST_JOBS", queue)
    assert job["ID"] in listed
    assert cli(shared, *protocol, "DELETE_JOB", job["ID"]) == ["OK"]
    assert cli(shared, *protocol, "LIST_JOBS", queue) == ["null"]


@needs_cli
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_redis_cli_holds_a_conversation(
    shared: Server, connect: Connect, queue: str, protocol: list[str]
) -> None:
    said = f"PING\nPUBLISH {queue} mail 'two words'\nLIST_JOBS nowhere\nNONSENSE\nPING\n"
    heard = cli(shared, *protocol, said=said)
    assert heard[0] == "PONG"
    assert heard[1].startswith("OK#")
    assert [line.split()[0:2] for line in heard if line.startswith("ERR")] == [
        ["ERR", "unknown-queue"],
        ["ERR", "unknown-command"],
    ]
    assert [line for line in heard if line][-1] == "PONG"
    (job,) = connect().jobs(queue)
    assert job["Payload"] == "two words"


@needs_cli
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_jobs_are_pushed_to_redis_cli(
    shared: Server, connect: Connect, queue: str, protocol: list[str]
) -> None:
    words = [CLI or "", "-p", str(shared.port), "--user", USER, "--pass", PASSWORD, *protocol]
    process = subprocess.Popen(
        [*words, "--no-auth-warning", "SUBSCRIBE", queue],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    heard = Log(process.stdout)
    try:
        job = connect().publish(queue, "hello")
        heard.wait_for(lambda: f'{{"Job":{{"ID":"{job}"' in heard.text)
        assert heard.lines[0] == "OK"
    finally:
        process.kill()
        process.wait()
        heard.finish()


@needs_cli
def test_redis_cli_is_told_of_a_wrong_password(shared: Server) -> None:
    words = [CLI or "", "-p", str(shared.port), "--user", USER, "--pass", "wrong", "PING"]
    assert "ERR invalid-creds" in output(words)


def logs_in(connection: Any) -> None:
    """How version 2 logs in: its own way wants `OK` where this protocol says `Welcome!`."""
    connection.on_connect()
    connection.send_command("AUTH", USER, PASSWORD)
    assert connection.read_response() == b"Welcome!"


LOGINS: Final[dict[int, dict[str, Any]]] = {
    2: {"redis_connect_func": logs_in},
    3: {"username": USER, "password": PASSWORD},
}


@pytest.fixture(params=LOGINS)
def client(shared: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    """redis-py with its pool, untyped: its stubs speak of Redis commands only."""
    protocol: int = request.param
    made: Any = redis.Redis(port=shared.port, protocol=protocol, **LOGINS[protocol])
    with closing(made):
        yield made


@pytest.mark.parametrize("protocol", LOGINS)
def test_redis_py_logs_in_by_a_command(shared: Server, queue: str, protocol: int) -> None:
    made: Any = redis.Redis(port=shared.port, protocol=protocol, single_connection_client=True)
    with closing(made):
        with pytest.raises(redis.ResponseError, match="not-logged"):
            made.execute_command("LIST_JOBS", queue)
        made.execute_command("AUTH", USER, PASSWORD)
        assert made.execute_command("PUBLISH", queue, "mail", "hello").startswith(b"OK#")


def test_redis_py_publishes_and_reads(client: Any, connect: Connect, queue: str) -> None:
    answer = client.execute_command("PUBLISH", queue, "mail", "hello")
    assert answer.startswith(b"OK#")
    assert client.ping()
    (job,) = connect().jobs(queue)
    assert client.execute_command("LIST_JOBS", queue).count(job["ID"].encode()) == 1
    assert answer == b"OK#" + job["ID"].encode()
    with pytest.raises(redis.ResponseError, match="unknown-job"):
        client.execute_command("UPDATE_JOB", "nothing", "done")


def test_redis_py_shares_its_pool(client: Any, queue: str) -> None:
    pipeline = client.pipeline(transaction=False)
    for number in range(50):
        pipeline.execute_command("PUBLISH", queue, "mail", str(number))
    assert len(set(pipeline.execute())) == 50
    held = [client.connection_pool.get_connection() for _ in range(5)]
    for connection in held:
        connection.send_command("LIST_JOBS", queue)
    answers = {connection.read_response() for connection in held}
    for connection in held:
        client.connection_pool.release(connection)
    assert len(answers) == 1
    assert answers.pop().count(b'"ID":"') >= 50


def test_redis_py_carries_every_byte(client: Any, connect: Connect, queue: str) -> None:
    client.execute_command("PUBLISH", queue, "mail", EVERY_BYTE)
    (job,) = connect().jobs(queue)
    shown = EVERY_BYTE.decode("utf-8", "replace")
    assert job["Payload"] == shown


def test_jobs_are_pushed_to_a_redis_connection(client: Any, connect: Connect, queue: str) -> None:
    worker = client.connection_pool.get_connection()
    worker.send_command("SUBSCRIBE", queue)
    assert worker.read_response() == b"OK"
    job = connect().publish(queue, "hello")
    pushes: list[Any] = []
    if client.get_connection_kwargs()["protocol"] == 3:
        worker._parser.set_pubsub_push_handler(pushes.append)
        worker.read_response(push_request=True)
    else:
        pushes.append(worker.read_response())
    assert job.encode() in b" ".join(part for part in pushes[0] if isinstance(part, bytes))
    worker.send_command("UPDATE_JOB", job, "done")
    assert worker.read_response() == b"OK"
    worker.disconnect()
