"""Many commands of one caller, a few at a time: whoever else asks is served in between."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import trio

from engine.access import Caller
from engine.replies import Reply
from frontends.http.site import Engine

AT_ONCE: Final = 16
"""Commands under way at one time."""


async def run_each(
    engine: Engine, who: Caller, commands: Iterable[object], heard: Callable[[Reply], None]
) -> None:
    """Run every command, in any order; `heard` is told each answer."""
    left = iter(commands)
    async with trio.open_nursery() as nursery:
        for _ in range(AT_ONCE):
            nursery.start_soon(_work, engine, who, left, heard)


async def _work(
    engine: Engine, who: Caller, left: Iterator[object], heard: Callable[[Reply], None]
) -> None:
    for command in left:
        heard(await engine.execute(who, command))
