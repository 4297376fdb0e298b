"""A copy of a store, whole and under a key of its own, also while a server commits to it.

SQLite's own locks order the reading: the copy is one state of the database, between two commits,
and commits go on beside it. Nothing is written to the store. A server may end meanwhile; one that
starts is refused until the copy has ended.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import apsw

from engine.store import key as keys
from engine.store import opening
from engine.store.errors import DamagedFile, StoreBroken, StoreError, StoreFull, StoreInUse
from engine.store.lock import Lock
from engine.store.options import Options


class Copied(NamedTuple):
    """A copy that was made."""

    size: int
    """Bytes."""
    jobs: int


def copy_store(
    database: Path, target: Path, secret: str | None, options: Options, *, beside: bool = False
) -> Copied:
    """Copy the store to a new file with a key file beside it, wrapped as the store's is.

    The copy is read whole and checked before it gets its name.

    Args:
        database: its file; a server may have it open.
        target: the file to make; neither it nor its key may be there.
        secret: what wraps the key, if anything does.
        options: the store's cipher, which the copy gets too.
        beside: this is the server that has it open, so the lock is not tried.

    Raises:
        StoreError: as its class says; no copy was made.
    """
    if not database.is_file():
        raise StoreError(f"{database} is no store: there is no such file")
    key = keys.open_key(database, secret, _unheard)
    with _failures(database, target), _new_file(target) as part:
        copy_key = keys.open_key(target, secret if keys.is_wrapped(database) else None, _unheard)
        try:
            with _reading(database, key.raw, options, beside=beside) as source:
                source.execute("VACUUM INTO ?", (_name(part, copy_key.raw, options),))
            jobs = check(part, copy_key.raw, options)
            opening.sync(part)
            os.link(part, target)
            opening.sync(target.parent)
        except BaseException:
            keys.key_path(target).unlink(missing_ok=True)
            raise
    return Copied(target.stat().st_size, jobs)


def check(database: Path, key: bytes, options: Options) -> int:
    """Read a database that nobody has open, all of it; how many jobs it has.

    Raises:
        StoreError: it is not a whole store under this key.
    """
    opening.examine(database, key, options._replace(verify=sys.maxsize))
    connection = opening.look(database, key, options.cipher)
    try:
        if (found := connection.pragma("integrity_check", 1)) != "ok":
            raise DamagedFile(f"{database} is damaged: {found}")
        return int(str(connection.execute("SELECT count(*) FROM heads").get))
    finally:
        connection.close()


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """An empty file of ours beside the target, under another name and gone at the end."""
    for path in (target, keys.key_path(target)):
        if path.exists():
            raise StoreError(f"{path} is there already: copies replace nothing")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
    finally:
        for ending in ("", "-journal"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


@contextmanager
def _reading(
    database: Path, key: bytes, options: Options, *, beside: bool = False
) -> Iterator[apsw.Connection]:
    """A connection that only reads: beside a server's, or, alone, one that leaves no trace."""
    try:
        lock = None if beside else Lock(database)
    except StoreInUse:
        lock = None
    try:
        if lock is not None:
            opening.examine(database, key, options)
            source = opening.look(database, key, options.cipher)
        else:
            flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
            source = opening.connect(str(database.absolute()), key, options.cipher, flags=flags)
            source.set_busy_timeout(5_000)
        try:
            yield source
        finally:
            source.close()
    finally:
        if lock is not None:
            lock.release(remove=True)


def _name(part: Path, key: bytes, options: Options) -> str:
    """The copy as a URI, its key in it: the only way to tell `VACUUM INTO` about one."""
    legacy = "&legacy=4" if options.cipher == "sqlcipher" else ""
    return f"{part.absolute().as_uri()}?cipher={options.cipher}{legacy}&key=x'{key.hex()}'"


@contextmanager
def _failures(database: Path, target: Path) -> Iterator[None]:
    try:
        yield
    except apsw.FullError as error:
        raise StoreFull(f"no room for {target}") from error
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise DamagedFile(f"{database} cannot be read whole: {error}") from error
    except (apsw.Error, OSError) as error:
        raise StoreBroken(f"cannot copy {database} to {target}: {error}") from error


def _unheard(_sentence: str) -> None:
    """Whoever serves the store is warned at every start."""
