"""The engine's public face: what doors, tests and programs around it use.

Nothing is loaded before somebody asks for it, so whoever needs only command values loads no event
loop and no database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine import commands, replies
    from engine.access import Caller, Peer, Principal, Right, caller
    from engine.directory import Directory, EngineSettings, run_engine
    from engine.job import JobPolicy, JobState
    from engine.replies import Code, Refused, Reply, ReplyTo
    from engine.retry import Backoff
    from engine.store.open import open_store

_HOMES: Final = {
    "Backoff": "engine.retry",
    "Caller": "engine.access",
    "Code": "engine.replies",
    "Directory": "engine.directory",
    "EngineSettings": "engine.directory",
    "JobPolicy": "engine.job",
    "JobState": "engine.job",
    "Peer": "engine.access",
    "Principal": "engine.access",
    "Refused": "engine.replies",
    "Reply": "engine.replies",
    "ReplyTo": "engine.replies",
    "Right": "engine.access",
    "caller": "engine.access",
    "open_store": "engine.store.open",
    "run_engine": "engine.directory",
}
"""Where each name is defined."""
_MODULES: Final = frozenset({"commands", "replies"})

__all__ = [
    "Backoff",
    "Caller",
    "Code",
    "Directory",
    "EngineSettings",
    "JobPolicy",
    "JobState",
    "Peer",
    "Principal",
    "Refused",
    "Reply",
    "ReplyTo",
    "Right",
    "caller",
    "commands",
    "open_store",
    "replies",
    "run_engine",
]


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name in _MODULES:
        return import_module(f"engine.{name}")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
