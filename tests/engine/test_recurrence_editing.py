"""Declaring a recurrence again: what is not said stays, and lists show what there is to edit."""

from engine.commands import DropRecurrence, ListRecurrences, RunRecurrence, SetRecurrence
from engine.directory import Directory
from engine.queue_state.view import SHOWN_PAYLOAD
from engine.replies import RecurrenceView
from engine.testing import memory_engine
from tests.support.desk import ask, reserve


async def only(engine: Directory) -> RecurrenceView:
    """The one recurrence of the queue."""
    (found,) = (await ask(engine, ListRecurrences("q"))).recurrences
    assert isinstance(found, RecurrenceView)
    return found


async def test_a_payload_that_is_not_said_stays() -> None:
    async with memory_engine() as engine:
        await ask(engine, SetRecurrence("q", "t", "@hourly", b"tick"))
        await ask(engine, SetRecurrence("q", "t", "@daily", None, seconds=False))
        found = await only(engine)
        assert (found.cron, found.payload, found.seconds) == ("@daily", b"tick", False)
        await ask(engine, RunRecurrence("q", found.number))
        (job,) = await reserve(engine)
        assert job.payload == b"tick"
        await ask(engine, SetRecurrence("q", "t", "@daily"))
        assert (await only(engine)).payload == b""


async def test_a_new_one_has_no_payload_to_keep() -> None:
    async with memory_engine() as engine:
        await ask(engine, SetRecurrence("q", "t", "@hourly", None, once_now=True))
        found = await only(engine)
        assert (found.payload, found.fires) == (b"", False)


async def test_a_long_payload_is_not_listed_and_kept_all_the_same() -> None:
    async with memory_engine() as engine:
        long = b"x" * (SHOWN_PAYLOAD + 1)
        await ask(engine, SetRecurrence("q", "t", "@hourly", long[1:]))
        found = await only(engine)
        assert found.payload == long[1:]
        await ask(engine, DropRecurrence("q", found.number))
        await ask(engine, SetRecurrence("q", "t", "@hourly", long))
        found = await only(engine)
        assert found.payload is None
        await ask(engine, RunRecurrence("q", found.number))
        (job,) = await reserve(engine)
        assert job.payload == long
