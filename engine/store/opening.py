"""How a database file is made, looked at without touching it, and opened.

Wrong key, foreign, damaged and newer files are found by a look that changes no byte and leaves no
file behind; only then is the file opened for writing.
"""

import os
from pathlib import Path

import apsw

from engine.store import schema
from engine.store.errors import DamagedFile, ForeignFile, StoreBroken, WrongKey
from engine.store.options import Options
from engine.store.space import free_bytes

PAGE = 4096
PLAIN_HEADER = b"SQLite format 3\0"
LOG_LIMIT = 64 * 1024 * 1024
"""Bytes of write-ahead log kept after it was copied."""

ZEROS = bytes(1024 * 1024)


def connect(name: str, key: bytes, cipher: str, *, flags: int, vfs: str = "") -> apsw.Connection:
    """A connection with its key set; nothing is read yet, so a wrong key has not shown."""
    connection = apsw.Connection(name, flags=flags, vfs=vfs or None)
    connection.pragma("cipher", cipher)
    if cipher == "sqlcipher":
        connection.pragma("legacy", 4)
    connection.pragma("key", f"x'{key.hex()}'")
    return connection


def configure(connection: apsw.Connection, synchronous: str = "FULL") -> None:
    """The settings of the writer; this reads the file for the first time."""
    connection.pragma("user_version")
    connection.set_busy_timeout(5_000)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", synchronous)
    connection.pragma("secure_delete", 0)
    connection.pragma("cache_size", -65_536)
    connection.pragma("journal_size_limit", LOG_LIMIT)
    # Checkpoints are asked for by hand: SQLite's own swallows a failed sync.
    connection.pragma("wal_autocheckpoint", 0)
    connection.pragma("trusted_schema", 0)


def prepare(connection: apsw.Connection) -> None:
    """Give an empty database its tables."""
    connection.pragma("auto_vacuum", "INCREMENTAL")
    connection.pragma("application_id", schema.APPLICATION_ID)
    schema.migrate(connection)
    connection.pragma("journal_mode", "wal")


def create(path: Path, key: bytes, options: Options) -> None:
    """Make a store as a whole: under another name first, so no crash leaves half of one."""
    new = path.with_name(path.name + ".new")
    for ending in ("", "-journal", "-wal", "-shm"):
        new.with_name(new.name + ending).unlink(missing_ok=True)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = connect(str(new), key, options.cipher, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        prepare(connection)
    finally:
        connection.close()
    if _header(new) == PLAIN_HEADER:
        new.unlink()
        raise StoreBroken("the SQLite library at hand does not encrypt: install apsw-sqlite3mc")
    sync(new)
    new.rename(path)
    sync(path.parent)


def examine(path: Path, key: bytes, options: Options) -> None:
    """Refuse what is not a healthy store of this or an earlier release; change nothing.

    Raises:
        WrongKey, ForeignFile, DamagedFile, NewerFile: as they say.
    """
    size = path.stat().st_size
    header = _header(path)
    if header == PLAIN_HEADER:
        raise ForeignFile(f"{path} is an ordinary SQLite database without encryption")
    if size == 0 or size % PAGE:
        raise ForeignFile(f"{path} is no store: its size is not a whole number of pages")
    connection = look(path, key, options.cipher)
    try:
        application = connection.pragma("application_id")
        if application != schema.APPLICATION_ID:
            raise ForeignFile(f"{path} opens with this key but is not a store of this program")
        schema.version_of(connection)
        connection.execute("SELECT count(*) FROM meta").fetchall()
        if size <= options.verify and (found := connection.pragma("quick_check", 1)) != "ok":
            raise DamagedFile(f"{path} is damaged: {found}")
    except apsw.NotADBError:
        raise WrongKey(
            f"the key does not open {path} (or its first page is damaged, or it is another "
            "program's file)"
        ) from None
    except apsw.CorruptError as error:
        raise DamagedFile(f"{path} is damaged: {error}") from error
    finally:
        connection.close()


def open_second(path: Path, key: bytes, options: Options) -> apsw.Connection:
    """A connection beside the writer's, with the log laid out for both."""
    _lay_out_log(path, options)
    return open_writer(path, key, options)


def open_writer(path: Path, key: bytes, options: Options) -> apsw.Connection:
    """A connection that writes, to a file that was examined."""
    connection = connect(str(path), key, options.cipher, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        configure(connection)
        schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _lay_out_log(path: Path, options: Options) -> None:
    """Make the log of an open database as long as the options say, unless space is short.

    Zeros after the last frame are no frame to SQLite. No lock is lost by closing the file: SQLite
    takes its locks on others.
    """
    if free_bytes(path.parent) < options.low_water + options.log:
        return
    log = path.with_name(path.name + "-wal")
    with log.open("ab", buffering=0) as file:
        while (missing := options.log - file.tell()) > 0:
            file.write(ZEROS[:missing])
        os.fsync(file.fileno())


def has_log(path: Path) -> bool:
    """Whether an earlier server left a log: it was killed, or lost its power."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def look(path: Path, key: bytes, cipher: str) -> apsw.Connection:
    """A connection that leaves the file and the folder as they are; nobody else may have one."""
    if not has_log(path):
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        return connect(f"{path.absolute().as_uri()}?immutable=1", key, cipher, flags=flags)
    # A server that was killed left commits in the log, so the log must be read. Exclusive mode
    # keeps the log's index in memory; without the checkpoint at closing nothing is written.
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
    connection = connect(str(path.absolute()), key, cipher, flags=flags)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.pragma("locking_mode", "exclusive")
    return connection


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(PLAIN_HEADER))


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
