"""From a path to an open database: lock, look, open; on any refusal all of it is undone."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import apsw

from engine.store import opening
from engine.store.checkpoints import Checkpoints
from engine.store.database import Database
from engine.store.errors import StoreBroken
from engine.store.lock import Lock
from engine.store.options import Options
from engine.store.space import Space


def open_database(
    path: Path,
    key: bytes,
    options: Options,
    *,
    beside: bool = True,
    clock: Callable[[], float] = time.time,
) -> Database:
    """Open or make the store at `path`.

    With `beside`, the log is copied back by a second connection in a thread.

    Raises:
        StoreInUse, WrongKey, ForeignFile, DamagedFile, NewerFile: refused, nothing changed.
        StoreBroken: the file system failed.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as undo:
            lock = Lock(path)
            undo.callback(lambda: lock.release(remove=lock.created))
            if path.exists():
                opening.examine(path, key, options)
            else:
                opening.create(path, key, options)
            log_found = opening.has_log(path)
            connection = opening.open_writer(path, key, options)
            undo.callback(connection.close)
            # Commits that a killed server left in the log stay there until the first of ours.
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(log_found))
            second = partial(opening.open_second, path, key, options) if beside else None
            database = Database(
                connection,
                checkpoints=Checkpoints(connection, second),
                space=Space(path, options),
                lock=lock,
                clock=clock,
            )
            undo.pop_all()
            return database
    except (apsw.Error, OSError) as error:
        raise StoreBroken(f"cannot open {path}: {error}") from error
