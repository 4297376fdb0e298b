"""Stores of earlier releases: opened, brought up to date, and whole afterwards."""

from pathlib import Path

import pytest

from engine.store import backup, schema
from engine.store.tables import Row, Table
from tests.engine.store.places import KEY, SMALL, fill, jobs, start, take

ACCOUNT: Row = ("user:ada", b"packed")
ENTRY: Row = (1, 2.5, b"packed")


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with fifty jobs, as the first release made it."""
    path = tmp_path / "store" / "jobyard.db"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:1])
        patch.setattr(schema, "VERSION", 1)
        fill(path)
    return path


def test_an_old_store_gets_the_new_tables_and_keeps_its_jobs(old: Path) -> None:
    database = start(old)
    token = take(database)
    assert len(jobs(database, token)) == 50
    database.apply(token, {Table.ACCOUNTS: {ACCOUNT[0]: ACCOUNT}, Table.AUDIT: {1: ENTRY}})  # type: ignore[dict-item]  # a row's first column is its key
    database.close()
    database = start(old)
    token = take(database)
    pages: list[tuple[int, list[Row]]] = []
    cursor = None
    while not pages or cursor is not None:
        table, rows, cursor = database.page(token, cursor, None)
        pages.append((table, rows))
    assert (Table.ACCOUNTS, [ACCOUNT]) in pages
    assert (Table.AUDIT, [ENTRY]) in pages
    database.close()


def test_an_old_store_is_looked_at_without_a_change(old: Path) -> None:
    before = old.read_bytes()
    assert backup.check(old, KEY, SMALL) == 50
    assert old.read_bytes() == before
