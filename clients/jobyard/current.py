"""The job that runs here, for code that its function calls and that is given none."""

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jobyard.hand import Running, RunningInThread

CURRENT: Final = ContextVar["Running | RunningInThread | None"]("job", default=None)
"""Set by whoever runs a function, for as long as it runs."""


def current_job() -> "Running | RunningInThread | None":
    """The job whose task function runs, in its thread too; None outside of one."""
    return CURRENT.get()
