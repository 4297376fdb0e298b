"""What every store promises.

`commit` is all or nothing and durable on return. A store is shared out in shards, each owned
through a `Tenure`; the memory and SQLite stores have the single shard 0. A commit under a tenure
that somebody else has taken over is refused with `Fenced`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from attrs import frozen

from engine.store.tables import Changes, Row, Table


class StoreError(Exception):
    """The store cannot do what was asked; the message says what a person can do about it."""

    code = "store-error"


class WrongKey(StoreError):
    """The key does not open this file. Nothing was changed."""

    code = "wrong-key"


class ForeignFile(StoreError):
    """The file is no store of ours (another program's, or not encrypted). Nothing was changed."""

    code = "foreign-file"


class DamagedFile(StoreError):
    """The file fails its integrity checks. Nothing was changed."""

    code = "damaged-file"


class NewerFile(StoreError):
    """The file was written by a newer version. Nothing was changed."""

    code = "newer-file"


class StoreInUse(StoreError):
    """Another server has this store open. Nothing was changed."""

    code = "store-in-use"


class StoreFull(StoreError):
    """No space: the commit was rolled back whole and may be tried again."""

    code = "storage-full"


class StoreBroken(StoreError):
    """A read, write or sync failed; the fate of the commit is unknown. The process must stop."""

    code = "store-broken"


class Fenced(StoreError):
    """Somebody else owns this shard now; nothing was committed."""

    code = "fenced"


@frozen
class Tenure:
    """The right to write one shard: `token` rises by one with every new owner (also each boot)."""

    shard: int
    owner: str
    token: int
    until: float


@frozen
class StoreStatistics:
    """What a store says of itself."""

    kind: str
    """`memory` or `sqlite`."""
    path: str
    """Where it is; empty for memory."""
    cipher: str
    """Name of the page cipher; empty when nothing is encrypted."""
    size: int
    """Bytes on disk, the write-ahead log included; 0 for memory."""
    free: int
    """Bytes left on the file system; -1 when unknown or without meaning."""
    commits: int
    """Commits since it was opened."""


JOBS = -1
"""In what `load` yields: a head joined with its body, without the body's `seq`."""


class Store(Protocol):
    """One store. Opened by its factory, used by one committer, closed once."""

    immediate: bool
    """True: `commit_now` exists and is durable (as durable as this store gets) on return."""

    async def acquire(self, shard: int, owner: str, ttl: float) -> Tenure | None:
        """Take a shard; None while somebody else's tenure lives."""

    async def renew(self, tenure: Tenure, ttl: float) -> Tenure | None:
        """Live on; None if it was lost."""

    async def release(self, tenure: Tenure) -> None:
        """Give the shard back; harmless when it was lost."""

    async def owners(self) -> Sequence[Tenure]:
        """Every tenure that lives."""

    def load(
        self, tenure: Tenure, queue: int | None = None
    ) -> AsyncIterator[tuple[int, list[Row]]]:
        """All rows, in chunks of `(table, rows)`, in the order META, QUEUES, RECURRENCES,
        REQUESTS, JOBS (ordered by seq); with `queue`, the rows of that queue alone (no META).

        A job that is over (`done` and later states) comes with payload None: it stays on disk.
        """

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """Write all of it, or nothing and raise. Never cancelled half way.

        Raises:
            StoreFull: rolled back, may be tried again.
            Fenced: the shard belongs to somebody else.
            StoreBroken: its fate is unknown; stop.
        """

    def commit_now(self, tenure: Tenure, changes: Changes) -> None:
        """The same without waiting, only where `immediate`."""

    async def payloads(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """Payloads by seq; what does not exist is absent."""

    async def details(self, seqs: Sequence[int]) -> dict[int, Row]:
        """Rows of DETAILS by seq; what does not exist is absent."""

    def statistics(self) -> StoreStatistics:
        """Figures as of the last commit."""

    async def aclose(self) -> None:
        """Finish the running commit and close."""


__all__ = [
    "JOBS", "DamagedFile", "Fenced", "ForeignFile", "NewerFile", "Store", "StoreBroken",
    "StoreError", "StoreFull", "StoreInUse", "StoreStatistics", "Table", "Tenure", "WrongKey",
]
