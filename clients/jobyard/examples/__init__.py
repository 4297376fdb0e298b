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
worker: Final = Worker(os.environ.get("JOBYARD_URL", f"jobyard://127.0.0.1:{PORT}"), QUEUE)


def operation(name: str, function: Callable[[str], Any]) -> None:
    """Have the worker do it for jobs of that type.

    A payload that the function cannot take, told by ValueError, fails its job for good: another
    attempt would find the same.

    Args:
        name: of the jobs' type.
        function: from the payload to the result.
    """

    @worker.task(name, give_up_on=(ValueError,))
    def run(job: RunningInThread) -> Any:
        if len(job.payload) > LONGEST:
            raise BadArgument(f"the payload is longer than {LONGEST} bytes")
        return function(job.payload.decode())


operation("arithmetic", calculate)
operation("encoder", encode)
operation("fibonacci", fibonacci)
operation("reverse", backwards)
