"""arq: one worker on asyncio with a hundred jobs at a time; no results are kept."""
# The peers live in an environment of their own, where no type is checked.
# mypy: ignore-errors

import asyncio
from functools import cache

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

from tests.benchmarks.peers.tally import PORT, worked

SILENT = {"version": 1, "disable_existing_loggers": True}
SERVER = RedisSettings(host="127.0.0.1", port=PORT)


async def no_op(context: dict[str, object], payload: str) -> None:
    """Do nothing."""
    worked()


class Settings:
    """What the worker is started with."""

    functions = (no_op,)
    redis_settings = SERVER
    keep_result = 0
    max_jobs = 100
    poll_delay = 0.01


@cache
def _pool() -> tuple[asyncio.Runner, ArqRedis]:
    loop = asyncio.Runner()
    return loop, loop.run(create_pool(SERVER))


def send(payload: str) -> int:
    """Enqueue one."""
    loop, pool = _pool()
    loop.run(pool.enqueue_job("no_op", payload))
    return 1
