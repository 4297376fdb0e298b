"""Declaring a recurrence again: what is not said stays, and lists show what there is to edit."""

import trio
from trio.testing import MockClock

from engine.commands import (
    Counts,
    DropRecurrence,
    ListRecurrences,
    PauseRecurrence,
    RunRecurrence,
    SetRecurrence,
)
from engine.directory import Directory
from engine.job import JobState
from engine.queue_state.view import SHOWN_PAYLOAD
from engine.replies import RecurrenceView
from engine.testing import START, memory_engine
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


async def test_long_payloads_are_shown_to_who_asks_for_them() -> None:
    async with memory_engine() as engine:
        long = b"x" * (SHOWN_PAYLOAD + 1)
        await ask(engine, SetRecurrence("q", "t", "@hourly", long))
        (found,) = (await ask(engine, ListRecurrences("q", whole=True))).recurrences
        assert found.payload == long


async def test_one_that_was_declared_elsewhere_goes_on(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        declared = START - 1_000.0
        await ask(engine, SetRecurrence(
            "q", "t", "@every 300s", missed="once", since=declared, last_tick=START - 100.0,
        ))  # fmt: skip
        found = await only(engine)
        assert (found.since, found.last_tick) == (declared, START - 100.0)
        assert found.next_tick == START + 200.0
        await ask(engine, SetRecurrence("q", "t", "@every 300s", last_tick=START - 900.0))
        assert (await only(engine)).last_tick == START - 100.0
        await trio.sleep(199.0)
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 0
        await trio.sleep(2.0)
        assert (await ask(engine, Counts("q"))).states[JobState.READY] == 1


async def test_what_was_missed_on_the_way_is_made_up_for_once(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        for missed in ("once", "skip"):
            await ask(engine, SetRecurrence(
                missed, missed, "@every 300s", missed=missed,
                since=START - 1_000.0, last_tick=START - 700.0,
            ))  # fmt: skip
        await trio.sleep(1.0)
        assert (await ask(engine, Counts("once"))).states[JobState.READY] == 1
        assert (await ask(engine, Counts("skip"))).states[JobState.READY] == 0


async def test_one_comes_paused_and_one_that_made_its_job_makes_no_other(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        await ask(engine, SetRecurrence("q", "t", "@every 1s", paused=True))
        await ask(engine, SetRecurrence("q", "once", "@every 1s", once_now=True, since=START))
        await trio.sleep(10.0)
        assert (await ask(engine, Counts("q"))).published == 0
        paused, made = (await ask(engine, ListRecurrences("q"))).recurrences
        assert (paused.paused, made.paused, made.fires) == (True, False, False)
        await ask(engine, SetRecurrence("q", "t", "@every 1s"))
        assert (await ask(engine, ListRecurrences("q"))).recurrences[0].paused
        await ask(engine, SetRecurrence("q", "t", "@every 1s", paused=False))
        await trio.sleep(0.5)
        assert (await ask(engine, Counts("q"))).published == 0
        await trio.sleep(1.0)
        assert (await ask(engine, Counts("q"))).published == 1


async def test_what_passed_in_a_pause_is_not_made_up_for(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, SetRecurrence("q", "t", "@every 10s", missed="once"))
        found = await only(engine)
        await ask(engine, PauseRecurrence("q", found.number))
        await trio.sleep(35)
        await ask(engine, PauseRecurrence("q", found.number, paused=False))
        await trio.sleep(4)
        assert await reserve(engine) == ()
        await trio.sleep(2)
        assert len(await reserve(engine)) == 1
