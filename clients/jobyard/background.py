"""Tasks behind a context manager, which its user need not know of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def background() -> AsyncIterator[TaskGroup]:
    """A task group that ends with its block, and lets out what the block raised as it is.

    A bare task group wraps everything in an exception group, also where only the block failed.
    """
    error: BaseException | None = None
    try:
        async with anyio.create_task_group() as tasks:
            try:
                yield tasks
            except BaseException as raised:
                error = raised
                raise
            finally:
                tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        if group.exceptions != (error,):
            raise
    if error is not None:
        raise error
