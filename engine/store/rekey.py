"""Changing the key of a store that no server has open.

Rule 1: the key in force is replaced only after the next one has opened the database.
Rule 2: until then both key files are there, so whatever moment a kill falls on, one of them opens
the database; `settle` finds out which, and drops the other.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from engine.store import key as keys
from engine.store import opening
from engine.store.errors import StoreBroken, StoreError, StoreFull, WrongKey
from engine.store.key import DataKey
from engine.store.lock import Lock
from engine.store.options import Options


def change_secret(
    database: Path, secret: str | None, new_secret: str | None, options: Options
) -> None:
    """Wrap the key by another secret, or by none; the database itself is not touched.

    Raises:
        StoreInUse: a server has it open.
        WrongKey, DamagedFile, StoreBroken: as they say; nothing was changed.
    """
    with _alone(database):
        _settle(database, secret, options)
        keys.sweep(database)
        keys.rewrap(database, secret, new_secret)


def change_data_key(database: Path, secret: str | None, options: Options) -> None:
    """Encrypt the whole database anew under a fresh key, which the same secret wraps.

    Args:
        database: its file.
        secret: what wraps the key now, if anything does.
        options: its cipher.

    Raises:
        StoreInUse: a server has it open.
        StoreFull: no room; the old key is in force.
        StoreError: as its class says; one of the two keys opens the database.
    """
    with _alone(database):
        _settle(database, secret, options)
        keys.sweep(database)
        present = keys.open_key(database, secret, _unheard)
        opening.examine(database, present.raw, options)
        following = keys.stage_next(database, secret)
        try:
            _encrypt(database, present, following, options)
        finally:
            _settle(database, secret, options)


def settle(database: Path, secret: str | None, options: Options) -> None:
    """Bring a change of the data key that was cut short to one end; nothing to do costs nothing.

    Raises:
        StoreInUse: the change is under way.
        WrongKey: neither key opens the database; both are left there.
    """
    if keys.next_path(database).exists():
        with _alone(database):
            _settle(database, secret, options)


def _settle(database: Path, secret: str | None, options: Options) -> None:
    if not keys.next_path(database).exists():
        return
    present = keys.open_key(database, secret, _unheard)
    try:
        opening.examine(database, present.raw, options)
    except WrongKey:
        whole = options._replace(verify=sys.maxsize)
        opening.examine(database, keys.open_next(database, secret).raw, whole)
        keys.adopt_next(database)
    else:
        keys.drop_next(database)


def _encrypt(database: Path, present: DataKey, following: DataKey, options: Options) -> None:
    flags = apsw.SQLITE_OPEN_READWRITE
    connection = opening.connect(str(database), present.raw, options.cipher, flags=flags)
    try:
        connection.pragma("locking_mode", "exclusive")
        opening.configure(connection)
        connection.pragma("rekey", f"x'{following.raw.hex()}'")
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        connection.close()


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Hold the store's lock; a database that is not there is not made."""
    if not database.is_file():
        raise StoreError(f"{database} is no store: there is no such file")
    try:
        lock = Lock(database)
        try:
            yield
        finally:
            lock.release(remove=True)
    except apsw.FullError as error:
        raise StoreFull(f"{database}: the disk is full") from error
    except (apsw.Error, OSError) as error:
        raise StoreBroken(f"{database}: {error}") from error


def _unheard(_sentence: str) -> None:
    """Whoever serves the store is warned at every start."""
