"""What must still be true after a kill -9: ticks, delays, numbers, holds and counters."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.kill.line_client import LineClient, connected
from tests.kill.server import Server

PERIOD = 2
RETRY = 2.0
SOON = 5.0
"""Seconds on a busy machine for what should happen at once."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path, retry=RETRY)
    yield made
    made.close()


async def pushed(client: LineClient, within: float = SOON) -> dict[str, Any]:
    with trio.fail_after(within):
        return await client.pushed()


async def test_what_time_will_do_survives_a_kill(server: Server) -> None:
    await server.start()
    async with connected(server.port) as client:
        assert await client.ask("RECURRENT_JOB beat tick '@every 2s'") == "OK#1"
        assert await client.ask("RECURRENT_JOB beat yearly '0 0 1 1 *'") == "OK#2"
        assert await client.ask("SUBSCRIBE beat") == "OK"
        tick = await pushed(client, PERIOD + SOON)
        seen_at = trio.current_time()
        server.kill()
    await server.start()
    async with connected(server.port) as client:
        listed = await client.listing("LIST_JOBS beat")
        passed = (trio.current_time() - seen_at) // PERIOD + 1
        assert 1 <= len(listed) <= passed, "no tick fires twice"
        assert await client.ask("RECURRENT_JOB beat daily @daily") == "OK#3"
        assert await client.ask("SUBSCRIBE beat") == "OK"
        again = await pushed(client)
        assert again["ID"] == tick["ID"], "what the dead connection held comes back first"
        assert await client.ask(f"UPDATE_JOB {again['ID']} done") == "OK"
        later = await pushed(client, 2 * PERIOD + SOON)
        assert later["Type"] == "tick"
        assert later["ID"] != tick["ID"]


async def test_a_retry_waits_for_its_time_across_a_kill(server: Server) -> None:
    await server.start()
    async with connected(server.port) as client:
        assert (await client.ask("PUBLISH work kind payload")).startswith("OK#")
        assert await client.ask("SUBSCRIBE work") == "OK"
        job = await pushed(client)
        failed_at = trio.current_time()
        assert await client.ask(f"UPDATE_JOB {job['ID']} errored") == "OK"
        server.kill()
    await server.start()
    async with connected(server.port) as client:
        (listed,) = await client.listing("LIST_JOBS work")
        assert (listed["State"], listed["Attempts"]) == ("errored", 1)
        assert await client.ask("SUBSCRIBE work") == "OK"
        again = await pushed(client, RETRY + SOON)
        assert again["ID"] == job["ID"]
        assert trio.current_time() >= failed_at + RETRY, "never early"


async def test_counters_equal_a_recount_after_a_kill(server: Server) -> None:
    await server.start()
    async with connected(server.port) as client, connected(server.port) as worker:
        for number in range(20):
            assert (await client.ask(f"PUBLISH q{number % 3} kind {number}")).startswith("OK#")
        assert await worker.ask("SUBSCRIBE q0") == "OK"
        first = await pushed(worker)
        assert await worker.ask(f"UPDATE_JOB {first['ID']} done") == "OK"
        second = await pushed(worker)
        assert await worker.ask(f"UPDATE_JOB {second['ID']} in-progress") == "OK"
        assert (await client.ask(f"DELETE_JOB {second['ID']}")) == "OK"
        server.kill()
    await server.start()
    async with connected(server.port) as client:
        jobs = [
            job for name in ("q0", "q1", "q2") for job in await client.listing(f"LIST_JOBS {name}")
        ]
        queues = await client.listing("LIST_QUEUES")
        health = json.loads(await client.ask("HEALTH"))
        assert len(jobs) == health["NumJobs"] == 19
        assert len(queues) == health["NumQueues"] == 3
        assert health["NumWorkers"] == 0
        states = sorted(job["State"] for job in jobs)
        assert states == ["done"] + ["pending"] * 18
