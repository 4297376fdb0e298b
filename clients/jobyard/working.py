"""`jobyard work module:worker`: a worker as a program, alone or in several processes."""

import os
import pkgutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import Final

import anyio
from anyio.abc import TaskStatus

from jobyard.background import background
from jobyard.dialing import Backoff
from jobyard.errors import BadArgument
from jobyard.worker import Worker

_CALM: Final = 10.0
"""Seconds after which a process that ended counts as one that had worked."""
_STUCK: Final = 15.0
"""Seconds beyond a worker's grace after which threads that never end are left."""


def load(target: str) -> Worker:
    """The worker that `module:name` names; the module is found from the current folder, too.

    Raises:
        BadArgument: there is no such worker.
    """
    module, colon, name = target.partition(":")
    if not colon or not all(map(str.isidentifier, [*module.split("."), name])):
        raise BadArgument("a worker is named module:name, as in tasks:worker")
    if "" not in sys.path and os.getcwd() not in sys.path:  # noqa: PTH109 - sys.path has texts
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - the same
    try:
        found = getattr(pkgutil.resolve_name(f"{module}:"), name, None)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise BadArgument(f"there is no module {module}") from None
    if not isinstance(found, Worker):
        raise BadArgument(f"{target} is no Worker")
    return found


def run(worker: Worker, *, backend: str = "asyncio") -> int:
    """Work until SIGTERM or SIGINT, then finish or release; a second one hurries. Exit code 0.

    Raises:
        Refusal: the login is refused.
    """
    anyio.run(_until_told, worker, backend=backend)
    return 0


async def _until_told(worker: Worker) -> None:
    stop = anyio.Event()
    async with background() as tasks:
        await tasks.start(_listen, worker, stop)
        await worker.run(stop)


async def _listen(worker: Worker, stop: anyio.Event, *, task_status: TaskStatus[None]) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            if stop.is_set():
                worker.hurry()
                continue
            stop.set()
            last = threading.Timer(worker.grace + _STUCK, os._exit, (1,))
            last.daemon = True
            last.start()


def supervise(command: Sequence[str], count: int) -> int:
    """Run `count` processes of a command until SIGTERM or SIGINT; one that dies is replaced.

    Args:
        command: what each process runs, as `subprocess` takes it.
        count: processes.

    Returns:
        0, or 1 when a process had to be told and ended badly.
    """
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    slots = [_Slot(command) for _ in range(count)]
    try:
        while not stopping.wait(0.05):
            for slot in slots:
                slot.keep(time.monotonic())
        for slot in slots:
            slot.tell(signal.SIGTERM)
        endings = [slot.ended() for slot in slots]
        return int(any(endings))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Slot:
    """The place of one process."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._not_before = 0.0
        self._waits = Backoff(0.5, 30.0).waits()

    def keep(self, now: float) -> None:
        """Start it, or again after it died."""
        if self._process is not None:
            if self._process.poll() is None:
                return
            if now - self._started > _CALM:
                self._waits = Backoff(0.5, 30.0).waits()
            self._process, self._not_before = None, now + next(self._waits)
        if now >= self._not_before:
            self._started = now
            # The command is our own command line, said again.
            self._process = subprocess.Popen(self._command)  # noqa: S603 - no shell, no input

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def ended(self) -> bool:
        """Wait for its end; whether it ended badly."""
        # One that still starts dies of the signal: it holds nothing yet.
        return self._process is not None and self._process.wait() not in {0, -signal.SIGTERM}
