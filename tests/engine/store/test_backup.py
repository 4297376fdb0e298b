"""Copies of stores: whole, under their own key, and taken while commits go on."""

import shutil
import stat
from functools import partial
from pathlib import Path

import apsw
import pytest
import trio

from engine.store import backup, opening
from engine.store import key as key_module
from engine.store.errors import DamagedFile, StoreBroken, StoreError, StoreFull, WrongKey
from engine.store.key import is_wrapped, key_path, open_key
from engine.store.open import open_store
from engine.store.options import Options
from engine.store.tables import Row
from tests.engine.store.places import SMALL, fingerprint, jobs, publish, start, take

PUBLISHED = 200


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_module, "MEMORY_KIB", 64)
    monkeypatch.setattr(key_module, "PASSES", 1)


def quiet(_sentence: str) -> None:
    """Nobody listens."""


def made(folder: Path, secret: str | None = None, options: Options = SMALL) -> Path:
    """A store with some jobs, under a key that `secret` wraps."""
    path = folder / "jobyard.db"
    database = start(path, options, open_key(path, secret, quiet).raw)
    database.apply(take(database), publish(*range(PUBLISHED), payload=b"x" * 300))
    database.close()
    return path


def rows(path: Path, secret: str | None, options: Options = SMALL) -> list[Row]:
    """The jobs of a store nobody has open."""
    database = start(path, options, open_key(path, secret, quiet).raw)
    try:
        return jobs(database, take(database))
    finally:
        database.close()


@pytest.mark.parametrize("cipher", ["sqlcipher", "aegis"])
@pytest.mark.parametrize("secret", [None, "one"])
def test_a_copy_is_a_store_of_its_own(tmp_path: Path, cipher: str, secret: str | None) -> None:
    options = SMALL._replace(cipher=cipher)  # type: ignore[arg-type]  # a parameter is plain text
    path = made(tmp_path / "store", secret, options)
    before = fingerprint(path.parent)
    target = tmp_path / "a folder?&#%" / "copy of 'it'.db"
    copied = backup.copy_store(path, target, secret, options)
    assert fingerprint(path.parent) == before
    assert set(fingerprint(target.parent)) == {target.name, key_path(target).name}
    assert copied == (target.stat().st_size, PUBLISHED)
    for file in (target, key_path(target)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert is_wrapped(target) == (secret is not None)
    assert open_key(target, secret, quiet).raw != open_key(path, secret, quiet).raw
    assert rows(target, secret, options) == rows(path, secret, options)
    assert len(rows(target, secret, options)) == PUBLISHED


def test_a_secret_the_store_does_not_use_is_not_used_for_the_copy(tmp_path: Path) -> None:
    path = made(tmp_path / "store")
    backup.copy_store(path, tmp_path / "copy.db", "unused", SMALL)
    assert not is_wrapped(tmp_path / "copy.db")


def test_what_a_killed_server_left_in_its_log_is_in_the_copy(tmp_path: Path) -> None:
    path = made(tmp_path / "served")
    database = start(path, SMALL, open_key(path, None, quiet).raw)
    database.apply(take(database), publish(PUBLISHED))
    killed = tmp_path / "killed"
    shutil.copytree(path.parent, killed)
    database.close()
    (killed / "jobyard.db.lock").unlink()
    (killed / "jobyard.db-shm").unlink()
    assert opening.has_log(killed / path.name)
    before = fingerprint(killed)
    backup.copy_store(killed / path.name, tmp_path / "copy.db", None, SMALL)
    assert fingerprint(killed) == before
    assert len(rows(tmp_path / "copy.db", None)) == PUBLISHED + 1


@pytest.mark.parametrize("taken", ["copy.db", "copy.db.key"])
def test_a_copy_replaces_nothing(tmp_path: Path, taken: str) -> None:
    path = made(tmp_path / "store")
    (tmp_path / taken).write_bytes(b"precious")
    before = fingerprint(tmp_path)
    with pytest.raises(StoreError, match="there already"):
        backup.copy_store(path, tmp_path / "copy.db", None, SMALL)
    with pytest.raises(StoreError, match="there already"):
        backup.copy_store(path, path, None, SMALL)
    assert fingerprint(tmp_path) == before


def test_a_wrong_secret_or_no_store_makes_no_copy(tmp_path: Path) -> None:
    path = made(tmp_path / "store", "one")
    before = fingerprint(tmp_path)
    for secret in (None, "", "two"):
        with pytest.raises(WrongKey):
            backup.copy_store(path, tmp_path / "copy.db", secret, SMALL)
    with pytest.raises(StoreError, match="no such file"):
        backup.copy_store(tmp_path / "none.db", tmp_path / "copy.db", None, SMALL)
    assert fingerprint(tmp_path) == before


def test_a_damaged_store_makes_no_copy(tmp_path: Path) -> None:
    path = made(tmp_path / "store")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = fingerprint(tmp_path)
    for options in (SMALL, SMALL._replace(verify=0)):
        with pytest.raises(DamagedFile):
            backup.copy_store(path, tmp_path / "copy.db", None, options)
    assert fingerprint(tmp_path) == before


def test_a_copy_that_fails_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "store")
    before = fingerprint(tmp_path)

    def full(*_arguments: object) -> None:
        raise apsw.FullError

    monkeypatch.setattr(backup, "check", full)
    with pytest.raises(StoreFull, match="no room"):
        backup.copy_store(path, tmp_path / "copy.db", None, SMALL)
    assert fingerprint(tmp_path) == before


async def test_commits_go_on_beside_a_copy_which_is_one_state(tmp_path: Path) -> None:
    """Each commit makes a pair of jobs, so a copy with half a pair would be between states."""
    path = made(tmp_path / "store")
    copies = [tmp_path / f"copy-{number}.db" for number in range(3)]
    committed, done = 0, trio.Event()

    async def copy() -> None:
        for target in copies:
            task = partial(backup.copy_store, path, target, None, SMALL)
            await trio.to_thread.run_sync(task)
        done.set()

    async with (
        open_store(path, options=SMALL, writer="child") as store,
        trio.open_nursery() as nursery,
    ):
        tenure = await store.acquire(0, "test", 60)
        assert tenure is not None
        await store.commit(tenure, {})
        nursery.start_soon(copy)
        while not done.is_set():
            seq = 1000 + 2 * committed
            await store.commit(tenure, publish(seq, seq + 1))  # type: ignore[arg-type]  # plain tables
            committed += 1
    assert committed > len(copies)
    for target in copies:
        found = {row[0] for row in rows(target, None)}
        later = {seq for seq in found if isinstance(seq, int) and seq >= 1000}
        assert len(found) - len(later) == PUBLISHED
        assert later == set(range(1000, 1000 + len(later)))
        assert len(later) % 2 == 0
    assert len(rows(path, None)) == PUBLISHED + 2 * committed


def test_a_server_may_end_and_begin_around_a_copy_that_is_being_made(tmp_path: Path) -> None:
    path = made(tmp_path / "store")
    raw = open_key(path, None, quiet).raw
    database = start(path, key=raw)
    token = take(database)
    database.apply(token, publish(PUBLISHED))
    with backup._reading(path, raw, SMALL) as source:
        source.execute("BEGIN")
        assert source.execute("SELECT count(*) FROM heads").get == PUBLISHED + 1
        database.apply(token, publish(PUBLISHED + 1))
        database.close()
        with pytest.raises(StoreBroken, match="locked"):
            start(path, key=raw)
        assert source.execute("SELECT count(*) FROM heads").get == PUBLISHED + 1
    assert len(rows(path, None)) == PUBLISHED + 2
