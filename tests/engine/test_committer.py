"""Output commit, with a store that is slow or fails when the test says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import define, field
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine import committer as module
from engine.committer import Committer
from engine.queue_state import Step, Storage
from engine.replies import OK, Code, Refused, Reply, ReplyTo
from engine.store.protocol import StoreBroken
from engine.store.tables import Changes, Key, Row, Table
from tests.support.desk import Box, settle
from tests.support.stores import GatedStore


@define
class Scribe:
    """An author that keeps the numbers of what became durable."""

    durable: list[int] = field(factory=list[int])

    def committed(self, step: Step) -> None:
        self.durable.append(step.number)


def step(number: int, *letters: tuple[ReplyTo, Reply], rows: int = 1) -> Step:
    heads: dict[Key, Row | None] = {
        number * 100_000 + n: (number * 100_000 + n, 1, 1, 0, 0.0, 0, 0.0, None)
        for n in range(rows)
    }
    return Step(number, {Table.HEADS: heads} if rows else {}, list(letters))


def written(changes: Changes) -> set[int]:
    """Numbers of the steps in a commit."""
    return {int(key) // 100_000 for rows in changes.values() for key in rows}


@define
class Desk:
    store: GatedStore
    committer: Committer
    storage: Storage
    scribe: Scribe
    flushes: list[int]


@asynccontextmanager
async def committing(store: GatedStore | None = None) -> AsyncIterator[Desk]:
    store = store or GatedStore()
    tenure = await store.acquire(0, "a", 60)
    assert tenure is not None
    storage = Storage()
    committer = Committer(store, tenure, storage)
    flushes: list[int] = []
    committer.flushers.append(lambda: flushes.append(store.kept))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(committer.run)
        await settle()
        yield Desk(store, committer, storage, Scribe(), flushes)
        nursery.cancel_scope.cancel()


async def test_nothing_leaves_before_it_is_durable(autojump_clock: MockClock) -> None:
    box = Box()
    async with committing() as desk:
        async with desk.store.closed():
            desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
            await trio.sleep(100)
            assert desk.store.waiting == 1
            assert (box.got, desk.scribe.durable, desk.flushes) == ([], [], [])
        await box.wait_for(1)
        assert (box.got, desk.scribe.durable, desk.flushes) == ([OK], [1], [1])


async def test_an_answer_without_a_step_waits_for_what_it_could_have_seen(
    autojump_clock: MockClock,
) -> None:
    log: list[tuple[str, object]] = []
    first, second, third = (Box(name, log) for name in "abc")
    async with committing() as desk:
        async with desk.store.closed():
            desk.committer.hand_over(desk.scribe, step(1, (first, OK)))
            await settle()
            desk.committer.answer(second, OK)
            desk.committer.hand_over(desk.scribe, step(2, (third, OK), rows=0))
            await trio.sleep(1)
            assert log == []
        await third.wait_for(1)
        assert [name for name, _ in log] == ["a", "b", "c"]
        assert desk.store.kept == 1
        desk.committer.answer(second, OK)
        assert len(second.got) == 2


async def test_steps_that_come_during_a_commit_are_the_next_one(
    autojump_clock: MockClock,
) -> None:
    box = Box()
    async with committing() as desk:
        async with desk.store.closed():
            for number in range(1, 6):
                desk.committer.hand_over(desk.scribe, step(number, (box, OK)))
                await settle()
        await box.wait_for(5)
        assert [written(tried) for tried in desk.store.tried] == [{1}, {2, 3, 4, 5}]
        assert desk.scribe.durable == [1, 2, 3, 4, 5]


async def test_connections_write_once_a_batch(autojump_clock: MockClock) -> None:
    boxes = [Box() for _ in range(200)]
    async with committing() as desk:
        for number, box in enumerate(boxes):
            desk.committer.hand_over(desk.scribe, step(number, (box, OK)))
        await boxes[-1].wait_for(1)
        assert desk.flushes == [1]


async def test_a_commit_takes_whole_steps_up_to_the_cap(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 100)
    box = Box()
    async with committing() as desk:
        for number in range(1, 8):
            desk.committer.hand_over(desk.scribe, step(number, (box, OK), rows=40))
        desk.committer.hand_over(desk.scribe, step(8, (box, OK), rows=500))
        await box.wait_for(8)
        tried = desk.store.tried
        assert [written(changes) for changes in tried] == [{1, 2, 3}, {4, 5, 6}, {7, 8}]
        assert desk.store.rows_tried == [120, 120, 540]
        assert desk.scribe.durable == list(range(1, 9))


async def test_the_last_word_about_a_row_is_what_is_kept(autojump_clock: MockClock) -> None:
    box = Box()
    async with committing() as desk:
        for attempts in (1, 2):
            row: Row = (7, 1, 1, 0, 0.0, attempts, 0.0, None)
            desk.committer.hand_over(
                desk.scribe, Step(attempts, {Table.HEADS: {7: row}}, [(box, OK)])
            )
        await box.wait_for(2)
        assert desk.store.kept == 1
        assert desk.store.heads()[7][5] == 2


async def test_a_cancelled_commit_is_finished_and_answered(autojump_clock: MockClock) -> None:
    store, box = GatedStore(delay=3.0), Box()
    async with committing(store) as desk:
        desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
        await trio.sleep(1)
        assert store.waiting == 1
    assert trio.current_time() == 3.0
    assert (store.kept, box.got) == (1, [OK])


async def test_a_full_disk_is_tried_again_with_the_same_batch(autojump_clock: MockClock) -> None:
    box = Box()
    async with committing() as desk:
        desk.store.full = 3
        woken: list[float] = []
        desk.committer.on_room = lambda: woken.append(trio.current_time())
        desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
        await settle()
        desk.committer.hand_over(desk.scribe, step(2, (box, OK)))
        assert desk.storage.refusing == Refused(Code.STORAGE_FULL)
        assert box.got == []
        await box.wait_for(2)
        assert [written(tried) for tried in desk.store.tried] == [{1}, {1}, {1}, {1}, {2}]
        assert desk.storage.refusing is None
        assert len(woken) == 1
        assert desk.scribe.durable == [1, 2]


async def test_without_memory_for_all_of_it_half_is_tried_and_the_order_stays(
    autojump_clock: MockClock,
) -> None:
    box = Box()
    async with committing() as desk:
        desk.store.shut()
        for number in range(1, 7):
            desk.committer.hand_over(desk.scribe, step(number, (box, OK)))
            await settle()
        desk.store.most = 2
        with capture_logs() as logs:
            desk.store.open()
            await box.wait_for(6)
        tried = [sorted(written(tried)) for tried in desk.store.tried]
        assert tried == [[1], [2, 3, 4, 5, 6], [2, 3, 4], [2, 3], [4, 5, 6], [4, 5], [6]]
        assert desk.scribe.durable == [1, 2, 3, 4, 5, 6]
        assert [one["event"] for one in logs if one["log_level"] == "error"] == ["no-memory"] * 2
        assert desk.storage.refusing is None


async def test_below_the_low_water_mark_publishing_is_refused_and_comes_back(
    autojump_clock: MockClock,
) -> None:
    box = Box()
    async with committing() as desk:
        desk.store.low = True
        desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
        await box.wait_for(1)
        assert desk.storage.refusing == Refused(Code.STORAGE_FULL)
        desk.committer.hand_over(desk.scribe, step(2, (box, OK)))
        await box.wait_for(2)
        assert desk.storage.refusing is not None
        desk.store.low = False
        desk.committer.hand_over(desk.scribe, step(3, (box, OK)))
        await box.wait_for(3)
        assert desk.storage.refusing is None


async def test_after_a_broken_commit_nobody_is_answered_and_the_run_ends(
    autojump_clock: MockClock,
) -> None:
    box = Box()
    store = GatedStore()
    store.broken = True
    with pytest.RaisesGroup(StoreBroken):
        async with committing(store) as desk:
            desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
            await settle()
            desk.committer.hand_over(desk.scribe, step(2, (box, OK)))
            await trio.sleep(10)
            store.broken = False  # a commit that is tried again would pass now
    assert box.got == []
    assert len(store.tried) == 1


async def test_who_waits_for_the_disk_waits_for_all_of_it(autojump_clock: MockClock) -> None:
    box = Box()
    async with committing(GatedStore(delay=2.0)) as desk:
        desk.committer.hand_over(desk.scribe, step(1, (box, OK)))
        await settle()
        desk.committer.hand_over(desk.scribe, step(2, (box, OK)))
        assert desk.committer.oldest() == 0.0
        await desk.committer.wait_durable()
        assert trio.current_time() == 4.0
        assert len(box.got) == 2
        assert desk.committer.oldest() is None
        await desk.committer.wait_durable()
        assert trio.current_time() == 4.0


async def test_an_address_that_fails_takes_nobody_elses_letter(autojump_clock: MockClock) -> None:
    class Broken:
        def send(self, reply: Reply) -> None:
            raise RuntimeError("a door's bug")

    box = Box()
    async with committing() as desk:
        desk.committer.hand_over(desk.scribe, step(1, (Broken(), OK), (box, OK)))
        await box.wait_for(1)
        assert desk.scribe.durable == [1]
