"""What pages read of queues, without asking one."""

from engine.commands import Pause, SetRecurrence
from engine.testing import memory_engine
from frontends.observed import observe
from tests.support.desk import GROUP, ask, publish


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
