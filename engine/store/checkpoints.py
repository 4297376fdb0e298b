"""Copying the write-ahead log back into the database, beside the commits and within a bound.

A second connection copies while the writer goes on; it cannot empty a log that keeps growing, so
past a bound the writer copies the short rest itself, between two commits.
"""

import threading
from collections.abc import Callable
from contextlib import suppress

import apsw

STEP = 1000
"""Pages of new log after which it is copied."""

BOUND = 4 * STEP
"""Pages of log after which commits wait until it is copied: 16 MiB."""


class Checkpoints:
    """Watches the log of `writer`.

    `beside` opens another connection to the same file; from `start` on it copies in a thread.
    """

    def __init__(
        self,
        writer: apsw.Connection,
        beside: Callable[[], apsw.Connection] | None = None,
        *,
        step: int = STEP,
        bound: int = BOUND,
    ) -> None:
        self._writer = writer
        self._step = step
        self._bound = bound
        self._beside = beside
        self._pages = 0
        self._asked_at = 0
        self._failure: apsw.Error | None = None
        self._wake = threading.Semaphore(0)
        self._copying = threading.Lock()
        self._ending = False
        self._thread: threading.Thread | None = None
        writer.set_wal_hook(self._grew)

    def start(self) -> None:
        """Call before the first commit: until then nothing but the writer has the file open."""
        if self._beside is None or self._thread is not None:
            return
        connection = self._beside()
        self._thread = threading.Thread(
            target=self._run, args=(connection,), name="checkpoints", daemon=True
        )
        self._thread.start()

    def _grew(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK

    def tend(self) -> None:
        """Call between commits: copy the log, or have it copied, if it is time.

        Raises:
            apsw.Error: a copy failed, here or in the thread; nothing may be written any more.
        """
        if self._failure is not None:
            raise self._failure
        if self._pages < self._asked_at:  # the log began anew
            self._asked_at = 0
        if self._pages - self._asked_at < self._step:
            return
        self._asked_at = self._pages
        if self._thread is None or self._pages >= self._bound:
            with self._copying:
                _copy(self._writer)
        else:
            self._wake.release()

    def stop(self) -> None:
        """End the thread after the copy it is at."""
        self._ending = True
        self._wake.release()
        if self._thread is not None:
            self._thread.join()

    def _run(self, connection: apsw.Connection) -> None:
        while self._failure is None:
            self._wake.acquire()
            if self._ending:
                break
            try:
                with self._copying:
                    _copy(connection)
            except apsw.FullError:
                pass  # the log stays until there is room
            except apsw.Error as error:
                self._failure = error
        connection.close()


def _copy(connection: apsw.Connection) -> None:
    with suppress(apsw.BusyError):  # another connection copies at this moment
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
