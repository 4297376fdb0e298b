"""Where a store comes from."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import structlog
import trio

from engine.store.child import ChildLink
from engine.store.key import open_key
from engine.store.links import InlineLink, Link, ThreadLink
from engine.store.memory import MemoryStore
from engine.store.options import Options
from engine.store.protocol import Store
from engine.store.rekey import settle
from engine.store.sqlite import SqliteStore
from engine.store.starting import open_database

Writer = Literal["inline", "thread", "child"]
DEFAULT_NAME = "jobyard.db"
DEFAULTS = Options()


@asynccontextmanager
async def open_store(
    path: Path | None,
    *,
    secret: str | None = None,
    options: Options = DEFAULTS,
    writer: Writer = "child",
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Store]:
    """The store at `path`, made if it is not there; None: one in memory.

    Args:
        path: the database file; its key, lock and reserve stand beside it.
        secret: what wraps the key, if anything does.
        options: cipher and sizes.
        writer: where the database runs: a process of its own (servers), a thread (engines inside
            another program), or inline (simulation).
        clock: for the ends of tenures; the process has its own.

    Raises:
        StoreError: refused, as its class says.
    """
    if path is None:
        memory = MemoryStore(clock)
        yield memory
        return
    settle(path, secret, options)
    key = open_key(path, secret, structlog.get_logger("store").warning)
    store = SqliteStore(await _link(path, key.raw, options, writer, clock), path, options)
    try:
        yield store
    finally:
        await store.aclose()


async def _link(
    path: Path, key: bytes, options: Options, writer: Writer, clock: Callable[[], float]
) -> Link:
    if writer == "child":
        return await ChildLink.open(path, key, options)
    if writer == "inline":
        return InlineLink(open_database(path, key, options, beside=False, clock=clock))
    opened = partial(open_database, path, key, options, clock=clock)
    return ThreadLink(await trio.to_thread.run_sync(opened))
