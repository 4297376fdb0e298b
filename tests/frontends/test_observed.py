"""What pages read of queues, without asking one."""

import trio
from trio.testing import MockClock

from engine.access import Principal, caller
from engine.commands import DeleteQueue, Pause, Publish, SetRecurrence
from engine.testing import memory_engine
from frontends.observed import observe
from tests.support.desk import GROUP, ask, publish, settle
from tests.support.stores import GatedStore


async def test_queues_of_a_group_are_listed_and_looked_at_singly() -> None:
    async with memory_engine() as engine:
        seen = observe(engine)
        await publish(engine, "mail")
        await publish(engine, "mail")
        await ask(engine, Pause("idle"))
        await ask(engine, SetRecurrence("idle", "t", "@hourly"))
        mail, idle = seen.lines(GROUP)
        assert (mail.name, mail.states[1], mail.paused, mail.recurrences) == ("mail", 2, False, 0)
        assert (idle.name, sum(idle.states), idle.paused, idle.recurrences) == ("idle", 0, True, 1)
        assert idle.paused_by
        assert list(seen.lines("elsewhere")) == []
        found = seen.queue(GROUP, "mail")
        assert found is not None
        assert found.published == 2
        assert seen.queue(GROUP, "none") is None
        assert seen.queue("elsewhere", "mail") is None
        assert seen.history is engine.history


async def test_pages_of_queues_come_in_order_of_their_making() -> None:
    async with memory_engine() as engine:
        seen = observe(engine)
        for name in ("a", "b", "c", "a"):
            await publish(engine, name)
        await ask(engine, DeleteQueue("b"))
        await publish(engine, "b")
        elsewhere = caller(Principal("root", {}, admin=True), "there")
        await ask(engine, Publish("x", "t", b""), elsewhere)
        first, more = seen.page(GROUP, 0, 2)
        assert ([one.name for one in first], more) == (["a", "c"], True)
        assert (first[0].counts.states[1], first[0].workers, first[0].recurrences) == (2, 0, 0)
        rest, more = seen.page(GROUP, first[-1].number, 2)
        assert ([one.name for one in rest], more) == (["b"], False)
        assert seen.page(GROUP, rest[-1].number, 2) == ([], False)
        assert seen.page("elsewhere", 0, 2) == ([], False)
        assert sorted(counts.states[1] for counts in seen.counts(GROUP)) == [1, 1, 2]


async def test_what_is_seen_is_told_when_it_is_on_disk(autojump_clock: MockClock) -> None:
    store = GatedStore()
    async with memory_engine(store) as engine, trio.open_nursery() as nursery:
        seen = observe(engine)
        store.shut()
        nursery.start_soon(publish, engine)
        await settle()
        told = trio.Event()

        async def wait() -> None:
            await seen.durable()
            told.set()

        nursery.start_soon(wait)
        await settle()
        assert not told.is_set()
        store.gate.set()
        await told.wait()
