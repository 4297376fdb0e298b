"""What every store promises, asked of each of them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import trio

from engine.job import JobState
from engine.store.open import Writer, open_store
from engine.store.options import Options
from engine.store.protocol import JOBS, Fenced, Store, StoreError, Tenure
from engine.store.tables import FIRST_TERMINAL, Changes, Row, Table

KINDS: list[Literal["memory", "inline", "thread", "child"]] = [
    "memory",
    "inline",
    "thread",
    "child",
]
SMALL = Options(reserve=0, low_water=0, log=0)


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    path = None if request.param == "memory" else tmp_path / "jobyard.db"
    writer: Writer = "inline" if request.param == "memory" else request.param
    async with open_store(path, writer=writer, options=SMALL) as opened:
        yield opened


@pytest.fixture
async def tenure(store: Store) -> Tenure:
    taken = await store.acquire(0, "a", 60)
    assert taken is not None
    return taken


def head(seq: int, *, queue: int = 1, state: int = 1, more: bytes | None = None) -> Row:
    return (seq, queue, state, -seq, 1.5, 0, 2.25, more)


def body(seq: int, payload: bytes = b"hello") -> Row:
    return (seq, f"id-{seq}", "mail", payload, b"policy", 0.5, None)


def born(*seqs: int, queue: int = 1, state: int = 1) -> Changes:
    return {
        Table.HEADS: {seq: head(seq, queue=queue, state=state) for seq in seqs},
        Table.BODIES: {seq: body(seq) for seq in seqs},
    }


async def everything(
    store: Store, tenure: Tenure, queue: int | None = None
) -> list[tuple[int, Row]]:
    return [(table, row) async for table, rows in store.load(tenure, queue) for row in rows]


async def test_a_new_store_is_empty(store: Store, tenure: Tenure) -> None:
    assert await everything(store, tenure) == []


async def test_a_commit_is_loaded_table_by_table_and_jobs_by_seq(
    store: Store, tenure: Tenure
) -> None:
    meta = ("users", b"\x00\xff")
    queue = (1, "default", "mail", "0190", 3.5, None)
    recurrence = (4, 1, b"spec", None)
    request = ("ada:17", 1, 9.5, b"answer")
    account = ("user:ada", b"packed")
    entry = (3, 9.75, b"packed")
    await store.commit(
        tenure,
        {
            **born(2, 10, 1),
            Table.AUDIT: {3: entry},
            Table.ACCOUNTS: {"user:ada": account},
            Table.REQUESTS: {"ada:17": request},
            Table.RECURRENCES: {4: recurrence},
            Table.QUEUES: {1: queue},
            Table.META: {"users": meta},
        },
    )
    assert await everything(store, tenure) == [
        (Table.META, meta),
        (Table.QUEUES, queue),
        (Table.RECURRENCES, recurrence),
        (Table.REQUESTS, request),
        (Table.ACCOUNTS, account),
        (Table.AUDIT, entry),
        *((JOBS, head(seq) + body(seq)[1:]) for seq in (1, 2, 10)),
    ]


async def test_the_last_word_about_a_key_counts(store: Store, tenure: Tenure) -> None:
    await store.commit(tenure, born(1, 2))
    await store.commit(tenure, {Table.HEADS: {1: head(1, state=2, more=b"held"), 2: None}})
    await store.commit(tenure, {Table.BODIES: {2: None, 3: None}})
    assert await everything(store, tenure) == [
        (JOBS, head(1, state=2, more=b"held") + body(1)[1:]),
    ]


@pytest.mark.parametrize("value", ["", "é😀", "a\x00b", "\U0010ffff", "0x1"])
async def test_text_comes_back_as_it_was(store: Store, tenure: Tenure, value: str) -> None:
    row = (1, "id", value, b"", b"", 0.0, None)
    await store.commit(tenure, {Table.HEADS: {1: head(1)}, Table.BODIES: {1: row}})
    assert await everything(store, tenure) == [(JOBS, head(1) + row[1:])]


@pytest.mark.parametrize("payload", [b"", b"\x00", bytes(range(256)), b"x" * 1_048_576])
async def test_a_payload_is_byte_identical(store: Store, tenure: Tenure, payload: bytes) -> None:
    await store.commit(tenure, {Table.HEADS: {1: head(1)}, Table.BODIES: {1: body(1, payload)}})
    ((_, row),) = await everything(store, tenure)
    assert row[len(head(1)) + 2] == payload
    assert await store.payloads([1, 2]) == {1: payload}


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63)])
async def test_integers_of_64_bits_come_back(store: Store, tenure: Tenure, number: int) -> None:
    row = (5, 1, 1, number, 0.1, 0, float("inf"), None)
    await store.commit(tenure, {Table.HEADS: {5: row}, Table.BODIES: {5: body(5)}})
    assert await everything(store, tenure) == [(JOBS, row + body(5)[1:])]


@pytest.mark.parametrize("state", list(JobState))
async def test_a_job_that_is_over_leaves_its_payload_on_disk(
    store: Store, tenure: Tenure, state: JobState
) -> None:
    await store.commit(tenure, born(1, state=int(state)))
    ((_, row),) = await everything(store, tenure)
    assert row[len(head(1)) + 2] == (None if state >= JobState.DONE else b"hello")
    assert await store.payloads([1]) == {1: b"hello"}


def test_the_first_terminal_state_is_done() -> None:
    assert int(JobState.DONE) == FIRST_TERMINAL


async def test_one_queue_is_loaded_alone(store: Store, tenure: Tenure) -> None:
    for queue, seqs in ((1, (1, 3)), (2, (2, 4))):
        await store.commit(
            tenure,
            {
                **born(*seqs, queue=queue),
                Table.META: {"a": ("a", b"")},
                Table.QUEUES: {queue: (queue, "g", f"q{queue}", "x", 0.0, None)},
                Table.RECURRENCES: {queue: (queue, queue, b"", None)},
                Table.REQUESTS: {f"r{queue}": (f"r{queue}", queue, 0.0, b"")},
                Table.ACCOUNTS: {"group:g": ("group:g", b"")},
                Table.AUDIT: {queue: (queue, 0.0, b"")},
            },
        )
    assert await everything(store, tenure, queue=2) == [
        (Table.QUEUES, (2, "g", "q2", "x", 0.0, None)),
        (Table.RECURRENCES, (2, 2, b"", None)),
        (Table.REQUESTS, ("r2", 2, 0.0, b"")),
        *((JOBS, head(seq, queue=2) + body(seq)[1:]) for seq in (2, 4)),
    ]


@pytest.mark.parametrize("queue", [None, 7])
async def test_a_load_of_many_pages_leaves_nothing_out(
    store: Store, tenure: Tenure, queue: int | None
) -> None:
    seqs = range(-3, 40_001, 7)
    await store.commit(tenure, born(*seqs, queue=7))
    await store.commit(tenure, {Table.META: {f"k{n:05}": (f"k{n:05}", None) for n in range(5_000)}})
    rows = await everything(store, tenure, queue)
    assert [row[0] for table, row in rows if table == JOBS] == list(seqs)
    assert len(rows) == len(seqs) + (0 if queue else 5_000)


async def test_commits_go_on_between_the_pages_of_a_load(store: Store, tenure: Tenure) -> None:
    await store.commit(tenure, born(*range(10_000)))
    seen: list[object] = []
    async for _, rows in store.load(tenure):
        seen += [row[0] for row in rows]
        await store.commit(tenure, {Table.DETAILS: {len(seen): (len(seen), b"", b"")}})
    assert seen == list(range(10_000))


async def test_a_load_given_up_harms_nobody(store: Store, tenure: Tenure) -> None:
    await store.commit(tenure, born(*range(10_000)))
    rows = store.load(tenure)
    async for _ in rows:
        break
    await rows.aclose()  # type: ignore[attr-defined]  # they are generators
    await store.commit(tenure, born(10_000))
    assert len(await everything(store, tenure)) == 10_001


async def test_details_are_read_on_their_own(store: Store, tenure: Tenure) -> None:
    row = (3, b"result", None)
    await store.commit(tenure, {Table.DETAILS: {3: row}})
    assert await store.details([3, 4]) == {3: row}
    assert await store.details([]) == {}
    assert await everything(store, tenure) == []


async def test_a_stranger_waits_while_a_tenure_lives(store: Store, tenure: Tenure) -> None:
    assert await store.acquire(0, "b", 60) is None
    assert await store.owners() == [tenure]
    renewed = await store.renew(tenure, 120)
    assert renewed is not None
    assert (renewed.token, renewed.owner) == (tenure.token, "a")
    assert renewed.until > tenure.until


async def test_a_new_tenure_has_a_higher_token_and_fences_the_old(
    store: Store, tenure: Tenure
) -> None:
    await store.commit(tenure, born(1))
    await store.release(tenure)
    assert await store.owners() == []
    other = await store.acquire(0, "b", 60)
    assert other is not None
    assert other.token > tenure.token
    with pytest.raises(Fenced):
        await store.commit(tenure, born(2))
    assert await store.renew(tenure, 60) is None
    await store.release(tenure)
    assert await store.owners() == [other]
    assert len(await everything(store, other)) == 1


async def test_a_tenure_that_ran_out_can_be_taken_over(store: Store) -> None:
    late = await store.acquire(0, "a", -1)
    assert late is not None
    assert await store.owners() == []
    assert await store.acquire(0, "b", 60) is not None


async def test_there_is_one_shard(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.acquire(1, "a", 60)


async def test_a_commit_under_way_is_not_cancelled(store: Store, tenure: Tenure) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await store.commit(tenure, born(1))
    assert not scope.cancelled_caught
    assert len(await everything(store, tenure)) == 1


async def test_calls_of_many_tasks_each_get_their_own_answer(store: Store, tenure: Tenure) -> None:
    payloads = {seq: bytes([seq]) * 300_000 for seq in range(8)}

    async def keep(seq: int) -> None:
        await store.commit(
            tenure, {Table.HEADS: {seq: head(seq)}, Table.BODIES: {seq: body(seq, payloads[seq])}}
        )
        assert await store.payloads([seq]) == {seq: payloads[seq]}

    async with trio.open_nursery() as nursery:
        for seq in payloads:
            nursery.start_soon(keep, seq)
    assert await store.payloads(list(payloads)) == payloads


async def test_statistics_count_commits(store: Store, tenure: Tenure) -> None:
    assert store.statistics().commits == 0
    await store.commit(tenure, born(1))
    assert store.statistics().commits == 1
    assert not store.statistics().low


async def test_commit_now_is_there_where_immediate(store: Store, tenure: Tenure) -> None:
    if store.immediate:
        store.commit_now(tenure, born(1))
        assert len(await everything(store, tenure)) == 1
    else:
        with pytest.raises(TypeError):
            store.commit_now(tenure, born(1))
