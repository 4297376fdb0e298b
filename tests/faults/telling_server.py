"""The server, telling on SIGUSR1 how many tasks it has: `python -m tests.faults.telling_server`."""

import gc
import json
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import trio

from jobyard.command import main

_numbers: Final = count(1)
_run: Final = trio.run


async def _tell() -> None:
    with trio.open_signal_receiver(signal.SIGUSR1) as asked:
        async for _ in asked:
            gc.collect()
            tasks = trio.lowlevel.current_statistics().tasks_living
            said = {"event": "told", "number": next(_numbers), "tasks": tasks}
            sys.stderr.write(json.dumps({**said, "objects": len(gc.get_objects())}) + "\n")


def _telling(serve: Callable[..., Any], *said: Any, **more: Any) -> Any:
    async def told() -> Any:
        trio.lowlevel.spawn_system_task(_tell)
        return await serve(*said)

    return _run(told, **more)


if __name__ == "__main__":
    setattr(trio, "run", _telling)  # noqa: B010 -- a function for everybody else
    sys.exit(main())
