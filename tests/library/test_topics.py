"""The examples of an in-process job library, on memory and on the durable store."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from jobyard.errors import NotFound, ReservationLost, WrongState
from jobyard.library import Engine
from jobyard.topics import HeldJob, Status
from tests.library.opening import pass_time


async def taken(engine: Engine, topic: str, limit: int = 1) -> list[bytes]:
    return [job.payload for job in await engine.reserve(topic, limit)]


async def test_equal_weights_come_in_order_of_pushing(engine: Engine) -> None:
    for number in range(12):
        await engine.enqueue("mail", str(number))
    assert await taken(engine, "mail", 12) == [b"%d" % number for number in range(12)]


async def test_lower_weights_come_first(engine: Engine) -> None:
    for weight in (5, -5, 0, -(2**15), 2**15 - 1):
        await engine.enqueue("mail", str(weight), weight)
    assert await taken(engine, "mail", 10) == [b"-32768", b"-5", b"0", b"5", b"32767"]


async def test_topics_match_exactly(engine: Engine) -> None:
    await engine.enqueue("mail-urgent", "x")
    assert await taken(engine, "mail") == []
    assert await taken(engine, "mail-urgent") == [b"x"]


@pytest.mark.parametrize("seconds", [0.9, 2.0])
async def test_a_delayed_job_waits_to_the_fraction(
    engine: Engine, mock_clock: MockClock, seconds: float
) -> None:
    job = await engine.enqueue("mail", "later", delay=seconds)
    assert await engine.status(job) is Status.DELAYED
    await pass_time(mock_clock, seconds - 0.01)
    assert await taken(engine, "mail") == []
    await pass_time(mock_clock, 0.02)
    assert await engine.status(job) is Status.READY
    assert await taken(engine, "mail") == [b"later"]


@pytest.mark.parametrize("as_datetime", [True, False])
async def test_a_job_may_be_delayed_until_an_instant(
    engine: Engine, mock_clock: MockClock, as_datetime: bool
) -> None:
    at = datetime.fromtimestamp(engine.directory.clock.now(), UTC) + timedelta(hours=1)
    until = at if as_datetime else at.timestamp()
    job = await engine.enqueue("mail", "x", delayed_until=until)
    await pass_time(mock_clock, 3_599)
    assert await engine.status(job) is Status.DELAYED
    await pass_time(mock_clock, 2)
    assert await engine.status(job) is Status.READY


async def test_reserve_up_to_ten_waits_at_most_five_seconds(
    engine: Engine, mock_clock: MockClock
) -> None:
    got: list[HeldJob] = []
    start = trio.current_time()

    async def consume() -> None:
        got.extend(await engine.reserve("mail", 10, wait=5))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await pass_time(mock_clock, 4.9)
        assert nursery.child_tasks
        await pass_time(mock_clock, 0.2)
    assert got == []
    assert trio.current_time() - start == pytest.approx(5.1)
    for number in range(12):
        await engine.enqueue("mail", str(number))
    await consume()
    assert len(got) == 10


async def test_who_waits_gets_what_comes_meanwhile(engine: Engine, mock_clock: MockClock) -> None:
    got: list[HeldJob] = []

    async def consume() -> None:
        got.extend(await engine.reserve("mail", 10, wait=5))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(consume)
        await pass_time(mock_clock, 3)
        await engine.enqueue("mail", "now", name="welcome")
    (job,) = got
    assert (job.topic, job.name, job.payload) == ("mail", "welcome", b"now")


async def test_who_stops_waiting_takes_nothing(engine: Engine, mock_clock: MockClock) -> None:
    with trio.move_on_after(3) as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(partial(engine.reserve, "mail", 10, wait=60))
            await pass_time(mock_clock, 3)
    assert scope.cancelled_caught
    job = await engine.enqueue("mail", "still here")
    assert await engine.status(job) is Status.READY
    assert await taken(engine, "mail") == [b"still here"]


async def test_done_once(engine: Engine) -> None:
    job_id = await engine.enqueue("mail", "x")
    (job,) = await engine.reserve("mail")
    assert await engine.status(job_id) is Status.RESERVED
    await job.log("halfway")
    await job.done({"sent": 1})
    view = await engine.job(job_id)
    assert view.details is not None
    assert view.details.result == b'{"sent":1}'
    assert [line for _, line in view.details.log] == ["halfway"]
    for again in (job.done, job.retry, job.cancel, job.release, job.touch):
        with pytest.raises(ReservationLost):
            await again()
    assert await engine.status(job_id) is Status.DONE


async def test_retry_counts_and_comes_back_after_its_delay(
    engine: Engine, mock_clock: MockClock
) -> None:
    job_id = await engine.enqueue("mail", "x")
    (job,) = await engine.reserve("mail")
    await job.retry(delay=2)
    assert await engine.status(job_id) is Status.DELAYED
    await pass_time(mock_clock, 2.01)
    (job,) = await engine.reserve("mail")
    assert job.id == job_id
    assert job.view.failures == 1


async def test_the_backoff_grows_to_its_cap_and_stays_there(
    engine: Engine, mock_clock: MockClock
) -> None:
    growing = {"min": 1, "max": 4, "factor": 2, "jitter": 0}
    await engine.enqueue("mail", "x", backoff=growing)
    waits = []
    for _ in range(5):
        (job,) = await engine.reserve("mail")
        await job.retry()
        view = await engine.job(job.id)
        waits.append(round(view.ready_at - engine.directory.clock.now(), 3))
        await pass_time(mock_clock, 4.01)
    assert waits == [1, 2, 4, 4, 4]


async def test_a_retry_past_the_last_attempt_ends_in_canceled(engine: Engine) -> None:
    job_id = await engine.enqueue("mail", "x", retries=2)
    for left in (2, 1, 0):
        (job,) = await engine.reserve("mail")
        await job.retry(delay=0, error=f"{left} left")
    assert await engine.status(job_id) is Status.CANCELED
    assert await taken(engine, "mail") == []


async def test_a_reservation_ends_with_its_timeout(engine: Engine, mock_clock: MockClock) -> None:
    await engine.enqueue("mail", "x", timeout=10)
    (first,) = await engine.reserve("mail")
    await pass_time(mock_clock, 9)
    await first.touch()
    await pass_time(mock_clock, 9)
    assert await taken(engine, "mail") == []
    await pass_time(mock_clock, 2)
    (second,) = await engine.reserve("mail")
    with pytest.raises(ReservationLost):
        await first.done()
    await second.done()


async def test_cancel_by_the_holder_and_by_id(engine: Engine) -> None:
    held, waiting = [await engine.enqueue("mail", "x") for _ in range(2)]
    (job,) = await engine.reserve("mail")
    await job.cancel("no such address")
    await engine.cancel(waiting)
    assert [await engine.status(one) for one in (held, waiting)] == [Status.CANCELED] * 2
    with pytest.raises(WrongState):
        await engine.cancel(waiting)


async def test_what_waits_too_long_is_canceled(engine: Engine, mock_clock: MockClock) -> None:
    job = await engine.enqueue("mail", "x", expires=5)
    await pass_time(mock_clock, 5.01)
    assert await engine.status(job) is Status.CANCELED
    assert await taken(engine, "mail") == []


async def test_reset_of_a_ready_job_is_refused_and_of_a_canceled_one_is_not(engine: Engine) -> None:
    job = await engine.enqueue("mail", "x")
    with pytest.raises(WrongState):
        await engine.reset(job)
    assert await taken(engine, "mail", 10) == [b"x"]
    await engine.cancel(job)
    await engine.reset(job)
    assert await taken(engine, "mail", 10) == [b"x"]


async def test_a_job_given_back_does_not_count(engine: Engine) -> None:
    job_id = await engine.enqueue("mail", "x", retries=0)
    (job,) = await engine.reserve("mail")
    await job.release()
    (job,) = await engine.reserve("mail")
    await job.done()
    assert await engine.status(job_id) is Status.DONE


async def test_find_by_status(engine: Engine) -> None:
    made = {}
    for topic in ("mail", "video"):
        for state in ("done", "canceled", "reserved"):
            made[topic, state] = await engine.enqueue(topic, state)
        done, canceled, _ = await engine.reserve(topic, 3)
        await done.done()
        await canceled.cancel()
        made[topic, "delayed"] = await engine.enqueue(topic, "x", delay=9)
        made[topic, "ready"] = await engine.enqueue(topic, "x")
    for status in Status:
        mail, video = made["mail", status.lower()], made["video", status.lower()]
        assert await engine.find_by_status(status) == [mail, video]
        assert await engine.find_by_status(status, "video") == [video]
        assert await engine.find_by_status(status, limit=1) == [mail]
    assert await engine.topics() == ["mail", "video"]


async def test_what_is_not_there_is_not_found(engine: Engine) -> None:
    for asked in (
        engine.status("nobody"),
        engine.reset("nobody"),
        engine.topic_stats("nowhere"),
        engine.find_by_status(Status.READY, "nowhere"),
    ):
        with pytest.raises(NotFound):
            await asked
