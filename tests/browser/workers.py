"""Real workers, each in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import trio

from jobyard import Worker
from tests.acceptance.served import WITHIN


@contextmanager
def working(*workers: Worker) -> Iterator[None]:
    """Have workers work until the end of the block; they then finish what is in hand."""
    ready = threading.Event()
    told: list[tuple[trio.lowlevel.TrioToken, anyio.Event]] = []

    async def main() -> None:
        told.append((trio.lowlevel.current_trio_token(), anyio.Event()))
        ready.set()
        async with trio.open_nursery() as nursery:
            for worker in workers:
                nursery.start_soon(worker.run, told[0][1])

    thread = threading.Thread(target=trio.run, args=(main,), daemon=True)
    thread.start()
    assert ready.wait(WITHIN)
    try:
        yield
    finally:
        token, stop = told[0]
        token.run_sync_soon(stop.set)
        thread.join(WITHIN)
        assert not thread.is_alive()
