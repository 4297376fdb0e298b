"""Jobs of a console's engine, made and taken without a browser."""

from typing import Any

from engine import commands as c
from engine.replies import Granted, OneJob, Published
from tests.frontends.http.pages.browser import Console


async def publish(console: Console, payload: bytes = b"p", queue: str = "q", **said: Any) -> str:
    kind = said.pop("type", "t")
    reply = await console.run(c.Publish(queue, kind, payload, c.PublishOptions(**said)))
    assert isinstance(reply, Published), reply
    return reply.job


async def take(console: Console, queue: str = "q") -> tuple[str, str]:
    """A job and its reservation."""
    granted = await console.run(c.Reserve(queue))
    assert isinstance(granted, Granted)
    job = granted.jobs[0]
    assert job.reservation is not None
    return job.id, job.reservation


async def state(console: Console, job: str) -> str:
    reply = await console.run(c.Get(job))
    assert isinstance(reply, OneJob)
    return reply.job.state.name.lower()
