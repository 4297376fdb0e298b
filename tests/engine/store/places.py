"""Stores in folders, made and looked at for the tests of this package."""

import hashlib
from pathlib import Path

from engine.store.database import Database, PlainChanges
from engine.store.options import Options
from engine.store.starting import open_database
from engine.store.tables import JOBS, Row, Table

KEY = bytes(range(32))
OTHER_KEY = bytes(32)
SMALL = Options(reserve=0, low_water=0, log=0)


def start(path: Path, options: Options = SMALL, key: bytes = KEY) -> Database:
    """The store at `path`, in this thread."""
    return open_database(path, key, options, beside=False, clock=lambda: 0.0)


def take(database: Database) -> int:
    """Its token, under a new tenure."""
    held = database.acquire(0, "test", 60)
    assert held is not None
    return held[2]


def publish(*seqs: int, payload: bytes = b"hello") -> PlainChanges:
    """The rows of new jobs."""
    heads: dict[int | str, Row | None] = {seq: (seq, 1, 1, 0, 1.0, 0, 1.0, None) for seq in seqs}
    bodies: dict[int | str, Row | None] = {
        seq: (seq, f"id-{seq}", "mail", payload, b"", 1.0, None) for seq in seqs
    }
    return {Table.HEADS: heads, Table.BODIES: bodies}


def jobs(database: Database, token: int) -> list[Row]:
    """The jobs a load gives."""
    found: list[Row] = []
    cursor = None
    while True:
        table, rows, cursor = database.page(token, cursor, None)
        found += rows if table == JOBS else []
        if cursor is None:
            return found


def fill(path: Path, count: int = 50, options: Options = SMALL, payload: bytes = b"hello") -> None:
    """Make a store with so many jobs and close it."""
    database = start(path, options)
    database.apply(take(database), publish(*range(count), payload=payload))
    database.close()


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a folder with the hash of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
