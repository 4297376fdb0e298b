"""What the tests of the library share: an engine on either store, opened again at will."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import trio
from trio.testing import MockClock

from jobyard.library import Engine, open_engine

Open = Callable[[], AbstractAsyncContextManager[Engine]]


def opener(path: Path | None) -> Open:
    """Opens the engine at `path`, or one in memory."""
    return lambda: open_engine(path)


async def pass_time(clock: MockClock, seconds: float) -> None:
    """Let everybody get as far as they can, then move time, then again."""
    await trio.testing.wait_all_tasks_blocked()
    clock.jump(seconds)
    await trio.testing.wait_all_tasks_blocked()
