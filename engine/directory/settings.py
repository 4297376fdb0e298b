"""What the engine is told of the settings."""

from collections.abc import Awaitable, Callable
from functools import partial

import trio
from attrs import field, frozen

from engine import commands as c
from engine.account_replies import BackedUp
from engine.passwords import hash_password
from engine.queue_state import QueueLimits, QueueState

HashPassword = Callable[[str], Awaitable[str]]
CopyStore = Callable[[str], Awaitable[BackedUp]]
"""Copies the store under a name, beside it. Raises a `StoreError` when no copy was made."""


async def hash_in_thread(password: str) -> str:
    """A password as it is kept; the thread computes for tens of milliseconds."""
    return await trio.to_thread.run_sync(partial(hash_password, password))


@frozen
class EngineSettings:
    """What the engine is told of the settings. Times in seconds."""

    limits: QueueLimits = field(factory=QueueLimits)
    queue: type[QueueState] = QueueState
    """What every queue is made of."""
    queues: int = 100_000
    """Queues over all groups."""
    events: int = 10_000
    """Events kept for those who listen, at least so many."""
    idle: float = 3_600.0
    stall: float = 5.0
    crashes: int = 5
    batch: int = 1_000
    grace: float = 0.0
    """After a restart, before a job of a lost connection comes back."""
    resident: int = 2**30
    requests: int = 1_000_000
    """Remembered request ids over all queues, and for how long."""
    request_window: float = 86_400.0
    freeze_every: int = 0
    """Jobs after which what is in memory is kept from the collector: its pauses grow with all that
    lives. Garbage of that moment stays for ever, so only a server that knows its own does so."""
    recurring: c.PublishOptions | None = None
    """How jobs made on schedule are treated; None: by the defaults."""
    hash_password: HashPassword = hash_in_thread
    copy_store: CopyStore | None = None
    """None: there are no files to copy."""
