"""Jobs as both versions of JobEngine show them: these keys, in this order."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.commands.fields import SECONDS_MAX
from engine.job import JobPolicy, JobState, OnLapse
from engine.replies import JobView
from frontends.dialects import go_json, go_values
from frontends.dialects.jobengine_v1 import Create

MINUTE: Final = 60.0
SHORTEST_LEASE: Final = 1.0
"""Seconds, where a job names no minutes."""
SHORTEST_KEEP: Final = 1.5
"""The same: a client that looks every two seconds sees a job fail and then go."""
LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""

STATES: Final = {
    JobState.SCHEDULED: b"queued",
    JobState.READY: b"queued",
    JobState.RESERVED: b"inprogress",
    JobState.DONE: b"complete",
    JobState.FAILED: b"failed",
}
"""The dialect's words; it has none for jobs that were canceled or have expired."""

_V0: Final = (
    b'{"content":%b,"created":%d,"last_updated":%d,"priority":%d,"state":"%b",'
    b'"timeout_time":%d,"uid":%b}'
)
_V1: Final = (
    b'{"priority":%d,"keep_minutes":%d,"timeout_minutes":%d,"last_updated":%d,"created":%d,'
    b'"timeout_time":%d,"uid":%b,"content":%b,"state":"%b"}'
)


def policy(keep_minutes: int, timeout_minutes: int) -> JobPolicy:
    """How such a job is treated: silence fails it, and nothing is tried twice."""
    keep = _seconds(keep_minutes, SHORTEST_KEEP)
    return JobPolicy(
        lease=_seconds(timeout_minutes, SHORTEST_LEASE),
        on_lapse=OnLapse.FAIL,
        max_attempts=1,
        keep_done=keep,
        keep_failed=keep,
    )


def _seconds(minutes: int, least: float) -> float:
    return least if minutes <= 0 else min(minutes * MINUTE, SECONDS_MAX)


def content(payload: bytes) -> bytes:
    """A payload as these clients see it: an object, whatever another door published."""
    if not payload:
        return b"null"
    try:
        value = go_values.read(payload) if payload[:1] in b"{ \t\r\n" else None
    except go_values.NotJsonError:
        value = None
    if isinstance(value, dict):
        return go_values.write(value)
    return b'{"payload":%b}' % go_json.string(payload)


def payload(value: dict[str, object] | None) -> bytes:
    """What is kept of a content that a client sent."""
    return b"" if value is None else go_values.write(value)


def made_at(uid: str) -> int:
    """The second in which a job of ours was made, as its id says it."""
    return int(uid[:13].replace("-", ""), 16) // 1000


def is_shown(job: JobView, now: float) -> bool:
    """Whether these clients see the job; one whose time is over is gone at once."""
    expires_at = job.more.expires_at
    late = expires_at is not None and expires_at <= now and job.state <= JobState.READY
    return job.state in STATES and not late


def in_order(jobs: Iterable[JobView], now: float) -> list[JobView]:
    """Jobs of a listing as these clients expect them: what is sooner comes first."""
    shown = [job for job in jobs if is_shown(job, now)]
    shown.sort(key=lambda job: (job.priority, job.seq))
    return shown


def expires_at(timeout_time: int) -> float | None:
    """A `timeout_time` as an instant; what is no time at all is over."""
    return float(min(max(timeout_time, 1), LATEST)) if timeout_time else None


def v0(job: JobView) -> bytes:
    """One job, v0.0.1."""
    return _V0 % (
        content(job.payload or b""),
        job.created_at,
        job.updated_at,
        -job.priority,
        STATES[job.state],
        job.more.expires_at or 0,
        go_json.name(job.id),
    )


def v0_new(uid: str, shown: bytes, priority: int, valid_for: int) -> bytes:
    """A job that was created just now, v0.0.1."""
    at = made_at(uid)
    return _V0 % (shown, at, at, priority, b"queued", at + valid_for, go_json.name(uid))


def v0_list(jobs: Sequence[JobView], wanted: bytes | None) -> bytes:
    """Jobs by their place in the whole queue, those of one state or all; empty when none is."""
    pairs = [
        (b"%d" % place, job)
        for place, job in enumerate(jobs)
        if wanted is None or STATES[job.state] == wanted
    ]
    pairs.sort(key=lambda pair: pair[0])  # Go sorts the keys of a map, which are text
    return b"{%b}" % b",".join(b'"%b":%b' % (key, v0(job)) for key, job in pairs) if pairs else b""


def v1(job: JobView) -> bytes:
    """One job, v1."""
    return _V1 % (
        -job.priority,
        job.policy.keep_done // MINUTE,
        job.policy.lease // MINUTE,
        job.updated_at,
        job.created_at,
        job.more.expires_at or 0,
        go_json.name(job.id),
        content(job.payload or b""),
        STATES[job.state],
    )


def v1_new(uid: str, shown: bytes, new: Create) -> bytes:
    """A job that was created just now, v1."""
    at = made_at(uid)
    return _V1 % (
        new.priority,
        new.keep_minutes,
        new.timeout_minutes,
        at,
        at,
        new.timeout_time,
        go_json.name(uid),
        shown or b"null",
        b"queued",
    )


def v1_queue(name: str, jobs: Sequence[JobView]) -> bytes:
    """A queue with all its jobs, v1."""
    shown = go_json.array(map(v1, jobs))
    return b'{"jobs":%b,"size":%d,"name":%b}' % (shown, len(jobs), go_json.name(name))
