"""The store that keeps nothing: rows in dicts, gone with the process."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice

import trio

from engine.store.protocol import StoreStatistics, Tenure
from engine.store.tables import FIRST_TERMINAL, JOBS, SPECS, Changes, Key, Row, Table
from engine.store.tenures import Tenures

CHUNK = 2048
LOADED = (
    Table.META, Table.QUEUES, Table.RECURRENCES, Table.REQUESTS, Table.ACCOUNTS, Table.AUDIT
)  # fmt: skip
PAYLOAD = [name for name, _ in SPECS[Table.BODIES].columns].index("payload")
STATE = [name for name, _ in SPECS[Table.HEADS].columns].index("state")


class MemoryStore:
    """Every promise of a store but durability. A commit is a function call."""

    immediate = True
    low = False

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._tables: list[dict[Key, Row | None]] = [{} for _ in Table]
        self._tenures = Tenures(0, clock)
        self._commits = 0

    async def acquire(self, shard: int, owner: str, ttl: float) -> Tenure | None:
        """Take the shard; None while somebody else's tenure lives."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        held = self._tenures.acquire(shard, owner, ttl)
        return None if held is None else Tenure(*held)

    async def renew(self, tenure: Tenure, ttl: float) -> Tenure | None:
        """Live on; None if it was lost."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        held = self._tenures.renew(tenure.token, ttl)
        return None if held is None else Tenure(*held)

    async def release(self, tenure: Tenure) -> None:
        """Give the shard back."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        self._tenures.release(tenure.token)

    async def owners(self) -> Sequence[Tenure]:
        """The tenure that lives, if one does."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        return [Tenure(*held) for held in self._tenures.owners()]

    async def load(
        self, tenure: Tenure, queue: int | None = None
    ) -> AsyncIterator[tuple[int, list[Row]]]:
        """All rows, or one queue's, as the protocol says."""
        self._tenures.check(tenure.token)
        for table in LOADED:
            rows = self._rows(table, queue)
            while chunk := list(islice(rows, CHUNK)):
                yield table, chunk
                await trio.lowlevel.checkpoint()
        jobs = self._jobs(queue)
        while chunk := list(islice(jobs, CHUNK)):
            yield JOBS, chunk
            await trio.lowlevel.checkpoint()

    def _rows(self, table: Table, queue: int | None) -> Iterator[Row]:
        rows = [row for row in self._tables[table].values() if row is not None]
        if queue is None:
            return iter(rows)
        names = [name for name, _ in SPECS[table].columns]
        if table is Table.QUEUES:
            return (row for row in rows if row[0] == queue)
        if "queue" in names:
            column = names.index("queue")
            return (row for row in rows if row[column] == queue)
        return iter(())

    def _jobs(self, queue: int | None) -> Iterator[Row]:
        bodies = self._tables[Table.BODIES]
        for head in sorted(self._rows(Table.HEADS, queue)):
            body = bodies.get(_key(head))
            if body is None:
                continue
            state = head[STATE]
            if isinstance(state, int) and state >= FIRST_TERMINAL:
                body = (*body[:PAYLOAD], None, *body[PAYLOAD + 1 :])
            yield head + body[1:]

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """The same as `commit_now`, as a checkpoint."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        self.commit_now(tenure, changes)

    def commit_now(self, tenure: Tenure, changes: Changes) -> None:
        """Take the rows over."""
        self._tenures.check(tenure.token)
        for table, rows in changes.items():
            kept = self._tables[table]
            kept.update(rows)
            for key in [key for key, row in rows.items() if row is None]:
                del kept[key]
        self._commits += 1

    async def payloads(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """Payloads by seq."""
        await trio.lowlevel.checkpoint()
        found: dict[int, bytes] = {}
        for seq in seqs:
            body = self._tables[Table.BODIES].get(seq)
            if body is not None and isinstance(payload := body[PAYLOAD], bytes):
                found[seq] = payload
        return found

    async def details(self, seqs: Sequence[int]) -> dict[int, Row]:
        """Rows of DETAILS by seq."""
        await trio.lowlevel.checkpoint()
        kept = self._tables[Table.DETAILS]
        return {seq: row for seq in seqs if (row := kept.get(seq)) is not None}

    def statistics(self) -> StoreStatistics:
        """How many commits there were; the rest has no meaning here."""
        return StoreStatistics(
            kind="memory", path="", cipher="", size=0, free=-1, commits=self._commits
        )

    async def aclose(self) -> None:
        """Nothing to close; the rows stay for whoever holds the store."""
        await trio.lowlevel.cancel_shielded_checkpoint()


def _key(row: Row) -> Key:
    key = row[0]
    assert isinstance(key, int | str)
    return key
