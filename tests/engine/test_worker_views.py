"""What is told of a worker: since when it is there, and how much it did."""

from trio.testing import MockClock, wait_all_tasks_blocked

from engine.commands import Done, ListWorkers, Publish, Subscribe
from engine.replies import Workers
from engine.testing import START, memory_engine
from tests.support.desk import WHO, Worker


async def test_since_when_and_how_many_over_all_its_queues(mock_clock: MockClock) -> None:
    async with memory_engine() as engine:
        mock_clock.jump(5.0)
        worker = Worker()
        await engine.execute(worker.who, Subscribe("a"))
        mock_clock.jump(5.0)
        await engine.execute(worker.who, Subscribe("b"))
        for queue in ("a", "b"):
            await engine.execute(WHO, Publish(queue, "t", b""))
            await wait_all_tasks_blocked()
            await engine.execute(worker.who, Done(worker.pushed[-1].id))
        reply = await engine.execute(WHO, ListWorkers("b"))
        assert isinstance(reply, Workers)
        assert [(one.since, one.finished) for one in reply.workers] == [(START + 5.0, 2)]
