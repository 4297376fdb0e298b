"""The clients' methods on an engine in the same process."""

import pytest
import trio
from trio.testing import MockClock

from jobyard import calls
from jobyard.errors import Forbidden, InvalidValue, NotFound, ReservationLost, WrongState
from jobyard.job import Job, Published
from jobyard.library import Engine
from jobyard.options import NewJob
from tests.library.opening import pass_time


async def test_a_job_from_end_to_end(engine: Engine) -> None:
    async with engine.client as client:
        made = await client.publish("images", "resize", {"width": 1}, priority=-1, lease=5)
        assert made == Published(made.job)
        (job,) = await client.reserve("images", ["resize"], limit=3)
        assert (job.id, job.type, job.state, job.json()) == (
            made.job, "resize", "reserved", {"width": 1},
        )  # fmt: skip
        assert (job.priority, job.lease, job.content_type) == (-1, 5, "application/json")
        await client.started(job)
        await client.progress(job, 0.5, "half")
        await client.log(job, "a line")
        await client.touch(job)
        await client.done(job, b"\x00\xff")
        found = await client.get(made.job)
        assert (found.state, found.result, found.progress, found.note) == (
            "done", b"\x00\xff", 0.5, "half",
        )  # fmt: skip
        assert found.log is not None
        assert [line for _, line in found.log] == ["a line"]
        with pytest.raises(ReservationLost):
            await client.done(job)


async def test_bulk_fail_release_and_reset(engine: Engine) -> None:
    client = engine.client
    ids = await client.publish_many("q", [NewJob("t", str(n)) for n in range(3)])
    assert len({one.job for one in ids}) == 3
    one, two, three = await client.reserve("q", limit=3)
    await client.fail(one, "no", error_type="Boom", retry=False)
    await client.release(two)
    await client.cancel(three)
    assert [(await client.get(job)).state for job in (one, two, three)] == [
        "failed", "ready", "canceled",
    ]  # fmt: skip
    await client.reset(one)
    with pytest.raises(WrongState):
        await client.reset(one)
    await client.edit(two, priority=-5, payload="edited")
    (first,) = await client.reserve_any(["none", "q"])
    assert (first.id, first.payload) == (two.id, b"edited")
    counted = await client.counts("q")
    assert counted.states["ready"] == counted.states["reserved"] == counted.states["canceled"] == 1
    page = await client.list("q", ["canceled"])
    assert [job.id for job in page.jobs] == [three.id]


async def test_pause_resume_purge(engine: Engine) -> None:
    client = engine.client
    await client.publish("q", "t")
    await client.pause("q")
    assert await client.reserve("q") == ()
    await client.resume("q")
    assert len(await client.reserve("q")) == 1
    await client.purge("q")
    assert (await client.list("q")).jobs == ()


async def test_a_reserve_that_waits_is_answered_by_a_publish(
    engine: Engine, mock_clock: MockClock
) -> None:
    got: list[Job] = []

    async def work() -> None:
        got.extend(await engine.client.reserve("q", wait=60))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(work)
        await pass_time(mock_clock, 59)
        made = await engine.client.publish("q", "t", "now")
    assert [job.id for job in got] == [made.job]


async def test_refusals_come_in_their_families(engine: Engine) -> None:
    client = engine.client
    for wrong, family in (
        (calls.get("nobody"), NotFound),
        (calls.publish("a\nb", "t"), InvalidValue),
        (calls.publish("q", "t", unique_scope="never"), InvalidValue),
        (calls.execute("NONSENSE"), InvalidValue),
        (calls.execute("GET"), InvalidValue),
        (calls.execute("RESERVE", "q", "LIMIT", "1_000"), InvalidValue),
        (calls.execute("RESERVE", "q", "WAIT", "nan"), InvalidValue),
        (calls.subscribe("q"), Forbidden),
    ):
        with pytest.raises(family):
            await client.call(wrong)
    fine, refused = await client.call_many([calls.publish("q", "t"), calls.get("nobody")])
    assert isinstance(fine, Published)
    assert isinstance(refused, NotFound)


async def test_what_the_client_does_counts_in_the_topic_too(engine: Engine) -> None:
    await engine.client.publish("q", "t")
    await engine.client.publish_many("q", [NewJob("t"), NewJob("t")])
    await engine.client.reserve("q", limit=2)
    found = await engine.topic_stats("q")
    assert (found.pushes, found.pops) == (3, 2)
