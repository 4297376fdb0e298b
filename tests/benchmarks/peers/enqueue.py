"""`python -m tests.benchmarks.peers.enqueue MODULE SECONDS MOST`: call its `send`, time it."""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Final

PAYLOAD: Final = "x" * 100


def enqueue(
    send: Callable[[str], int],
    seconds: float,
    most: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Enqueue for so many seconds and about so many at most.

    Args:
        send: enqueues, and answers how many.
        seconds: the time.
        most: the bound.
        clock: what the time is.

    Returns:
        `rate` in jobs per second, and how many are `waiting`.
    """
    before = send(PAYLOAD)  # connecting is not counted
    made = 0
    start = clock()
    while made < most and clock() - start < seconds:
        made += send(PAYLOAD)
    return {"rate": made / (clock() - start), "waiting": before + made}


if __name__ == "__main__":
    module, limit, bound = sys.argv[1:]
    found = enqueue(import_module(module).send, float(limit), int(bound))
    sys.stdout.write(json.dumps(found) + "\n")
