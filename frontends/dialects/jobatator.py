"""The words of jobatator's line protocol as commands of the engine, and its replies as text.

`BINDINGS` is the one table: each word that the engine answers, how its arguments become a command,
and what its reply looks like. Words that the door answers by itself are not here.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Literal

from attrs import frozen

from engine import commands
from engine.commands import PLAIN, PublishOptions
from engine.commands.fields import NAME_MAX, is_name
from engine.replies import Code, OneJob, Published, Queues, QueueView, RecurrenceSet, Refused
from frontends.dialects import jobatator_json
from frontends.dialects.answers import (
    INVALID_NAME,
    PAYLOAD_TOO_LARGE,
    UNKNOWN_JOB,
    UNKNOWN_STATE,
    Denied,
)

Words = list[bytes]
_CRON_MAX: Final = 200
_ID_MAX: Final = 64
_NUMBER_MAX: Final = 2**53 - 1


@frozen
class Terms:
    """What a server lets this dialect do."""

    payload: int = 1 << 20
    """Bytes of one payload."""
    listing: int = 10_000
    """Jobs in one listing."""
    ignore_delays: bool = False
    """jobatator's `delay_policy: IGNORE`."""
    plain_reply: bool = False
    """PUBLISH answers a bare `OK`."""
    options: PublishOptions = PLAIN
    """What every job published here has; one object, shared by all."""


@frozen
class Binding:
    """How one word reaches the engine and its reply comes back."""

    bind: Callable[[Words, Terms], object]
    """All words, their number checked, to a command or a Denied."""
    show: Callable[[Any, Terms], bytes | Denied]
    """A reply that is no refusal to its text."""
    bulk: bool = False
    """That text is JSON or has several lines."""


def name_of(raw: bytes) -> str | None:
    """The name of a queue or type, or None: it cannot be one."""
    return _name_of(raw) if len(raw) <= 4 * NAME_MAX else None


@lru_cache(maxsize=4096)
def _name_of(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if is_name(text) else None


def _job_id(raw: bytes) -> str | None:
    return raw.decode() if 0 < len(raw) <= _ID_MAX and raw.isascii() else None


def _publish(words: Words, terms: Terms) -> object:
    queue, kind, payload = name_of(words[1]), words[2] and name_of(words[2]), words[3]
    if queue is None or kind is None:
        return INVALID_NAME
    if len(payload) > terms.payload:
        return PAYLOAD_TOO_LARGE
    return commands.Publish(queue, kind or "", payload, terms.options)


def _of_queue(make: Callable[[str], object]) -> Callable[[Words, Terms], object]:
    def bind(words: Words, _: Terms) -> object:
        queue = name_of(words[1])
        return INVALID_NAME if queue is None else make(queue)

    return bind


_REPORTS: Final[dict[bytes, Literal["in-progress", "done", "errored"]]] = {
    b"in-progress": "in-progress",
    b"done": "done",
    b"errored": "errored",
}


def _update_job(words: Words, _: Terms) -> object:
    job = _job_id(words[1])
    if job is None:
        return UNKNOWN_JOB
    state = _REPORTS.get(words[2])
    # A state that is none is refused only after the job was found.
    return commands.Get(job) if state is None else commands.Report(job, state)


def _delete_job(words: Words, _: Terms) -> object:
    job = _job_id(words[1])
    return UNKNOWN_JOB if job is None else commands.Delete(job)


def _list_jobs(words: Words, terms: Terms) -> object:
    queue = name_of(words[1])
    return INVALID_NAME if queue is None else commands.Describe(queue, terms.listing)


def _list_queues(_: Words, terms: Terms) -> object:
    return commands.DescribeAll(terms.listing)


def _recurrent_job(words: Words, terms: Terms) -> object:
    queue, kind = name_of(words[1]), name_of(words[2])
    if queue is None or kind is None:
        return INVALID_NAME
    cron = words[3].decode("utf-8", "replace")
    if len(cron) > _CRON_MAX:
        return Refused(Code.INVALID_CRON, f"longer than {_CRON_MAX} characters")
    return commands.SetRecurrence(queue, kind, cron, seconds=False, once_now=terms.ignore_delays)


def _delete_recurrent_job(words: Words, _: Terms) -> object:
    digits = words[1]
    number = int(digits) if digits.isdigit() and len(digits) <= 16 else _NUMBER_MAX + 1
    if number > _NUMBER_MAX:
        return Refused(Code.UNKNOWN_RECURRENCE)
    return commands.DeleteRecurrence(number)


def _ok(_: object, __: Terms) -> bytes:
    return b"OK"


def _published(reply: Published, terms: Terms) -> bytes:
    return b"OK" if terms.plain_reply else b"OK#%b" % reply.job.encode()


def _reported(reply: object, _: Terms) -> bytes | Denied:
    return UNKNOWN_STATE if isinstance(reply, OneJob) else b"OK"


def _recurrence_set(reply: RecurrenceSet, _: Terms) -> bytes:
    return b"OK#%d" % reply.number


def _jobs(reply: QueueView, _: Terms) -> bytes:
    return jobatator_json.jobs(reply.jobs)


def _queues(reply: Queues, _: Terms) -> bytes:
    return jobatator_json.queues(reply.queues)


def _recurrences(reply: QueueView, _: Terms) -> bytes:
    return jobatator_json.recurrences(reply.recurrences)


BINDINGS: Final[dict[str, Binding]] = {
    "PUBLISH": Binding(_publish, _published),
    "SUBSCRIBE": Binding(_of_queue(commands.Subscribe), _ok),
    "UNSUBSCRIBE": Binding(_of_queue(commands.Unsubscribe), _ok),
    "LIST_QUEUES": Binding(_list_queues, _queues, bulk=True),
    "DELETE_QUEUE": Binding(_of_queue(commands.DeleteQueue), _ok),
    "PURGE_JOBS": Binding(_of_queue(commands.Purge), _ok),
    "PURGE_WORKERS": Binding(_of_queue(commands.KickAll), _ok),
    "LIST_JOBS": Binding(_list_jobs, _jobs, bulk=True),
    "UPDATE_JOB": Binding(_update_job, _reported),
    "DELETE_JOB": Binding(_delete_job, _ok),
    "DISPATCH": Binding(lambda _, __: commands.RetryAllNow(), _ok),
    "RECURRENT_JOB": Binding(_recurrent_job, _recurrence_set),
    "LIST_RECURRENT_JOBS": Binding(_of_queue(commands.Describe), _recurrences, bulk=True),
    "DELETE_RECURRENT_JOB": Binding(_delete_recurrent_job, _ok),
}


def code_of(reply: Refused | Denied) -> str:
    """What follows `Err: ` in the line form; only bad cron text says more than its code."""
    if isinstance(reply, Denied):
        return reply.code
    return (
        f"{reply.code.value};{reply.detail}"
        if reply.code is Code.INVALID_CRON
        else reply.code.value
    )
