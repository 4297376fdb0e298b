"""What may be said of a job that is pushed to a topic, and what that means for the engine."""

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict

from msgspec import Meta

from engine.commands import PublishOptions
from frontends.dialects.native_options import OPTIONS
from frontends.dialects.native_values import Unfit
from jobyard.bounds import bounded, duration, instant
from jobyard.errors import BadArgument
from jobyard.words import json

if TYPE_CHECKING:
    from engine import Backoff, JobPolicy

TIMEOUT: Final = 60.0
RETRIES: Final = 50
BACKOFF: Final = (30.0, 3_600.0)
"""The first wait and the longest one, in seconds."""
_Weight = Annotated[int, Meta(ge=-(2**15), le=2**15 - 1)]
_Retries = Annotated[int, Meta(ge=0, le=1_000_000)]


class TopicOptions(TypedDict, total=False):
    """Everything beyond topic, payload and weight; durations in seconds."""

    name: str
    """What kind of job it is; the `type` of other doors."""
    timeout: float
    """How long one who reserved it may be silent; then it is handed out again. 60."""
    delay: float
    """Before it is ready."""
    delayed_until: datetime | float
    """Not before this instant: unix seconds, or a datetime with its zone."""
    expires: float
    """The longest it may wait; then it is canceled."""
    retries: int | None
    """How often it is tried again: 50; None: for ever."""
    backoff: dict[str, Any]
    """The wait before a retry: `{"fixed": 30}`, `{"min": 1, "max": 3600, "factor": 2, "jitter":
    0.25}` or `{"delays": [1, 5, 30]}`; unless said, 30 seconds, doubled up to an hour."""


_KNOWN: Final = frozenset(TopicOptions.__annotations__)


def publish_options(weight: int, content_type: str | None, said: TopicOptions) -> PublishOptions:
    """The same in the engine's words.

    Raises:
        BadArgument: a value is of the wrong type or out of its bounds, or there is no such option.
    """
    if unknown := sorted(set(said) - _KNOWN):
        raise BadArgument(f"no such option: {', '.join(unknown)}")
    until, expires = said.get("delayed_until"), said.get("expires")
    retries, backoff = said.get("retries", RETRIES), said.get("backoff")
    return PublishOptions(
        priority=bounded(weight, _Weight, "weight"),
        delay=duration(said.get("delay", 0.0), "delay"),
        ready_at=None if until is None else instant(until, "delayed_until"),
        time_to_live=None if expires is None else duration(expires, "expires"),
        content_type=content_type or "",
        policy=_shared(
            duration(said.get("timeout", TIMEOUT), "timeout"),
            None if retries is None else bounded(retries, _Retries, "retries") + 1,
            None if backoff is None else _backoff(backoff),
        ),
    )


def name_of(said: TopicOptions) -> str:
    """The name, or none; the engine judges its characters."""
    found: str = bounded(said.get("name", ""), str, "name")
    return found


def _backoff(said: dict[str, Any]) -> "Backoff":
    try:
        found: Backoff = OPTIONS["backoff"](json(said))
    except Unfit as error:
        raise BadArgument(f"backoff: {error}") from None
    return found


@lru_cache(maxsize=1_024)
def _shared(lease: float, attempts: int | None, backoff: "Backoff | None") -> "JobPolicy":
    """One object for all jobs that are pushed alike."""
    from engine import Backoff, JobPolicy  # noqa: PLC0415 - loaded by whoever opened an engine

    slower = backoff or Backoff.exponential(*BACKOFF)
    return JobPolicy(lease=lease, max_attempts=attempts, backoff=slower)
