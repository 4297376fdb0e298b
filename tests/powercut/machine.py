"""A store on a disk in memory, started again and again."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from engine.store import opening
from engine.store.checkpoints import Checkpoints
from engine.store.database import Database, PlainChanges
from engine.store.space import Space
from engine.store.tables import JOBS, Key, Row, Table
from tests.powercut.disk import DRIVE, VFS, Disk

KEY = bytes(range(32))
NAME = "jobyard.db"
CHECKPOINT_PAGES = 40
FLAGS = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE

Rows = dict[tuple[int, Key], Row]
"""The rows a store holds, jobs as their heads joined with their bodies."""


class Machine:
    """The one drive with its disk, and the database started from it; use one at a time."""

    def __init__(self, synchronous: str = "FULL", cipher: str = "sqlcipher") -> None:
        self._synchronous = synchronous
        self._cipher = cipher
        self.disk = Disk()

    @property
    def disk(self) -> Disk:
        """The disk that is plugged in."""
        return DRIVE.disk

    @disk.setter
    def disk(self, disk: Disk) -> None:
        DRIVE.disk = disk

    @contextmanager
    def connection(self) -> Iterator[apsw.Connection]:
        """A bare connection, closed at the end whatever the disk says."""
        connection = opening.connect(
            NAME, KEY, self._cipher, flags=FLAGS, vfs=f"multipleciphers-{VFS}"
        )
        # A VFS in Python has no shared memory: the log's index is kept in this process.
        connection.pragma("locking_mode", "exclusive")
        try:
            yield connection
        finally:
            try:
                connection.close(force=True)
            except apsw.Error:
                assert self.disk.off or self.disk.fault or self.disk.reading

    def format(self) -> None:
        """Make an empty store on an empty disk."""
        with self.connection() as connection:
            opening.prepare(connection)
        self.disk.removed.clear()  # `opening.create` ends by syncing the folder

    @contextmanager
    def started(self, space: Space | None = None) -> Iterator[Database]:
        """The database, opened as the writer's process opens it; its log is copied often."""
        with self.connection() as connection:
            opening.configure(connection, self._synchronous)
            checkpoints = Checkpoints(connection, step=CHECKPOINT_PAGES)
            yield Database(connection, checkpoints=checkpoints, space=space, clock=lambda: 0.0)


def token_of(database: Database) -> int:
    """Take the shard."""
    held = database.acquire(0, "machine", 60)
    assert held is not None
    return held[2]


def rows_of(database: Database, token: int) -> Rows:
    """All that a load gives."""
    found: Rows = {}
    cursor = None
    while True:
        table, rows, cursor = database.page(token, cursor, None)
        for row in rows:
            assert isinstance(row[0], int | str)
            found[table, row[0]] = row
        if cursor is None:
            return found


def applied(rows: Rows, changes: PlainChanges) -> Rows:
    """The rows after a commit, worked out the plain way."""
    after = dict(rows)
    for seq, head in changes.get(Table.HEADS, {}).items():
        body = changes.get(Table.BODIES, {}).get(seq)
        if head is None:
            after.pop((JOBS, seq), None)
        elif body is not None:
            after[JOBS, seq] = head + body[1:]
        else:
            after[JOBS, seq] = head + after[JOBS, seq][len(head) :]
    for key, row in changes.get(Table.META, {}).items():
        assert row is not None
        after[Table.META, key] = row
    return after
