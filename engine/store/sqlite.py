"""The SQLite store as the engine sees it, wherever its database runs."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import trio

from engine.store.errors import StoreFull
from engine.store.links import Call, Link
from engine.store.options import Options
from engine.store.protocol import StoreStatistics, Tenure
from engine.store.space import free_bytes
from engine.store.tables import Changes, Row


class SqliteStore:
    """One encrypted database behind the `Store` protocol."""

    immediate = False

    def __init__(self, link: Link, path: Path, options: Options) -> None:
        self._link = link
        self._path = path
        self._options = options
        self._commits = 0
        self._spent = False
        self._full = False

    async def acquire(self, shard: int, owner: str, ttl: float) -> Tenure | None:
        """Take the shard; None while somebody else's tenure lives."""
        held = await self._call("acquire", shard, owner, ttl)
        return None if held is None else Tenure(*held)

    async def renew(self, tenure: Tenure, ttl: float) -> Tenure | None:
        """Live on; None if it was lost."""
        held = await self._call("renew", tenure.token, ttl)
        return None if held is None else Tenure(*held)

    async def release(self, tenure: Tenure) -> None:
        """Give the shard back; harmless when it was lost."""
        await self._call("release", tenure.token)

    async def owners(self) -> Sequence[Tenure]:
        """The tenure that lives, if one does."""
        return [Tenure(*held) for held in await self._call("owners")]

    async def load(
        self, tenure: Tenure, queue: int | None = None
    ) -> AsyncIterator[tuple[int, list[Row]]]:
        """All rows, or one queue's; the next page is read while the caller works on this one."""
        call = self._link.start("page", tenure.token, None, queue)
        while True:
            table, rows, cursor = await self._finish(call)
            if cursor is not None:
                call = self._link.start("page", tenure.token, cursor, queue)
            if rows:
                yield table, rows
            if cursor is None:
                return

    async def commit(self, tenure: Tenure, changes: Changes) -> None:
        """Write all of it, or nothing and raise."""
        plain = {int(table): rows for table, rows in changes.items()}
        try:
            self._spent = await self._call("apply", tenure.token, plain)
        except StoreFull:
            self._full = True
            raise
        self._full = False
        self._commits += 1

    def commit_now(self, tenure: Tenure, changes: Changes) -> None:
        """Not here: a commit to disk waits."""
        raise TypeError(f"{tenure} {len(changes)}: this store is not immediate, use commit()")

    async def payloads(self, seqs: Sequence[int]) -> dict[int, bytes]:
        """Payloads by seq; what does not exist is absent."""
        found: dict[int, bytes] = await self._call("payloads", list(seqs))
        return found

    async def details(self, seqs: Sequence[int]) -> dict[int, Row]:
        """Rows of DETAILS by seq; what does not exist is absent."""
        found: dict[int, Row] = await self._call("details", list(seqs))
        return found

    @property
    def low(self) -> bool:
        """As the file system has it now."""
        return self._is_low(free_bytes(self._path.parent))

    def _is_low(self, free: int) -> bool:
        wanted = self._options.low_water + (self._options.reserve if self._spent else 0)
        return self._full or free < wanted

    def statistics(self) -> StoreStatistics:
        """Sizes as the file system gives them now."""
        free = free_bytes(self._path.parent)
        return StoreStatistics(
            kind="sqlite",
            path=str(self._path),
            cipher=self._options.cipher,
            size=_size(self._path) + _size(self._path.with_name(self._path.name + "-wal")),
            free=free,
            commits=self._commits,
            low=self._is_low(free),
        )

    async def aclose(self) -> None:
        """Finish what runs and close."""
        with trio.CancelScope(shield=True):
            await self._link.aclose()

    async def _call(self, name: str, *arguments: object) -> Any:
        return await self._finish(self._link.start(name, *arguments))

    async def _finish(self, call: Call) -> Any:
        with trio.CancelScope(shield=True):
            return await self._link.finish(call)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
