"""The writer's process: what it outlives, when it ends, and what is told of its death."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from engine.store import frames
from engine.store.child import ChildLink
from engine.store.errors import NoMemory, StoreBroken, StoreError, StoreInUse, WrongKey
from engine.store.open import open_store
from engine.store.tables import Table
from tests.engine.store.places import (
    KEY,
    OTHER_KEY,
    SMALL,
    fill,
    fingerprint,
    jobs,
    publish,
    start,
    take,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobyard.db"


@pytest.fixture
async def link(path: Path) -> AsyncIterator[ChildLink]:
    opened = await ChildLink.open(path, KEY, SMALL)
    yield opened
    await opened.aclose()


async def token_of(link: ChildLink) -> int:
    held = await link.finish(link.start("acquire", 0, "test", 60))
    token: int = held[2]
    return token


def plain(*seqs: int, payload: bytes = b"hello") -> dict[int, object]:
    return {int(table): rows for table, rows in publish(*seqs, payload=payload).items()}


def stored(path: Path) -> list[object]:
    database = start(path)
    found: list[object] = [row[0] for row in jobs(database, take(database))]
    database.close()
    return found


async def test_a_commit_there_is_no_memory_for_is_not_begun(
    link: ChildLink, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await token_of(link)

    def encode(value: object) -> bytes:
        raise MemoryError(value)

    with monkeypatch.context() as patch:
        patch.setattr(frames, "encode", encode)
        with pytest.raises(NoMemory, match="apply"):
            link.start("apply", token, plain(1))
    assert await link.finish(link.start("apply", token, plain(2))) is False
    await link.aclose()
    assert stored(path) == [2]


async def test_signals_to_the_group_do_not_end_it(link: ChildLink, path: Path) -> None:
    token = await token_of(link)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(link._process.pid, number)
    await link.finish(link.start("apply", token, plain(1)))
    await link.aclose()
    assert link._process.returncode == 0
    assert stored(path) == [1]


async def test_it_is_in_no_group_that_a_terminal_signals(link: ChildLink) -> None:
    assert os.getpgid(link._process.pid) == link._process.pid


async def test_an_orphan_commits_what_it_was_sent_holds_the_lock_and_ends(
    link: ChildLink, path: Path
) -> None:
    token = await token_of(link)
    os.kill(link._process.pid, signal.SIGSTOP)
    link.start("apply", token, plain(1, 2))
    link._channel.close()  # as when the server is killed
    link._open_calls.clear()
    with pytest.raises(StoreInUse):
        start(path)
    os.kill(link._process.pid, signal.SIGCONT)
    await link._process.wait()
    assert link._process.returncode == 0
    assert stored(path) == [1, 2]


async def test_after_its_death_every_call_says_so_at_once(link: ChildLink) -> None:
    token = await token_of(link)
    os.kill(link._process.pid, signal.SIGSTOP)
    under_way = [link.start("apply", token, plain(seq)) for seq in (1, 2)]
    link._process.kill()
    for call in under_way:
        with pytest.raises(StoreBroken):
            await link.finish(call)
    with pytest.raises(StoreBroken):
        await link.finish(link.start("apply", token, plain(3)))
    await link.aclose()
    assert link._process.returncode == -signal.SIGKILL


async def test_frames_larger_than_the_sockets_go_both_ways_at_once(link: ChildLink) -> None:
    token = await token_of(link)
    big = bytes(range(256)) * 16_384
    first = link.start("apply", token, plain(1, payload=big))
    reads = [link.start("payloads", [1]) for _ in range(3)]
    second = link.start("apply", token, plain(2, payload=big))
    await link.finish(second)
    assert await link.finish(reads[0]) == {1: big}
    assert await link.finish(reads[2]) == {1: big}
    await link.finish(first)
    assert first.answer == ("", False)


async def test_it_knows_no_secret_but_what_the_socket_brought(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBYARD_SECRET", "wrapping-secret")
    monkeypatch.setenv("SECRET", "wrapping-secret")
    link = await ChildLink.open(path, KEY, SMALL)
    process = trio.Path(f"/proc/{link._process.pid}")
    shown = [str(link._process.args).encode()]
    if await process.exists():
        shown += [await (process / name).read_bytes() for name in ("environ", "cmdline")]
    await link.aclose()
    for content in shown:
        assert b"wrapping-secret" not in content
        assert KEY.hex().encode() not in content


@pytest.mark.parametrize("writer", ["thread", "child"])
async def test_a_refusal_comes_back_as_itself_and_leaves_no_file(path: Path, writer: str) -> None:
    fill(path)
    path.with_name(path.name + ".key").write_text(
        '{"kind":"plain","version":1,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}'
    )
    path.with_name(path.name + ".key").chmod(0o600)
    before = fingerprint(path.parent)
    with pytest.raises(WrongKey):
        async with open_store(path, options=SMALL, writer=writer):  # type: ignore[arg-type]  # parametrised
            pass
    assert fingerprint(path.parent) == before
    assert bytes(32) == OTHER_KEY


async def test_a_second_server_is_refused_whatever_runs_the_first(
    link: ChildLink, path: Path
) -> None:
    await link.finish(link.start("apply", await token_of(link), plain(1)))
    before = fingerprint(path.parent)
    with pytest.raises(StoreInUse):
        await ChildLink.open(path, KEY, SMALL)
    assert fingerprint(path.parent) == before


async def test_a_value_that_cannot_be_sent_harms_nobody(link: ChildLink) -> None:
    token = await token_of(link)
    with pytest.raises(StoreError):
        link.start("apply", token, {int(Table.META): {"a": ("a", object())}})
    await link.finish(link.start("apply", token, plain(1)))


async def test_a_cancelled_opening_leaves_no_process_and_no_lock(path: Path) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await ChildLink.open(path, KEY, SMALL)
    assert scope.cancelled_caught
    assert stored(path) == []
