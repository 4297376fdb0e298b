"""What the SQLite store keeps over a restart, and what it turns down."""

import stat
from pathlib import Path

import apsw
import pytest

from engine.store import opening, schema
from engine.store.database import PlainChanges
from engine.store.errors import Fenced, StoreError
from engine.store.options import Options
from engine.store.tables import SPECS, Row, Table
from tests.engine.store.places import KEY, SMALL, fill, fingerprint, jobs, publish, start, take


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "jobyard.db"


def test_what_was_committed_is_there_after_a_restart(path: Path) -> None:
    fill(path, count=3)
    database = start(path)
    assert [row[0] for row in jobs(database, take(database))] == [0, 1, 2]
    database.close()


def test_files_are_for_their_owner_alone(path: Path) -> None:
    database = start(path, SMALL._replace(reserve=8192))
    database.apply(take(database), publish(1))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    names = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert names == {
        f"jobyard.db{ending}": 0o600 for ending in ("", "-wal", "-shm", ".lock", ".reserve")
    }
    database.close()
    assert {file.name for file in path.parent.iterdir()} == {"jobyard.db", "jobyard.db.reserve"}


@pytest.mark.parametrize("cipher", ["sqlcipher", "aegis"])
def test_the_file_is_encrypted(path: Path, cipher: str) -> None:
    fill(path, options=Options(cipher=cipher, reserve=0), payload=b"payload in the clear")  # type: ignore[arg-type]  # parametrised
    content = path.read_bytes()
    for clear in (b"SQLite format", b"CREATE TABLE", b"payload in the clear", KEY):
        assert clear not in content


def test_the_token_rises_with_each_start_that_was_used(path: Path) -> None:
    tokens = []
    for _ in range(3):
        database = start(path)
        tokens.append(take(database))
        database.apply(tokens[-1], {})
        database.close()
    assert tokens == [1, 2, 3]


def test_the_token_is_durable_when_a_load_has_ended(path: Path) -> None:
    fill(path)
    database = start(path)
    first = take(database)
    jobs(database, first)
    database.close()
    database = start(path)
    assert take(database) == first + 1
    database.close()


def test_a_load_leaves_no_pages_in_memory(path: Path) -> None:
    fill(path, count=1_000, payload=b"x" * 4_000)
    database = start(path)
    token, before = take(database), apsw.memory_used()
    assert len(jobs(database, token)) == 1_000
    assert apsw.memory_used() - before < 1_000_000
    database.close()


def test_a_store_keeps_its_own_rows_to_itself(path: Path) -> None:
    database = start(path)
    token = take(database)
    database.apply(token, {Table.META: {"mine": ("mine", b"1")}})
    assert database.page(token, None, None)[1] == [("mine", b"1")]
    database.close()


def test_a_stale_token_reads_and_writes_nothing(path: Path) -> None:
    database = start(path)
    stale = take(database)
    token = take(database)
    with pytest.raises(Fenced):
        database.apply(stale, publish(1))
    with pytest.raises(Fenced):
        database.page(stale, None, None)
    assert jobs(database, token) == []
    database.close()


UNFIT: list[Row] = [
    (1, 2**63, 1, 0, 1.0, 0, 1.0, None),
    (1, 1, 1, 0, 1.0, 0, 1.0),
    (1, 1, 1, 0, 1.0, 0, 1.0, "lone \ud800 surrogate"),
    (1, 1, 1, 0, 1.0, 0, 1.0, object()),  # type: ignore[list-item]  # what a row cannot hold
    ("text", 1, 1, 0, 1.0, 0, 1.0, None),
]


@pytest.mark.parametrize("row", UNFIT)
def test_a_row_that_does_not_fit_takes_its_commit_back(path: Path, row: Row) -> None:
    database = start(path)
    token = take(database)
    changes: PlainChanges = {
        **publish(5),
        Table.DETAILS: {5: (5, None, None)},
        Table.HEADS: {1: row},
    }
    with pytest.raises(StoreError) as caught:
        database.apply(token, changes)
    assert type(caught.value) is StoreError
    assert database.details([5]) == {}
    database.apply(token, publish(6))
    assert [row[0] for row in jobs(database, token)] == [6]
    database.close()


def test_a_crash_while_a_store_is_made_leaves_none(path: Path) -> None:
    path.parent.mkdir()
    (path.parent / "jobyard.db.new").write_bytes(b"half a store")
    (path.parent / "jobyard.db.new-journal").write_bytes(b"half a journal")
    start(path).close()
    assert set(fingerprint(path.parent)) == {"jobyard.db"}


def test_the_tables_are_what_the_spec_says(path: Path) -> None:
    fill(path)
    connection = opening.open_writer(path, KEY, SMALL)
    for spec in SPECS.values():
        columns = connection.execute(f"PRAGMA table_info({spec.name})").fetchall()
        assert tuple((column[1], column[2]) for column in columns) == spec.columns
        assert [column[1] for column in columns if column[5]] == [spec.columns[0][0]]
    connection.close()


def test_the_settings_that_keep_promises_are_in_force(path: Path) -> None:
    fill(path)
    connection = opening.open_writer(path, KEY, SMALL)
    assert {
        name: connection.pragma(name)
        for name in ("synchronous", "journal_mode", "auto_vacuum", "secure_delete", "cipher")
    } == {
        "synchronous": 2,
        "journal_mode": "wal",
        "auto_vacuum": 2,
        "secure_delete": 0,
        "cipher": "sqlcipher",
    }
    connection.close()


def test_an_older_store_is_brought_up_step_by_step(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path, count=2)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE more(a)"))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    for _ in range(2):
        database = start(path)
        assert len(jobs(database, take(database))) == 2
        database.close()
    connection = opening.open_writer(path, KEY, SMALL)
    assert connection.pragma("user_version") == schema.VERSION
    assert connection.execute("SELECT count(*) FROM more").get == 0
    connection.close()


def test_a_step_that_fails_leaves_the_store_at_its_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    version = schema.VERSION
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE more(a); CREATE no sense"))
        patch.setattr(schema, "VERSION", version + 1)
        with pytest.raises(StoreError):
            start(path)
    connection = opening.open_writer(path, KEY, SMALL)
    assert connection.pragma("user_version") == version
    with pytest.raises(apsw.SQLError):
        connection.execute("SELECT * FROM more")
    connection.close()
    start(path).close()
