from collections.abc import Iterator

import anyio
import pytest
from anyio import to_thread

from jobyard.client import Client
from jobyard.dialing import Backoff
from jobyard.pushes import Canceled
from tests.clients.loops import both_loops, under
from tests.clients.yard import Yard

SOON = Backoff(0.001, 0.002)


@pytest.fixture
def yard() -> Iterator[Yard]:
    with Yard() as yard:
        yield yard


@both_loops
def test_jobs_are_pushed_also_over_the_next_connection(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with (
            Client(yard.url, backoff=SOON) as client,
            client.subscribe("mail", credit=2) as jobs,
        ):
            await client.publish("mail", "hi", "one")
            first = await anext(jobs)
            await client.done(first)
            subscribed = yard.heard["SUBSCRIBE_PUSH"]
            yard.cut()
            await to_thread.run_sync(
                yard.wait_for, lambda: yard.heard["SUBSCRIBE_PUSH"] > subscribed
            )
            await client.publish("mail", "hi", "two")
            async for second in jobs:
                assert second.payload == b"two"
                await client.done(second)
                break
        assert [job["state"] for job in yard.jobs.values()] == ["done", "done"]

    under(loop, body)


@both_loops
def test_a_holder_hears_of_a_cancellation(yard: Yard, loop: str) -> None:
    async def body() -> None:
        async with Client(yard.url) as client, client.subscribe("mail") as jobs:
            heard = anyio.Event()
            said: list[Canceled] = []

            def hear(canceled: Canceled) -> None:
                said.append(canceled)
                heard.set()

            jobs.on_cancel = hear
            await client.publish("mail", "hi")
            job = await anext(jobs)
            await client.cancel(job)
            await heard.wait()
            assert said == [Canceled(job.id, job.reservation or "")]
            await client.release(job)
            assert (await client.get(job)).state == "canceled"

    under(loop, body)
