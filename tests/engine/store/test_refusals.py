"""What is not a healthy store of ours is refused, and not one byte or file changes."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from engine.store import opening, schema
from engine.store.errors import (
    DamagedFile,
    ForeignFile,
    NewerFile,
    StoreBroken,
    StoreError,
    StoreInUse,
    WrongKey,
)
from engine.store.options import Options
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

PAGE = 4096
Prepare = Callable[[Path], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobyard.db"


def killed(path: Path) -> None:
    """A store whose server was killed: its last commits are in the log only."""
    fill(path)
    database = start(path)
    database.apply(take(database), publish(1_000))
    left = path.parent / "left"
    left.mkdir()
    for file in path.parent.glob("jobyard.db*"):
        shutil.copy(file, left)
    database.close()
    for file in left.iterdir():
        file.rename(path.parent / file.name)
    left.rmdir()
    assert opening.has_log(path)


def empty(path: Path) -> None:
    path.touch()


def plain(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t(a)")
    database.commit()
    database.close()


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 160)


def ragged(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[:-1])


def cut_short(path: Path) -> None:
    fill(path)
    path.write_bytes(path.read_bytes()[: 2 * PAGE])


def other_program(path: Path) -> None:
    with path.open("xb"):
        pass
    database = opening.connect(str(path), KEY, "sqlcipher", flags=apsw.SQLITE_OPEN_READWRITE)
    database.execute("CREATE TABLE meta(a)")
    database.close()


def newer(path: Path) -> None:
    fill(path)
    database = opening.open_writer(path, KEY, SMALL)
    database.pragma("user_version", schema.VERSION + 1)
    database.close()


def newer_in_its_log(path: Path) -> None:
    fill(path)
    database = opening.open_writer(path, KEY, SMALL)
    database.pragma("user_version", schema.VERSION + 1)
    database.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    database.close()
    assert opening.has_log(path)


@pytest.mark.parametrize(
    ("prepare", "refusal"),
    [
        (empty, ForeignFile),
        (plain, ForeignFile),
        (ragged, ForeignFile),
        (noise, WrongKey),
        (cut_short, DamagedFile),
        (other_program, ForeignFile),
        (newer, NewerFile),
        (newer_in_its_log, NewerFile),
    ],
)
def test_what_is_no_store_of_ours_is_refused(
    path: Path, prepare: Prepare, refusal: type[StoreError]
) -> None:
    prepare(path)
    before = fingerprint(path.parent)
    with pytest.raises(refusal):
        start(path)
    assert fingerprint(path.parent) == before


@pytest.mark.parametrize("prepare", [fill, killed])
def test_a_wrong_key_is_refused(path: Path, prepare: Prepare) -> None:
    prepare(path)
    before = fingerprint(path.parent)
    with pytest.raises(WrongKey):
        start(path, key=OTHER_KEY)
    assert fingerprint(path.parent) == before
    start(path).close()


def test_the_other_cipher_is_refused(path: Path) -> None:
    fill(path)
    before = fingerprint(path.parent)
    with pytest.raises(WrongKey):
        start(path, Options(cipher="aegis", reserve=0))
    assert fingerprint(path.parent) == before


def test_a_flipped_bit_in_any_page_is_refused(path: Path) -> None:
    fill(path)
    whole = path.read_bytes()
    for page in range(len(whole) // PAGE):
        damaged = bytearray(whole)
        damaged[page * PAGE + 100] ^= 1
        path.write_bytes(damaged)
        before = fingerprint(path.parent)
        with pytest.raises((DamagedFile, WrongKey)):
            start(path)
        assert fingerprint(path.parent) == before
    path.write_bytes(whole)
    start(path).close()


def test_damage_beside_a_log_is_refused_or_the_log_has_the_page(path: Path) -> None:
    killed(path)
    refused = 0
    for page in range(path.stat().st_size // PAGE):
        folder = path.parent / f"page-{page}"
        folder.mkdir()
        for file in path.parent.glob("jobyard.db*"):
            shutil.copy(file, folder)
        damaged = bytearray(path.read_bytes())
        damaged[page * PAGE + 100] ^= 1
        (folder / path.name).write_bytes(damaged)
        before = fingerprint(folder)
        try:
            database = start(folder / path.name)
        except (DamagedFile, WrongKey):
            refused += 1
            assert fingerprint(folder) == before
        else:
            assert len(jobs(database, take(database))) == 51
            database.close()
    assert refused > 0


def test_damage_in_a_store_too_large_to_check_shows_when_it_is_loaded(path: Path) -> None:
    unchecked = SMALL._replace(verify=0)
    fill(path, count=500)
    damaged = bytearray(path.read_bytes())
    damaged[-2 * PAGE + 100] ^= 1
    path.write_bytes(damaged)
    before = fingerprint(path.parent)
    database = start(path, unchecked)
    token = take(database)
    with pytest.raises(DamagedFile):
        jobs(database, token)
    with pytest.raises(StoreBroken):
        database.apply(token, publish(1))
    database.close()
    assert fingerprint(path.parent) == before


def test_a_second_server_is_refused_and_the_first_goes_on(path: Path) -> None:
    fill(path)
    first = start(path)
    token = take(first)
    first.apply(token, publish(100))
    before = fingerprint(path.parent)
    with pytest.raises(StoreInUse):
        start(path)
    assert fingerprint(path.parent) == before
    first.apply(token, publish(101))
    first.close()
    second = start(path)
    assert len(jobs(second, take(second))) == 52
    second.close()


def test_a_folder_that_cannot_be_made_is_a_broken_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreBroken):
        start(tmp_path / "file" / "jobyard.db")


def test_a_library_that_does_not_encrypt_makes_no_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_key(name: str, _key: bytes, _cipher: str, *, flags: int) -> apsw.Connection:
        return apsw.Connection(name, flags=flags)

    monkeypatch.setattr(opening, "connect", without_key)
    with pytest.raises(StoreBroken, match="does not encrypt"):
        start(path)
    assert fingerprint(path.parent) == {}
