"""The SQLite store without its transport: synchronous, one caller at a time.

Everything goes in and comes out as plain tuples, dicts and numbers, so that the same calls work
inline, in a thread and across a socket.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

from engine.store.checkpoints import Checkpoints
from engine.store.errors import DamagedFile, StoreBroken, StoreError, StoreFull
from engine.store.lock import Lock
from engine.store.space import Space
from engine.store.statements import (
    DROP,
    END_OF_SLICE,
    FIRST_KEY,
    GET_DETAIL,
    GET_META,
    GET_PAYLOAD,
    ORDER,
    PAGE,
    PAGE_OF_QUEUE,
    PUT,
)
from engine.store.tables import JOBS, STORE_KEYS, Key, Row, Table
from engine.store.tenures import Held, Tenures
from engine.store.trim import trim

PAGE_ROWS = 2048
"""Rows in one page of a load."""

SLICE_ROWS = 16_384
"""Rows looked through for one page of one queue."""

TOKEN = STORE_KEYS + "token"
PlainChanges = Mapping[int, Mapping[Key, Row | None]]
Cursor = tuple[int, Key]
"""Where a load is: the table and the last key seen."""


class Database:
    """One open database: the writer's connection and what belongs to it."""

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        checkpoints: Checkpoints,
        space: Space | None = None,
        lock: Lock | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._connection = connection
        self._checkpoints = checkpoints
        self._space = space
        self._lock = lock
        self._writing = False
        self._broken = ""
        with self._reading():
            stored = connection.execute(GET_META, (TOKEN,)).get
        self._tenures = Tenures(int(stored or 0), clock)
        self._token_kept = self._tenures.token

    def acquire(self, shard: int, owner: str, ttl: float) -> Held | None:
        """A new tenure, or None while another owner's lives.

        Its token is written with the first commit, or when the first load has ended: until the
        whole file has been read, a damaged one stays as it is.
        """
        self._check()
        return self._tenures.acquire(shard, owner, ttl)

    def renew(self, token: int, ttl: float) -> Held | None:
        """The same tenure with a later end, or None if it was lost."""
        self._check()
        return self._tenures.renew(token, ttl)

    def release(self, token: int) -> None:
        """Give the shard back."""
        self._tenures.release(token)

    def owners(self) -> list[Held]:
        """The tenures that live."""
        return self._tenures.owners()

    def page(
        self, token: int, cursor: Cursor | None, queue: int | None
    ) -> tuple[int, list[Row], Cursor | None]:
        """The next page of a load: table, rows, where to go on (None: this was the last).

        A page may be empty. Pages stand alone, so commits may come between them.
        """
        self._check()
        self._tenures.check(token)
        table, after = cursor or (ORDER[0], FIRST_KEY[ORDER[0]])
        last: Key | None
        with self._reading():
            if queue is None:
                rows = self._connection.execute(PAGE[table], (after, PAGE_ROWS)).fetchall()
                last = _key(rows[-1]) if len(rows) == PAGE_ROWS else None
            elif table not in PAGE_OF_QUEUE:
                rows, last = [], None
            else:
                rows = self._connection.execute(
                    PAGE_OF_QUEUE[table], (after, SLICE_ROWS, queue)
                ).fetchall()
                last = self._connection.execute(END_OF_SLICE[table], (after, SLICE_ROWS)).get
        if last is not None:
            return table, rows, (table, last)
        if table != JOBS:
            following = ORDER[ORDER.index(table) + 1]
            return table, rows, (following, FIRST_KEY[following])
        if self._token_kept != self._tenures.token:
            self.apply(token, {})
        self._connection.pragma("shrink_memory")  # what was read once is not read again soon
        trim()
        return table, rows, None

    def apply(self, token: int, changes: PlainChanges) -> bool:
        """Write all of it, durably, or nothing; True while the space set aside is used up.

        Raises:
            Fenced, StoreFull, StoreError: nothing was written.
            StoreBroken: unknown what was written.
        """
        self._check()
        self._tenures.check(token)
        try:
            self._begin()
            if not self._written(changes):
                free = self._space is not None and self._space.give_up()
                if not free or not self._written(changes):
                    raise StoreFull("the disk is full")
        except (apsw.Error, OSError) as error:
            raise self._break(error) from error
        return self._space is not None and self._space.spent

    def tend(self) -> None:
        """Look after the log and the space set aside; call after a commit was answered."""
        if self._broken:
            return
        try:
            self._checkpoints.tend()
        except apsw.FullError:
            pass  # the log stays until there is room
        except apsw.Error as error:
            self._break(error)
        if self._space is not None and self._space.spent:
            self._space.restore()

    def payloads(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """Payloads by seq."""
        return dict(self._find(GET_PAYLOAD, seqs))

    def details(self, seqs: Sequence[int]) -> dict[int, Row]:
        """Rows of DETAILS by seq."""
        return {row[0]: row for row in self._find(GET_DETAIL, seqs)}

    def close(self) -> None:
        """Copy the log back and let the file go; after a failure, touch nothing more."""
        self._checkpoints.stop()
        if self._broken and self._writing:
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        self._connection.close()
        if self._lock is not None:
            self._lock.release(remove=True)

    def _begin(self) -> None:
        """Before the first commit nothing is written: a damaged file stays as it is."""
        if not self._writing:
            self._writing = True
            self._connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
            self._checkpoints.start()
            if self._space is not None:
                self._space.restore()

    def _written(self, changes: PlainChanges) -> bool:
        """Commit; False if there was no room, with all of it rolled back."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in changes.items():
                self._put(table, rows)
            if self._token_kept != self._tenures.token:
                connection.execute(PUT[Table.META], (TOKEN, self._tenures.token))
            connection.execute("COMMIT")
        except apsw.FullError:
            self._roll_back()
            return False
        except UNFIT as error:
            self._roll_back()
            raise StoreError(f"a row does not fit its table: {error}") from error
        self._token_kept = self._tenures.token
        return True

    def _put(self, table: int, rows: Mapping[Key, Row | None]) -> None:
        gone = [(key,) for key, row in rows.items() if row is None]
        kept: Iterable[Row | None] = rows.values()
        if gone:
            self._connection.executemany(DROP[table], gone)
            kept = [row for row in kept if row is not None]
        self._connection.executemany(PUT[table], kept)  # type: ignore[arg-type]  # no None left

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite may have done it already
            self._connection.execute("ROLLBACK")

    def _find(self, query: str, seqs: Sequence[int]) -> list[Any]:
        self._check()
        with self._reading():
            return self._connection.executemany(query, ((seq,) for seq in seqs)).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError) as error:
            self._break(error)
            raise DamagedFile(f"the store is damaged: {error}") from error
        except apsw.Error as error:
            raise self._break(error) from error

    def _break(self, error: Exception) -> StoreBroken:
        self._broken = f"the store failed: {error}"
        return StoreBroken(self._broken)

    def _check(self) -> None:
        if self._broken:
            raise StoreBroken(self._broken)


UNFIT = (
    TypeError,
    ValueError,
    OverflowError,
    apsw.BindingsError,
    apsw.ConstraintError,
    apsw.MismatchError,
    apsw.TooBigError,
)


def _key(row: Row) -> Key:
    key = row[0]
    assert isinstance(key, int | str)
    return key
