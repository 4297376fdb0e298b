"""Access that is given to a queue only as it is made: who comes second gets nothing."""

from trio.testing import MockClock

from engine.commands import DeleteQueue, SetAccess
from engine.replies import OK, Code, Refused
from engine.testing import memory_engine
from tests.support.desk import GROUP, ask, publish

FIRST, SECOND = "ab" * 64, "cd" * 64


async def test_the_first_key_stays(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        assert await ask(engine, SetAccess("q", FIRST, new=True)) == OK
        taken = Refused(Code.ALREADY_EXISTS)
        assert await ask(engine, SetAccess("q", SECOND, new=True)) == taken
        access = engine.access(GROUP, "q")
        assert access is not None
        assert access.key == engine.fingerprint(FIRST)
        await publish(engine, "theirs")
        assert await ask(engine, SetAccess("theirs", FIRST, new=True)) == taken
        assert await ask(engine, DeleteQueue("q")) == OK
        assert await ask(engine, SetAccess("q", SECOND, new=True)) == OK
