"""What clients of JobEngine v1 send, read as Go reads it into a struct.

A key matches a field in any letter case, the last one wins, null says nothing, what has no field
is ignored.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from engine.commands.fields import PRIORITY_BOUND
from frontends.dialects import go_values
from frontends.dialects.jobengine_v0 import WRITES, BadRequestError

_INT64: Final = 2**63
_QUEUE: Final = {"name": str, "access_key": str}
_CREATE: Final = {"queue_name": str, "job": dict}
_UPDATE: Final = {"queue_name": str, "uid": str, "new_status": str}
_JOB: Final = {
    "priority": int,
    "keep_minutes": int,
    "timeout_minutes": int,
    "last_updated": int,
    "created": int,
    "timeout_time": int,
    "uid": str,
    "content": dict,
    "state": str,
}


@frozen
class NewQueue:
    """A queue to be made, and the key that will open it."""

    name: str
    access_key: bytes


@frozen
class Create:
    """A job to be made."""

    queue: str
    content: dict[str, Any] | None
    priority: int
    keep_minutes: int
    timeout_minutes: int
    timeout_time: int
    """Unix seconds; 0: never."""


@frozen
class Update:
    """A state to be written."""

    queue: str
    uid: str
    state: str
    """As the engine is asked to write it."""


def new_queue(body: bytes) -> NewQueue:
    """The body of PUT queue.

    Raises:
        BadRequestError: it is no such body.
    """
    said = _struct(_whole(body), _QUEUE)
    name, key = said.get("name", ""), said.get("access_key", "")
    if not name or not key:
        raise BadRequestError("name or access_key is missing")
    return NewQueue(name, key.encode())


def create(body: bytes) -> Create:
    """The body of PUT job.

    Raises:
        BadRequestError: it is no such body.
    """
    said = _struct(_whole(body), _CREATE)
    queue, job = said.get("queue_name", ""), said.get("job")
    if not queue or job is None:
        raise BadRequestError("queue_name or job is missing")
    fields = _struct(job, _JOB)
    priority = fields.get("priority", 0)
    if abs(priority) > PRIORITY_BOUND:
        raise BadRequestError("priority is out of its bounds")
    return Create(
        queue,
        fields.get("content"),
        priority,
        fields.get("keep_minutes", 0),
        fields.get("timeout_minutes", 0),
        fields.get("timeout_time", 0),
    )


def update(body: bytes) -> Update:
    """The body of POST job.

    Raises:
        BadRequestError: it is no such body.
    """
    said = _struct(_whole(body), _UPDATE)
    queue, uid, status = (said.get(name, "") for name in _UPDATE)
    if not queue or not uid:
        raise BadRequestError("queue_name or uid is missing")
    state = WRITES.get(status.lower())
    if state is None:
        raise BadRequestError("new_status is unknown")
    return Update(queue, uid, state)


def _whole(body: bytes) -> object:
    try:
        return go_values.read(body)
    except go_values.NotJsonError as error:
        raise BadRequestError(str(error)) from None


def _struct(value: object, fields: Mapping[str, type]) -> dict[str, Any]:
    """The fields that were said."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequestError("expected an object")
    said: dict[str, Any] = {}
    for key, inner in value.items():
        name = key if key in fields else key.casefold()
        kind = fields.get(name)
        if kind is None or inner is None:
            continue
        if type(inner) is not kind or (isinstance(inner, int) and not -_INT64 <= inner < _INT64):
            raise BadRequestError(f"{name} is of another type")
        said[name] = inner
    return said
