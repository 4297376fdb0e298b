"""Clients of Redis use native words: log in, enqueue, reserve, finish."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.acceptance.served import PASSWORD, USER, Server
from tests.acceptance.test_redis_clients import EVERY_BYTE, LOGINS, PROTOCOLS, cli, needs_cli


@pytest.fixture(params=LOGINS)
def client(shared: Server, request: pytest.FixtureRequest) -> Iterator[Any]:
    protocol: int = request.param
    made: Any = redis.Redis(port=shared.port, protocol=protocol, **LOGINS[protocol])
    with closing(made):
        yield made


def pairs(reply: Any) -> dict[bytes, Any]:
    """A map, which version 2 gives as a list."""
    return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))


def test_redis_py_works_a_job_off(client: Any, queue: str) -> None:
    say = client.execute_command
    job = pairs(say("ENQUEUE", queue, "mail", EVERY_BYTE, "PRIORITY", 3, "LEASE", 5.5))[b"job"]
    (held,) = pairs(say("RESERVE", queue, "WAIT", 5))[b"jobs"]
    view = pairs(held)
    assert (view[b"id"], view[b"payload"], view[b"priority"]) == (job, EVERY_BYTE, 3)
    held_as = ("RESERVATION", view[b"reservation"])
    assert say("DONE", job, "RESULT", EVERY_BYTE, *held_as) == b"OK"
    over = pairs(pairs(say("GET", job))[b"job"])
    assert (over[b"state"], over[b"result"]) == (b"done", EVERY_BYTE)
    with pytest.raises(redis.ResponseError, match="reservation-lost"):
        say("DONE", job, *held_as)
    with pytest.raises(redis.ResponseError, match="invalid-value"):
        say("ENQUEUE", queue, "mail", "p", "PRIORITY", "1_000")


def test_redis_py_shares_its_pool_for_native_words(client: Any, queue: str) -> None:
    pipeline = client.pipeline(transaction=False)
    for number in range(50):
        pipeline.execute_command("ENQUEUE", queue, "mail", str(number))
    made = [pairs(reply)[b"job"] for reply in pipeline.execute()]
    held = pairs(client.execute_command("RESERVE", queue, "LIMIT", 50))[b"jobs"]
    assert [pairs(view)[b"id"] for view in held] == made
    for job in made:
        pipeline.execute_command("DONE", job)
    assert pipeline.execute() == [b"OK"] * 50


@needs_cli
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_redis_cli_works_a_job_off(shared: Server, queue: str, protocol: list[str]) -> None:
    made = cli(shared, *protocol, "ENQUEUE", queue, "mail", "two words", "PRIORITY", "3")
    job = made[1] if not protocol else made[0].split()[1].strip('"')
    said = f"RESERVE {queue}\nDONE {job} RESULT fine\nGET {job}\n"
    heard = cli(shared, *protocol, said=said)
    assert heard.count("OK") == 1
    shown = "\n".join(heard)
    assert "two words" in shown
    assert shown.index("reserved") < shown.index("done") < shown.rindex("fine")


@needs_cli
def test_redis_cli_is_told_what_was_wrong(shared: Server, queue: str) -> None:
    (line, *_) = cli(shared, "ENQUEUE", queue, "mail", "p", "PRIORITY", "high")
    assert line == "ERR invalid-value PRIORITY: is no whole number"


def native(server: Server) -> Any:
    made: Any = redis.Redis(port=server.port, protocol=3, username=USER, password=PASSWORD)
    return made


def test_a_kill_of_the_server_loses_no_hold_and_no_checkpoint(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        server.start()
        with closing(native(server)) as client:
            say = client.execute_command
            jobs = [pairs(say("ENQUEUE", "q", "t", str(n)))[b"job"] for n in range(3)]
            held = pairs(say("RESERVE", "q", "LIMIT", 2))[b"jobs"]
            names = [pairs(view)[b"reservation"] for view in held]
            assert say("CHECKPOINT", jobs[1], EVERY_BYTE) == b"OK"
            assert say("DRAIN", "q") == b"OK"
            server.kill()
        server.start()
        with closing(native(server)) as client:
            say = client.execute_command
            (other,) = pairs(say("RESERVE", "q", "LIMIT", 3))[b"jobs"]
            assert pairs(other)[b"id"] == jobs[2]
            assert say("DONE", jobs[0], "RESERVATION", names[0]) == b"OK"
            assert say("RELEASE", jobs[1], "RESERVATION", names[1]) == b"OK"
            (again,) = pairs(say("RESERVE", "q"))[b"jobs"]
            assert (pairs(again)[b"id"], pairs(again)[b"checkpoint"]) == (jobs[1], EVERY_BYTE)
            assert (pairs(again)[b"disconnects"], pairs(again)[b"releases"]) == (0, 1)
            with pytest.raises(redis.ResponseError, match="draining"):
                say("ENQUEUE", "q", "t", "new")
        server.stop()
    finally:
        server.close()
