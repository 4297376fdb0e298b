"""A day of figures: what a sample says, what is kept of it, and that a restart keeps it."""

import pytest
import trio
from trio.testing import MockClock

from engine.commands import Cancel, Done, Fail, Publish
from engine.directory import Directory
from engine.directory.history import Historian
from engine.history import (
    COARSE_KEPT,
    DAY,
    FINE,
    FINE_KEPT,
    HOUR,
    MOST_GROUPS,
    MOST_QUEUES,
    PER_COARSE,
    History,
    Point,
    Tally,
    Track,
)
from engine.replies import Code, Refused
from engine.store.memory import MemoryStore
from engine.testing import memory_engine
from tests.support.desk import GROUP, ask, publish, reserve

Q = ("g", "q")


def fed(history: History, samples: int, *, start: int = 0) -> float:
    """Samples of a queue that finishes one job each time; when the last one was."""
    for number in range(start + 1, start + samples + 1):
        history.sample({Q: Tally(number, number, 0, 3)}, number * FINE)
    return (start + samples) * FINE


def test_a_sample_says_what_happened_since_the_one_before() -> None:
    history = History()
    history.sample({Q: Tally(5, 2, 1, 3)}, 10.0)
    history.sample({Q: Tally(9, 8, 2, 1), ("g", "r"): Tally(1, 0, 0, 1)}, 20.0)
    assert [point.did for point in history.totals.hour(20.0)] == [
        Tally(5, 2, 1, 3), Tally(5, 6, 1, 2),
    ]  # fmt: skip
    assert [point.did for point in history.queues[Q].hour(20.0)] == [
        Tally(5, 2, 1, 3), Tally(4, 6, 1, 1),
    ]  # fmt: skip


def test_a_queue_made_anew_counts_from_nothing() -> None:
    history = History()
    history.sample({Q: Tally(50, 50, 0, 0)}, 10.0)
    history.sample({Q: Tally(2, 1, 0, 1)}, 20.0)
    assert history.totals.hour(20.0)[-1].did == Tally(2, 1, 0, 1)


def test_coarse_samples_add_up_and_tell_the_last_backlog() -> None:
    history = History()
    now = fed(history, PER_COARSE * 2 + 1)
    assert [point.did for point in history.queues[Q].day(now)] == [
        Tally(PER_COARSE, PER_COARSE, 0, 3)
    ] * 2


def test_memory_is_bounded_in_time_and_in_queues() -> None:
    history = History()
    now = fed(history, PER_COARSE * (COARSE_KEPT + 2))
    track = history.queues[Q]
    assert (len(track.fine), len(track.coarse)) == (FINE_KEPT, COARSE_KEPT)
    assert len(track.hour(now + HOUR / 2)) == FINE_KEPT / 2
    assert track.day(now + DAY) == []
    history.sample({("g", f"q{n}"): Tally(1) for n in range(MOST_QUEUES * 2)}, now + FINE)
    assert len(history.queues) == MOST_QUEUES
    full = Track(
        [Point(1.7e9, Tally(10**6, 10**6, 10**6, 10**6))] * FINE_KEPT,
        [Point(1.7e9, Tally(10**8, 10**8, 10**8, 10**6))] * COARSE_KEPT,
    )
    history.totals = full
    history.queues = {("group", f"queue-{n}"): full for n in range(MOST_QUEUES)}
    history.groups = {f"group-{n}": full for n in range(MOST_GROUPS)}
    assert len(history.pack()) < 2**20


def test_a_queue_that_rested_for_an_hour_gives_its_place_away() -> None:
    history = History()
    history.sample({("g", f"q{n}"): Tally(1) for n in range(MOST_QUEUES)}, 0.0)
    for number in range(FINE_KEPT):
        history.sample({("g", "q1"): Tally(number + 2)}, number * FINE)
        assert ("g", "q0") in history.queues
    history.sample({("g", "new"): Tally(1)}, HOUR + FINE)
    assert ("g", "new") in history.queues
    assert ("g", "q1") in history.queues
    assert len(history.queues) == MOST_QUEUES


def test_the_busy_take_the_places_of_those_that_did_less() -> None:
    history = History()
    waiting = {("g", f"q{n}"): Tally(n + 1, 0, 0, n + 1) for n in range(MOST_QUEUES)}
    history.sample(waiting, 10.0)
    history.sample({**waiting, ("g", "busy"): Tally(2, 1), ("g", "slow"): Tally(1, 0, 0, 1)}, 20.0)
    assert ("g", "busy") in history.queues
    assert {("g", "q0"), ("g", "slow")}.isdisjoint(history.queues)
    assert len(history.queues) == MOST_QUEUES


def test_a_group_counts_every_queue_of_its_own() -> None:
    history = History()
    for number in (1, 2):
        seen = {("g", f"q{n}"): Tally(n * number, number, 0, 1) for n in range(MOST_QUEUES * 3)}
        history.sample({**seen, ("h", "q"): Tally(number)}, number * FINE)
    most = MOST_QUEUES * 3
    expected = Tally(sum(range(most)), most, 0, most)
    assert [point.did for point in history.groups["g"].hour(20.0)] == [expected] * 2
    assert [point.did for point in history.groups["h"].hour(20.0)] == [Tally(1)] * 2
    history.sample({(f"g{n}", "q"): Tally(1) for n in range(MOST_GROUPS * 2)}, 30.0)
    assert len(history.groups) == MOST_GROUPS


def test_what_is_packed_is_read_back() -> None:
    history = History()
    now = fed(history, PER_COARSE + 7)
    found = History.unpack(history.pack())
    assert found.totals == history.totals
    assert found.queues == history.queues
    assert found.groups == history.groups
    assert len(found.totals.open) == 7
    assert found.totals.hour(now) == history.totals.hour(now)


@pytest.mark.parametrize("packed", [b"", b"\xc1", b"\x90", b"\x92\x01\x02", b"\x00" * 100])
def test_what_cannot_be_read_is_forgotten(packed: bytes) -> None:
    assert History.unpack(packed).queues == {}


async def sampled(engine: Directory, seconds: float) -> None:
    with trio.move_on_after(seconds):
        await Historian(engine).run()


async def test_an_engine_is_sampled_and_a_restart_keeps_it(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        for _ in range(4):
            await publish(engine)
        for end in (Done, Fail):
            (job,) = await reserve(engine)
            await ask(engine, end(job.id, job.reservation))
        await ask(engine, Cancel(await publish(engine)))
        await sampled(engine, 61.0)
        (first, *rest) = engine.history.totals.fine
        assert (first.did, len(rest)) == (Tally(5, 2, 0, 3), 5)
        await sampled(engine, 21.0)
        assert len(engine.history.totals.fine) == 8
    async with memory_engine(store) as engine:
        assert [point.did for point in engine.history.totals.fine] == [
            Tally(5, 2, 0, 3), *[Tally(0, 0, 0, 3)] * 5,
        ]  # fmt: skip
        await sampled(engine, 11.0)
        assert engine.history.queues[GROUP, "q"].fine[-1].did == Tally(0, 0, 0, 3)


async def test_a_full_disk_is_not_asked_to_keep_figures(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, Publish("q", "t", b""))
        before = engine.committer.commits
        engine.committer._storage.refusing = Refused(Code.STORAGE_FULL)
        await sampled(engine, 125.0)
        assert engine.committer.commits == before
        engine.committer._storage.refusing = None
        await sampled(engine, 61.0)
        assert engine.committer.commits == before + 1


def test_the_latest_sample_is_known_of_every_queue() -> None:
    history = History()
    many = {("g", f"q{number}"): Tally(number, 0, 0, number) for number in range(MOST_QUEUES * 2)}
    history.sample(many, 10.0)
    assert history.latest["g", f"q{MOST_QUEUES + 3}"].published == MOST_QUEUES + 3
    assert ("g", "q0") not in history.latest
    history.sample(many, 20.0)
    assert history.latest == {}
