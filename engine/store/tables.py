"""The rows a store keeps: one spec a table, the same for every store.

A row is a tuple of `None`, `int`, `float`, `str` and `bytes` in the order of `Spec.columns`;
its first column is its key. What a queue decides reaches a store only as such rows.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

Key = int | str
Row = tuple[int | float | str | bytes | None, ...]


class Table(IntEnum):
    """Every table. Those of jobs are loaded last, joined; numbers never change."""

    META = 0
    QUEUES = 1
    RECURRENCES = 2
    REQUESTS = 3
    HEADS = 4
    BODIES = 5
    DETAILS = 6
    ACCOUNTS = 7
    AUDIT = 8


class Spec(NamedTuple):
    """One table: its name and its columns with their SQLite types; the first is the key."""

    name: str
    columns: tuple[tuple[str, str], ...]


SPECS: dict[Table, Spec] = {
    Table.META: Spec("meta", (("key", "TEXT"), ("value", "BLOB"))),
    Table.QUEUES: Spec(
        "queues",
        (
            ("number", "INTEGER"),
            ("group_name", "TEXT"),
            ("name", "TEXT"),
            ("id", "TEXT"),
            ("created_at", "REAL"),
            ("more", "BLOB"),  # pause, declaration, keys: packed by queue_state/queue_rows.py
        ),
    ),
    Table.RECURRENCES: Spec(
        "recurrences",
        (
            ("number", "INTEGER"),
            ("queue", "INTEGER"),
            ("spec", "BLOB"),
            ("last_tick", "REAL"),
        ),
    ),
    Table.REQUESTS: Spec(
        "requests",
        (
            ("key", "TEXT"),  # principal and request_id
            ("queue", "INTEGER"),
            ("at", "REAL"),
            ("answer", "BLOB"),
        ),
    ),
    # What changes with every move of a job: small, so a move writes little.
    Table.HEADS: Spec(
        "heads",
        (
            ("seq", "INTEGER"),
            ("queue", "INTEGER"),
            ("state", "INTEGER"),
            ("priority", "INTEGER"),
            ("ready_at", "REAL"),
            ("attempts", "INTEGER"),
            ("updated_at", "REAL"),
            ("more", "BLOB"),  # rare fields and the reservation: packed by queue_state/rows.py
        ),
    ),
    # What is written once (an edit rewrites it): the payload and what publish decided.
    Table.BODIES: Spec(
        "bodies",
        (
            ("seq", "INTEGER"),
            ("id", "TEXT"),
            ("type", "TEXT"),
            ("payload", "BLOB"),
            ("policy", "BLOB"),
            ("created_at", "REAL"),
            ("more", "BLOB"),  # content type, unique key, recurrence tick
        ),
    ),
    # What is only read when somebody looks at the job: result, log, error, history.
    Table.DETAILS: Spec(
        "details",
        (
            ("seq", "INTEGER"),
            ("result", "BLOB"),
            ("notes", "BLOB"),
        ),
    ),
    # Users, groups and tokens that were added by command: packed by engine/account_rows.py.
    Table.ACCOUNTS: Spec("accounts", (("key", "TEXT"), ("more", "BLOB"))),
    # Who did what to the server or to a whole queue.
    Table.AUDIT: Spec("audit", (("number", "INTEGER"), ("at", "REAL"), ("more", "BLOB"))),
}

Changes = Mapping[Table, Mapping[Key, Row | None]]
"""What a step leaves to be kept: for each table, key -> the row as the step ends, None: deleted."""

JOBS: Final = -1
"""In what `load` yields: a head joined with its body, without the body's `seq`."""

FIRST_TERMINAL: Final = 3
"""`JobState.DONE`: payloads of heads in this state and later ones are not loaded."""

STORE_KEYS: Final = "store."
"""Keys of META that begin so are the store's own; `load` does not show them."""
