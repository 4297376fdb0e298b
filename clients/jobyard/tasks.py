"""What a worker knows of a kind of job: its function, and what its exceptions mean."""

import inspect
import traceback
from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from jobyard import calls
from jobyard.job import Job
from jobyard.words import Call

Errors = tuple[type[Exception], ...]
Delay = float | Callable[[Job, Exception], float] | None
"""Seconds before the next attempt, or how to say them; None: the job's backoff."""
_TRACE_MAX: Final = 20_000


class Retry(Exception):
    """Raised in a task: this attempt failed, try again after `delay`."""

    def __init__(self, reason: str = "", *, delay: float | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


class GiveUp(Exception):
    """Raised in a task: this job failed, and no further attempt would help."""


class Stopped(BaseException):
    """Raised in a task of a thread when it is to stop: canceled, lost, or the worker ends.

    No `Exception`, so that a task that catches those stops all the same.
    """


@frozen
class Task:
    """One kind of job."""

    queue: str
    type: str
    function: Callable[[Any], Any]
    retry_on: Errors = (Exception,)
    give_up_on: Errors = ()
    delay: Delay = None

    asynchronous: bool = field(init=False)
    """Whether its function runs in the event loop; else it runs in a thread."""

    @asynchronous.default
    def _whether_asynchronous(self) -> bool:
        return inspect.iscoroutinefunction(self.function)

    def failed(self, job: Job, error: Exception) -> Call[None]:
        """What to say of a job whose function raised."""
        retry = isinstance(error, self.retry_on) and not isinstance(error, self.give_up_on)
        delay: float | None = None
        match error:
            case Retry():
                retry, delay = True, error.delay
            case GiveUp():
                retry = False
            case _:
                delay = self.delay(job, error) if callable(self.delay) else self.delay
        return calls.fail(
            job,
            _sayable(str(error)),
            error_type=type(error).__name__,
            trace=_sayable("".join(traceback.format_exception(error))[-_TRACE_MAX:]),
            retry=retry,
            delay=delay if retry else None,
        )


def ended_by(error: BaseException) -> Exception:
    """What a function ended by, as an exception: `sys.exit()` and a cancellation raise none."""
    if isinstance(error, Exception):
        return error
    found = RuntimeError(f"the function ended by {error!r}")
    found.__cause__ = error
    return found


def _sayable(text: str) -> str:
    """Text that is UTF-8, whatever an exception carries."""
    return text.encode("utf-8", "backslashreplace").decode()
