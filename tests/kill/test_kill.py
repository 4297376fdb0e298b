"""The real server is killed under load, started again, and what its clients saw is judged."""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from jobyard.soak.history import Remaining, judge
from tests.kill.forks import ForkingServer
from tests.kill.line_client import connected
from tests.kill.load import QUEUE, Load
from tests.kill.server import Server

KILLS = int(os.environ.get("JOBYARD_KILLS", "100"))
WHOLE_WITHIN = 120.0
QUIET = 10.0
"""Seconds after which a server is killed even when less happened than wanted."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.close()


async def remaining(port: int) -> list[Remaining]:
    async with connected(port) as client:
        jobs = await client.listing(f"LIST_JOBS {QUEUE}")
        health = json.loads(await client.ask("HEALTH"))
    assert health["NumJobs"] == len(jobs), "counters equal a recount"
    return [Remaining(job["Payload"], job["ID"], job["State"]) for job in jobs]


async def run(server: Server, kills: int, seed: int, most: int = 200) -> Load:
    """Kill so many times, after up to `most` events each; then let the workers finish."""
    load = Load(server.port, seed)
    chance = random.Random(seed)
    await server.start()
    async with trio.open_nursery() as workers:
        for _ in range(4):
            workers.start_soon(load.work)
        async with trio.open_nursery() as publishers:
            for _ in range(3):
                publishers.start_soon(load.publish, most // 5 * kills)
            for _ in range(kills):
                with trio.move_on_after(QUIET):
                    await load.until(len(load.events) + chance.randrange(most // 10, most))
                load.kill(server.kill)
                await server.start()
        with trio.fail_after(WHOLE_WITHIN):
            while True:
                seen = len(load.events)
                left = sum(one.state != "done" for one in await remaining(server.port))
                if not left:
                    break
                await load.until(seen + left)  # at least one more of each before it is done
        workers.cancel_scope.cancel()
    return load


async def assert_kept(server: Server, kills: int, seed: int) -> None:
    load = await run(server, kills, seed)
    left = await remaining(server.port)
    assert judge(load.events, left) == []
    assert load.done <= {one.job for one in left}
    assert load.published > 10 * kills, "the run was long enough to mean something"
    assert server.kills == kills


async def test_nothing_is_lost_over_a_few_kills(server: Server) -> None:
    await assert_kept(server, kills=3, seed=1)


async def test_a_fork_is_killed_like_any_server(tmp_path: Path) -> None:
    forking = ForkingServer(tmp_path)
    try:
        await assert_kept(forking, kills=3, seed=2)
    finally:
        forking.close()


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(max(1, KILLS // 20)))
async def test_nothing_is_lost_over_many_kills(server: Server, seed: int) -> None:
    await assert_kept(server, kills=20, seed=seed)
