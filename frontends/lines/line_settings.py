"""What the settings mean for sessions of the line protocol; one value shared by all of them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Final

from attrs import field, frozen

from config.settings import Settings
from config.users import Account
from engine.commands import PublishOptions
from engine.job import DEFAULT_POLICY, JobPolicy
from engine.retry import Backoff
from frontends.answered import Answered
from frontends.dialects.jobatator import Terms
from frontends.engine_settings import default_policy

SHORTEST_KEEP = 1.0
"""Seconds a done job stays at least: clients look at what they have just finished."""
_NUMBERS: Final = count(1)


def _nobody() -> Sequence[Account]:
    return ()


@frozen
class LineSettings:
    """Bounds, switches and facts of the server that sessions need."""

    terms: Terms = field(factory=Terms)
    test_mode: bool = False
    dispatch: bool = False
    """Whether DISPATCH is allowed."""
    plaintext_auth: bool = False
    """Whether a login in clear is taken from another machine."""
    line_bound: int = (1 << 20) + (1 << 16)
    login_bound: int = 1 << 10
    """The same before login."""
    unanswered: int = 256
    policy: JobPolicy = DEFAULT_POLICY
    """How jobs published by native words are treated, unless they say."""
    grace: float = 10.0
    """Seconds that jobs held by native words wait for a connection that went."""
    host: str = "127.0.0.1"
    port: int = 0
    version: str = "0"
    started_at: float = 0.0
    """When the server started, on the clock that sessions get."""
    users: Callable[[], Sequence[Account]] = _nobody
    """Who may log in now."""
    answered: Answered = field(factory=Answered)
    """What commands came to, over all sessions."""
    numbers: Iterator[int] = _NUMBERS
    """Of connections, counted over all listeners."""


def line_settings(
    settings: Settings,
    *,
    started_at: float,
    version: str,
    users: Callable[[], Sequence[Account]] = _nobody,
) -> LineSettings:
    """Read them out of the settings."""
    ignore_delays = settings.delay_policy == "IGNORE"
    policy = JobPolicy(
        lease=settings.lines.silence,
        max_attempts=settings.lines.max_attempts,
        backoff=Backoff.fixed(0.0 if ignore_delays else settings.lines.retry),
        keep_done=max(SHORTEST_KEEP, settings.job_timeout),
        keep_failed=settings.jobs.keep_failed,
        lapses_count=False,
    )
    line_bound = settings.limits.payload + settings.limits.line
    return LineSettings(
        terms=Terms(
            payload=settings.limits.payload,
            listing=settings.lines.listing_limit,
            ignore_delays=ignore_delays,
            plain_reply=settings.lines.publish_reply == "plain",
            options=PublishOptions(policy=policy),
        ),
        test_mode=settings.test_mode,
        dispatch=settings.allow_dispatch or settings.test_mode,
        plaintext_auth=settings.plaintext_auth,
        line_bound=line_bound,
        login_bound=line_bound if settings.test_mode else settings.limits.login_line,
        unanswered=settings.limits.unanswered,
        policy=default_policy(settings),
        grace=settings.reconnect.grace,
        host=settings.host,
        port=settings.port or 0,
        version=version,
        started_at=started_at,
        users=users,
    )
