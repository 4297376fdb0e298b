"""Jobyard, seen from outside: clients, workers and the `jobyard` command.

Nothing is loaded before somebody asks for it: `from jobyard import Client`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jobyard.blocking import BlockingClient
    from jobyard.client import Client
    from jobyard.current import current_job
    from jobyard.errors import (
        BadArgument,
        ConnectionLost,
        Forbidden,
        InvalidValue,
        JobyardError,
        LoginRefused,
        NotFound,
        NotOverHttp,
        ProtocolError,
        Refusal,
        ReservationLost,
        ServerFault,
        Unavailable,
        Unreachable,
        WrongState,
    )
    from jobyard.hand import Running, RunningInThread
    from jobyard.http.blocking import BlockingHttpClient
    from jobyard.http.client import HttpClient
    from jobyard.job import Counts, Job, Page, Published
    from jobyard.library import Engine, open_engine
    from jobyard.options import NewJob
    from jobyard.tasks import GiveUp, Retry, Stopped
    from jobyard.topics import Status
    from jobyard.worker import Worker

__version__: Final = "0.1.0"

_HOMES: Final = {
    "BadArgument": "jobyard.errors",
    "BlockingClient": "jobyard.blocking",
    "BlockingHttpClient": "jobyard.http.blocking",
    "Client": "jobyard.client",
    "ConnectionLost": "jobyard.errors",
    "Counts": "jobyard.job",
    "Engine": "jobyard.library",
    "Forbidden": "jobyard.errors",
    "GiveUp": "jobyard.tasks",
    "HttpClient": "jobyard.http.client",
    "InvalidValue": "jobyard.errors",
    "Job": "jobyard.job",
    "JobyardError": "jobyard.errors",
    "LoginRefused": "jobyard.errors",
    "NewJob": "jobyard.options",
    "NotFound": "jobyard.errors",
    "NotOverHttp": "jobyard.errors",
    "Page": "jobyard.job",
    "ProtocolError": "jobyard.errors",
    "Published": "jobyard.job",
    "Refusal": "jobyard.errors",
    "ReservationLost": "jobyard.errors",
    "Retry": "jobyard.tasks",
    "Running": "jobyard.hand",
    "RunningInThread": "jobyard.hand",
    "ServerFault": "jobyard.errors",
    "Status": "jobyard.topics",
    "Stopped": "jobyard.tasks",
    "Unavailable": "jobyard.errors",
    "Unreachable": "jobyard.errors",
    "Worker": "jobyard.worker",
    "WrongState": "jobyard.errors",
    "current_job": "jobyard.current",
    "open_engine": "jobyard.library",
}
"""Where each name is defined."""

__all__ = [
    "BadArgument",
    "BlockingClient",
    "BlockingHttpClient",
    "Client",
    "ConnectionLost",
    "Counts",
    "Engine",
    "Forbidden",
    "GiveUp",
    "HttpClient",
    "InvalidValue",
    "Job",
    "JobyardError",
    "LoginRefused",
    "NewJob",
    "NotFound",
    "NotOverHttp",
    "Page",
    "ProtocolError",
    "Published",
    "Refusal",
    "ReservationLost",
    "Retry",
    "Running",
    "RunningInThread",
    "ServerFault",
    "Status",
    "Stopped",
    "Unavailable",
    "Unreachable",
    "Worker",
    "WrongState",
    "current_job",
    "open_engine",
]


def __getattr__(name: str) -> object:
    """Load a name when it is first used."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found
