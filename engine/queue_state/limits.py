"""Bounds of a queue, and what all queues of an engine share."""

import hmac
from collections.abc import Callable

from attrs import define, field, frozen

from engine.queue_state.requests import Requests
from engine.replies import Refused


@frozen
class QueueLimits:
    """Bounds of one queue; all from the settings."""

    payload: int = 2**20
    result: int = 2**20
    log_lines: int = 200
    log_line: int = 4_096
    error: int = 10_000
    trace_lines: int = 50
    keep_done_count: int = 10_000
    quarantine: int = 10
    cancel_grace: float = 10.0
    history: int = 10


def _fingerprint(text: str) -> bytes:
    return hmac.digest(bytes(32), text.encode(), "sha256")


@define
class Storage:
    """What all queues of an engine share of memory and disk."""

    limit: int = 2**30
    """Bytes of waiting payloads in memory; past it they stay on disk."""
    used: int = 0
    refusing: Refused | None = None
    """Set while nothing new may be published: the disk is nearly full."""
    heard: bool = False
    """Somebody listens to events: steps collect them."""
    requests: Requests = field(factory=Requests)
    """A request is the same whichever queue it reaches, also after that queue is gone."""
    fingerprint: Callable[[str], bytes] = field(default=_fingerprint, repr=False)
    """What is kept of a secret that may be compared, never shown: HMAC-SHA-256 under the store's
    own key, which whoever starts the engine brings; until then under one of zeros."""
