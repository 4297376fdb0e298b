"""The schema, as the steps that made it, and the numbers that say which file this is.

A step is never edited once released: a change of the tables is one more step at the end.
"""

from typing import Final

import apsw

from engine.store.errors import NewerFile

APPLICATION_ID: Final = 0x4A4F4259
"""`JOBY` in the header of every store."""

STEPS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
    CREATE TABLE queues(number INTEGER PRIMARY KEY, group_name TEXT, name TEXT, id TEXT,
        created_at REAL, more BLOB);
    CREATE TABLE recurrences(number INTEGER PRIMARY KEY, queue INTEGER, spec BLOB,
        last_tick REAL);
    CREATE TABLE requests(key TEXT PRIMARY KEY, queue INTEGER, at REAL, answer BLOB)
        WITHOUT ROWID;
    CREATE TABLE heads(seq INTEGER PRIMARY KEY, queue INTEGER, state INTEGER, priority INTEGER,
        ready_at REAL, attempts INTEGER, updated_at REAL, more BLOB);
    CREATE TABLE bodies(seq INTEGER PRIMARY KEY, id TEXT, type TEXT, payload BLOB, policy BLOB,
        created_at REAL, more BLOB);
    CREATE TABLE details(seq INTEGER PRIMARY KEY, result BLOB, notes BLOB);
    """,
    """
    CREATE TABLE accounts(key TEXT PRIMARY KEY, more BLOB) WITHOUT ROWID;
    CREATE TABLE audit(number INTEGER PRIMARY KEY, at REAL, more BLOB);
    """,
)

VERSION: Final = len(STEPS)
"""What `PRAGMA user_version` of a current store says."""


def version_of(connection: apsw.Connection) -> int:
    """The schema version of an open store.

    Raises:
        NewerFile: it is from a later release.
    """
    version = int(str(connection.pragma("user_version")))
    if version > VERSION:
        raise NewerFile(
            f"the store has schema {version}, this release knows {VERSION}: use a newer release"
        )
    return version


def migrate(connection: apsw.Connection) -> None:
    """Bring an empty or older store to the current version, each step all or nothing."""
    for number, step in enumerate(STEPS[version_of(connection) :], version_of(connection) + 1):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(step)
        connection.pragma("user_version", number)
        connection.execute("COMMIT")
