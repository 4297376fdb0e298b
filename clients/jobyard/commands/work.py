"""`jobyard work module:worker`."""

import sys
from typing import Literal

from jobyard.commands.options import Whole
from jobyard.commands.reach import told
from jobyard.errors import BadArgument

_MOST = 1_000
"""Processes."""


def work(
    target: str,
    /,
    *,
    processes: Whole = 1,
    backend: Literal["asyncio", "trio"] = "asyncio",
) -> int:
    """Run a worker until SIGTERM or Ctrl-C, then finish or give back what is in hand.

    Args:
        target: where the Worker is: module:name, found from the current folder too.
        processes: how many, for work that needs a processor each.
        backend: the event loop.
    """

    def run() -> int:
        from jobyard import working  # noqa: PLC0415 - loads anyio

        if not 1 <= processes <= _MOST:
            raise BadArgument(f"--processes is 1 to {_MOST}")
        worker = working.load(target)
        if processes == 1:
            return working.run(worker, backend=backend)
        again = [sys.executable, "-m", "jobyard", "work", target, "--backend", backend]
        return working.supervise(again, processes)

    return told(run)
