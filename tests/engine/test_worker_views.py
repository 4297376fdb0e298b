"""What is told of a worker: who it is, since when it is there, what it holds, how much it did."""

from trio.testing import MockClock, wait_all_tasks_blocked

from engine.access import Principal, caller
from engine.commands import Done, ListWorkers, Publish, Report, Started, Subscribe
from engine.replies import OK, Workers, WorkerView
from engine.testing import START, memory_engine
from tests.support.desk import GROUP, WHO, Worker, ask, publish, settle


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


async def test_who_it_is_and_what_it_holds(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker, root = Worker("host:1"), Worker("host:2")
        root.who = caller(Principal("root", admin=True), GROUP, root)
        assert await ask(engine, Subscribe("q", ("a", "b"), 2), worker.who) == OK
        assert await ask(engine, Subscribe("q", ("c",)), root.who) == OK
        held = [await publish(engine, kind=kind) for kind in ("a", "b", "a")][:2]
        await settle()
        reply = await ask(engine, ListWorkers("q"))
        assert reply == Workers(
            (
                WorkerView("ada", "host:1", (GROUP,), False, ("a", "b"), 2, tuple(held), START),
                WorkerView("ada", "host:2", ("*",), False, ("c",), 1, (), START),
            )
        )
        assert await ask(engine, Started(held[1]), worker.who) == OK
        one, other = (await ask(engine, ListWorkers("q"))).workers
        assert (one.busy, other.busy) == (True, False)


async def test_a_worker_that_took_a_job_by_saying_so_is_busy(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        worker = Worker()
        assert await ask(engine, Subscribe("q", ("other",)), worker.who) == OK
        job = await publish(engine)
        assert await ask(engine, Report(job, "in-progress"), worker.who) == OK
        (one,) = (await ask(engine, ListWorkers("q"))).workers
        assert (one.holding, one.busy) == ((job,), True)
