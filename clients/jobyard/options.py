"""What a publisher may say of a job, stated once for single jobs and for bulks."""

import base64
from typing import Any, TypedDict

from attrs import field, frozen

from jobyard.words import Body, body


class Options(TypedDict, total=False):
    """Everything beyond type and payload; durations in seconds."""

    priority: int
    """Lower is sooner."""
    delay: float
    ready_at: float
    """Not before this instant (unix seconds)."""
    time_to_live: float
    """The longest wait; then the job expires."""
    expires_at: float
    """Not after this instant (unix seconds)."""
    content_type: str
    unique_key: str
    unique_scope: str | float
    """`queued`, `unfinished`, or a window in seconds."""
    uuid4: bool
    """The id calls itself a UUID of version 4."""
    lease: float
    """How long a holder may be silent."""
    on_lapse: str
    """`retry` or `fail`."""
    run_limit: float
    max_attempts: int | None
    """None: no limit."""
    backoff: dict[str, Any]
    """`{"fixed": 30}`, `{"delays": [1, 5, 30]}` or `min`, `max`, `factor` and `jitter`."""
    keep_done: float
    keep_failed: float


@frozen
class NewJob:
    """One job of a bulk."""

    type: str
    payload: Body = b""
    options: Options = field(factory=Options)


def said(options: Options, content_type: str | None) -> dict[str, Any]:
    """Options as the wire has them."""
    pairs: dict[str, Any] = dict(options)
    if "max_attempts" in pairs and pairs["max_attempts"] is None:
        pairs["max_attempts"] = "none"
    if content_type is not None:
        pairs.setdefault("content_type", content_type)
    return pairs


def entry(job: NewJob) -> dict[str, Any]:
    """One object of a bulk; a payload that is no UTF-8 goes as base64."""
    raw, content_type = body(job.payload)
    made = {"type": job.type, **said(job.options, content_type)}
    try:
        made["payload"] = raw.decode()
    except UnicodeDecodeError:
        made["payload_base64"] = base64.b64encode(raw).decode()
    return made
