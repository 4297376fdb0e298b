"""What every store promises.

`commit` is all or nothing and durable on return. A store is shared out in shards, each owned
through a `Tenure`; the memory and SQLite stores have the single shard 0. A commit under a tenure
that somebody else has taken over is refused with `Fenced`.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from attrs import frozen

from engine.store.errors import (
    DamagedFile,
    Fenced,
    ForeignFile,
    NewerFile,
    NoMemory,
    StoreBroken,
    StoreError,
    StoreFull,
    StoreInUse,
    WrongKey,
)
from engine.store.tables import JOBS, Changes, Row, Table


@frozen
class Tenure:
    """The right to write one shard.

    `token` rises by one with every new owner, so with every start: it is the *boot* number too. It
    is durable with the first commit under it, at the latest when a whole load has ended.
    """

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
    low: bool = False
    """Space is short: refuse what adds jobs, go on with what finishes them."""


class Store(Protocol):
    """One store. Opened by its factory, used by one committer, closed once."""

    immediate: bool
    """True: `commit_now` exists and is durable (as durable as this store gets) on return."""

    @property
    def low(self) -> bool:
        """Space is short, as in the statistics; cheap enough to be asked after each commit."""

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
        """All rows, in chunks of `(table, rows)`; with `queue`, the rows of that queue alone.

        The order is META, QUEUES, RECURRENCES, REQUESTS, ACCOUNTS, AUDIT,
        JOBS (ordered by seq); with `queue`, only those that have rows of a queue.

        A job that is over (`done` and later states) comes with payload None: it stays on disk.
        """

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """Write all of it, or nothing and raise. Never cancelled half way.

        Rows hold plain `None`, `int` (64 bits), `float`, `str` and `bytes`, no subclasses of them.

        Raises:
            StoreFull: rolled back, may be tried again.
            NoMemory: the same; in smaller parts it may go through.
            Fenced: the shard belongs to somebody else.
            StoreBroken: its fate is unknown; stop.
            StoreError: a value that no row can hold; nothing was committed.
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
    "JOBS",
    "DamagedFile",
    "Fenced",
    "ForeignFile",
    "NewerFile",
    "NoMemory",
    "Store",
    "StoreBroken",
    "StoreError",
    "StoreFull",
    "StoreInUse",
    "StoreStatistics",
    "Table",
    "Tenure",
    "WrongKey",
]
