"""What clients of JobEngine v0.0.1 send."""

from typing import Any, Final

from attrs import frozen

from engine.commands.fields import SECONDS_MAX
from frontends.dialects import go_values

WRITES: Final = {
    "queued": "ready",
    "inprogress": "reserved",
    "complete": "done",
    "failed": "failed",
}
"""The states of a job, as what the engine is asked to write."""
FIRST, LAST = 1, 100
"""Priorities."""
LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""


class BadRequestError(ValueError):
    """The body is not what this request takes."""


@frozen
class Create:
    """A job to be made."""

    content: dict[str, Any]
    valid_for: int
    """Seconds; at least one."""
    priority: int


@frozen
class Update:
    """What to write over; None leaves as it is."""

    state: str | None = None
    """As the engine is asked to write it."""
    content: dict[str, Any] | None = None
    priority: int | None = None
    timeout_time: int | None = None


def create(body: bytes) -> Create:
    """The body of PUT jobs/create.

    Raises:
        BadRequestError: it is no such body.
    """
    said = _object(body)
    content, valid_for, priority = said.get("content"), said.get("valid_for"), said.get("priority")
    if not isinstance(content, dict):
        raise BadRequestError("content is no object")
    seconds, place = _cut(valid_for), _cut(priority)
    if not 1 <= seconds <= SECONDS_MAX:
        raise BadRequestError("valid_for is out of its bounds")
    if not FIRST <= place <= LAST:
        raise BadRequestError("priority is out of its bounds")
    return Create(content, seconds, place)


def update(body: bytes) -> Update:
    """The body of POST jobs/:uid. What the original ignored is ignored.

    Raises:
        BadRequestError: it is no such body.
    """
    said = _object(body)
    state, content = said.get("status"), said.get("content")
    if isinstance(state, str) and state not in WRITES:
        raise BadRequestError("status is unknown")
    priority = _cut(said["priority"]) if "priority" in said else 0
    timeout = _cut(said["timeout_time"]) if "timeout_time" in said else 0
    return Update(
        WRITES[state] if isinstance(state, str) else None,
        content if isinstance(content, dict) else None,
        priority if FIRST <= priority <= LAST else None,
        timeout if 0 < timeout <= LATEST else None,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = go_values.read(body, trailing=True)
    except go_values.NotJsonError as error:
        raise BadRequestError(str(error)) from None
    if not isinstance(value, dict):
        raise BadRequestError("expected an object")
    return value


def _cut(value: object) -> int:
    """A number without its fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequestError("expected a number")
    return int(value)
