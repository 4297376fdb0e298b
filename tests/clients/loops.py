"""One test body under trio and under asyncio; every body has ten seconds."""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import pytest

both_loops: Final = pytest.mark.parametrize("loop", ["trio", "asyncio"])


def under(loop: str, body: Callable[[], Awaitable[None]]) -> None:
    """Run it to its end in an event loop of that kind."""

    async def bounded() -> None:
        with anyio.fail_after(10):
            await body()

    anyio.run(bounded, backend=loop)
