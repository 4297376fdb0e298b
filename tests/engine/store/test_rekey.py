"""Changing keys: what opens the store afterwards, and after a kill at any step."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import apsw
import pytest

from engine.store import key as key_module
from engine.store import opening, rekey
from engine.store.errors import StoreError, StoreInUse, WrongKey
from engine.store.key import key_path, next_path, open_key
from engine.store.lock import Lock
from engine.store.open import open_store
from engine.store.options import Options
from engine.store.tables import JOBS
from tests.engine.store.places import SMALL, fingerprint, jobs, publish, start, take

PUBLISHED = 100
VFS = "snapshots"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_module, "MEMORY_KIB", 64)
    monkeypatch.setattr(key_module, "PASSES", 1)


def quiet(_sentence: str) -> None:
    """Nobody listens."""


def made(folder: Path, secret: str | None = None, options: Options = SMALL) -> Path:
    """A store with some jobs, under a key that `secret` wraps."""
    path = folder / "jobyard.db"
    raw = open_key(path, secret, quiet).raw
    database = start(path, options, raw)
    database.apply(take(database), publish(*range(PUBLISHED), payload=b"x" * 300))
    database.close()
    return path


def count(path: Path, raw: bytes, options: Options = SMALL) -> int:
    database = start(path, options, raw)
    try:
        return len(jobs(database, take(database)))
    finally:
        database.close()


@pytest.mark.parametrize("cipher", ["sqlcipher", "aegis"])
@pytest.mark.parametrize("secret", [None, "one"])
def test_the_data_key_is_another(tmp_path: Path, cipher: str, secret: str | None) -> None:
    options = SMALL._replace(cipher=cipher)  # type: ignore[arg-type]  # a parameter is plain text
    path = made(tmp_path, secret, options)
    old = open_key(path, secret, quiet).raw
    rekey.change_data_key(path, secret, options)
    new = open_key(path, secret, quiet).raw
    assert new != old
    assert count(path, new, options) == PUBLISHED
    with pytest.raises(WrongKey):
        start(path, options, old)
    assert set(fingerprint(tmp_path)) == {path.name, key_path(path).name}
    assert key_path(path).stat().st_mode & 0o777 == 0o600
    assert key_module.is_wrapped(path) == (secret is not None)


def test_the_secret_is_another_and_the_jobs_are_there(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = fingerprint(tmp_path)[path.name]
    for old, new in [(None, "one"), ("one", "two"), ("two", None)]:
        rekey.change_secret(path, old, new, SMALL)
        assert key_module.is_wrapped(path) == (new is not None)
        raw = open_key(path, new, quiet).raw
    assert fingerprint(tmp_path)[path.name] == before
    assert count(path, raw) == PUBLISHED


def test_commits_a_killed_server_left_in_its_log_are_encrypted_anew_too(tmp_path: Path) -> None:
    path = made(tmp_path / "served")
    raw = open_key(path, None, quiet).raw
    database = start(path, SMALL, raw)
    database.apply(take(database), publish(PUBLISHED, PUBLISHED + 1))
    killed = tmp_path / "killed"
    shutil.copytree(path.parent, killed)
    database.close()
    path = killed / path.name
    path.with_name(path.name + ".lock").unlink()
    assert opening.has_log(path)
    rekey.change_data_key(path, None, SMALL)
    assert count(path, open_key(path, None, quiet).raw) == PUBLISHED + 2


@pytest.mark.parametrize("wrong", [None, "", "wrong"])
def test_a_wrong_secret_changes_nothing(tmp_path: Path, wrong: str | None) -> None:
    path = made(tmp_path, "one")
    before = fingerprint(tmp_path)
    with pytest.raises(WrongKey):
        rekey.change_data_key(path, wrong, SMALL)
    with pytest.raises(WrongKey):
        rekey.change_secret(path, wrong, "two", SMALL)
    assert fingerprint(tmp_path) == before


def test_a_store_that_is_served_is_left_alone(tmp_path: Path) -> None:
    path = made(tmp_path)
    before = fingerprint(tmp_path)
    lock = Lock(path)
    with pytest.raises(StoreInUse):
        rekey.change_data_key(path, None, SMALL)
    with pytest.raises(StoreInUse):
        rekey.change_secret(path, None, "two", SMALL)
    lock.release(remove=True)
    assert fingerprint(tmp_path) == before


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "jobyard.db"
    with pytest.raises(StoreError, match="no such file"):
        rekey.change_data_key(path, None, SMALL)
    with pytest.raises(StoreError, match="no such file"):
        rekey.change_secret(path, None, "new", SMALL)
    assert fingerprint(tmp_path) == {}


class Handle(apsw.VFSFile):
    """A file that is copied, with its whole folder, before each change."""

    def __init__(self, copier: "Copier", name: apsw.URIFilename | str, flags: list[int]) -> None:
        self._copier = copier
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 -- SQLite's name
        self._copier.step()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 -- SQLite's name
        self._copier.step()
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802 -- SQLite's name
        self._copier.step()
        super().xTruncate(size)


class Copier(apsw.VFS):
    """What a kill before each step would leave: the files as the kernel has them then."""

    def __init__(self) -> None:
        self.watch(Path(), Path())
        super().__init__(VFS, base="unix")

    def watch(self, folder: Path, copies: Path) -> None:
        """Begin anew, elsewhere."""
        self.folder = folder
        self.copies = copies
        self.taken = 0
        self._on = False

    def start(self) -> None:
        self._on = True

    def stop(self) -> None:
        self._on = False

    def step(self) -> None:
        if not self._on:
            return
        shutil.copytree(self.folder, self.copies / str(self.taken))
        self.taken += 1

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> Handle:  # noqa: N802 -- SQLite's name
        assert name is not None
        return Handle(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 -- SQLite's name
        self.step()
        super().xDelete(filename, syncdir)


@cache
def the_copier() -> Copier:
    """One for the process: the cipher's layer keeps a pointer to the first of its name."""
    return Copier()


def stepping(copier: Copier, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, after a copy."""

    def stepped(*arguments: object, **named: object) -> object:
        copier.step()
        return call(*arguments, **named)

    return stepped


@pytest.fixture
def copier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copier]:
    """Copies at the steps of the database and at those of the key files alike."""
    (tmp_path / "store").mkdir()
    copier = the_copier()
    copier.watch(tmp_path / "store", tmp_path / "copies")
    connect = opening.connect

    def watched(name: str, key: bytes, cipher: str, *, flags: int) -> apsw.Connection:
        return connect(name, key, cipher, flags=flags, vfs=f"multipleciphers-{VFS}")

    monkeypatch.setattr(opening, "connect", watched)
    for owner, name in [(os, "fsync"), (Path, "rename"), (Path, "unlink")]:
        monkeypatch.setattr(owner, name, stepping(copier, getattr(owner, name)))
    yield copier
    copier.stop()


@pytest.mark.parametrize("cipher", ["sqlcipher", "aegis"])
async def test_a_kill_at_any_step_leaves_a_store_that_opens(
    tmp_path: Path, copier: Copier, cipher: str
) -> None:
    options = SMALL._replace(cipher=cipher)  # type: ignore[arg-type]  # a parameter is plain text
    path = made(copier.folder, "one", options)
    old = open_key(path, "one", quiet).raw
    copier.start()
    rekey.change_data_key(path, "one", options)
    copier.stop()
    opened = {True: 0, False: 0}
    for taken in range(copier.taken):
        found = copier.copies / str(taken) / path.name
        async with open_store(found, secret="one", options=options, writer="inline") as store:
            tenure = await store.acquire(0, "test", 60)
            assert tenure is not None
            rows = [
                row async for table, page in store.load(tenure) if table == JOBS for row in page
            ]
        assert len(rows) == PUBLISHED, taken
        assert not next_path(found).exists()
        opened[open_key(found, "one", quiet).raw == old] += 1
    assert opened[True] > 20
    assert opened[False] > 1


def test_a_kill_at_any_step_leaves_a_key_that_one_secret_opens(copier: Copier) -> None:
    path = made(copier.folder, "one")
    raw = open_key(path, "one", quiet).raw
    before = key_path(path).read_bytes()
    copier.start()
    rekey.change_secret(path, "one", "two", SMALL)
    copier.stop()
    assert copier.taken > 2
    for taken in range(copier.taken):
        found = copier.copies / str(taken) / path.name
        opens = []
        for secret in ("one", "two"):
            with suppress(WrongKey):
                opens.append(open_key(found, secret, quiet).raw)
        assert opens == [raw]
        fitting = "one" if key_path(found).read_bytes() == before else "two"
        rekey.change_secret(found, fitting, None, SMALL)
        assert set(fingerprint(found.parent)) == {path.name, key_path(path).name}
