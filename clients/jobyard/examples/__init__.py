"""A worker with four operations, to try and to copy: `jobyard work jobyard.examples:worker`.

Every operation is a plain function from text to a result, in a module of its own, that knows
nothing of jobs. What makes it an operation is one entry here. The server is `$JOBYARD_URL`.
"""

import os
from collections.abc import Callable
from typing import Any, Final

from jobyard.errors import BadArgument
from jobyard.examples.arithmetic import calculate
from jobyard.examples.encoder import encode
from jobyard.examples.fibonacci import fibonacci
from jobyard.examples.reverse import backwards
from jobyard.hand import RunningInThread
from jobyard.url import PORT
from jobyard.worker import Worker

QUEUE: Final = "examples"
LONGEST: Final = 10_000
"""Bytes of a payload."""
OPERATIONS: Final[dict[str, Callable[[str], Any]]] = {
    "arithmetic": calculate,
    "encoder": encode,
    "fibonacci": fibonacci,
    "reverse": backwards,
}
"""By the type of the jobs that ask for them."""


def teach(worker: Worker) -> Worker:
    """Have a worker do all of them; answers it.

    A payload that the function cannot take, told by ValueError, fails its job for good: another
    attempt would find the same.
    """
    for name, function in OPERATIONS.items():
        worker.task(name, give_up_on=(ValueError,))(_reading(function))
    return worker


def _reading(function: Callable[[str], Any]) -> Callable[[RunningInThread], Any]:
    def run(job: RunningInThread) -> Any:
        if len(job.payload) > LONGEST:
            raise BadArgument(f"the payload is longer than {LONGEST} bytes")
        return function(job.payload.decode())

    return run


worker: Final = teach(Worker(os.environ.get("JOBYARD_URL", f"jobyard://127.0.0.1:{PORT}"), QUEUE))
