"""qmanager's six methods as commands of the engine, whatever codec they come through.

A task is a job of one queue. Whoever takes it holds it by their connection, for a lease; an empty
queue answers nothing, which is no error.
"""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

from config.sections import Rpc
from engine.access import Caller
from engine.commands import Done, Fail, Get, KeepFor, Publish, PublishOptions, Release, Reserve
from engine.commands.fields import is_name
from engine.job import DEFAULT_POLICY, JobPolicy, JobState
from engine.mailbox import Nobody
from engine.replies import Code, Granted, JobView, OneJob, Published, Refused, Reply
from frontends.dialects.qmanager import NO_INPUT, NO_TASK, NO_TYPE, Kept, Task
from frontends.rpc.place import Engine

_NOBODY: Final = Nobody()
_MISSING: Final = frozenset({Code.UNKNOWN_JOB, Code.RESERVATION_LOST, Code.UNKNOWN_QUEUE})
_ID_MAX: Final = 64
_TYPES_MAX: Final = 100


@frozen
class Wrong:
    """A call failed; the text is for people, and what the originals' clients compare."""

    text: str
    code: str = Code.INVALID_VALUE.value


@frozen
class Identity:
    """The id of a task that was added."""

    job: str


Outcome = Wrong | Identity | Task | None
Then = Callable[[Outcome], None]
MISSING: Final = Wrong(NO_TASK, Code.UNKNOWN_JOB.value)


class Slot:
    """One call's place for the engine's answer."""

    __slots__ = ("_show", "_then")

    def __init__(self, show: Callable[[Reply], Outcome], then: Then) -> None:
        self._show = show
        self._then: Then | None = then

    def send(self, reply: Reply) -> None:
        """Take the answer; a second one changes nothing."""
        then, self._then = self._then, None
        if then is not None:
            then(refused(reply) if isinstance(reply, Refused) else self._show(reply))


def refused(reply: Refused) -> Wrong:
    """A refusal as the originals word it, or as we do."""
    if reply.code in _MISSING:
        return MISSING
    code = reply.code.value
    return Wrong(f"{code}: {reply.sentence}", code)


def shown(view: JobView) -> Task:
    """A job as a task."""
    content = None if view.payload is None else Kept(view.payload, view.more.content_type)
    details = view.details
    output = None
    if details is not None and details.result is not None:
        output = Kept(details.result, details.result_type)
    return Task(view.id, view.type, content, output)


class Handler:
    """The methods, for one connection."""

    def __init__(
        self, engine: Engine, who: Caller, rpc: Rpc, policy: JobPolicy = DEFAULT_POLICY
    ) -> None:
        """Answer on behalf of `who`; tasks that are added are treated by `policy`."""
        self._engine = engine
        self._who = who
        self._rpc = rpc
        self._policy = policy
        self._options: dict[str, PublishOptions] = {}

    def add(self, kind: str, content: Kept | None, then: Then) -> None:
        """Publish a task."""
        if not kind:
            then(Wrong(NO_TYPE))
        elif content is None:
            then(Wrong(NO_INPUT))
        elif not is_name(kind):
            then(refused(Refused(Code.INVALID_NAME)))
        else:
            options = self._options.get(content.type)
            if options is None:
                options = self._options[content.type] = PublishOptions(
                    content_type=content.type, policy=self._policy
                )
            command = Publish(self._rpc.queue, kind, content.content, options)
            self._engine.submit(self._who, command, Slot(_published, then))

    def take(self, types: Sequence[str] | None, then: Then) -> None:
        """Take the first task that waits, of any type or of one of these."""
        named = () if types is None else tuple(t for t in dict.fromkeys(types) if is_name(t))
        if types is not None and not named:
            then(None)
            return
        if len(named) > _TYPES_MAX:
            then(Wrong(f"{Code.INVALID_VALUE.value}: at most {_TYPES_MAX} types"))
            return
        command = Reserve(self._rpc.queue, named, lease=self._rpc.lease)
        self._engine.submit(self._who, command, Slot(_granted, then))

    def give_back(self, job: str) -> None:
        """Put a task back that could not be told to whoever took it."""
        self._engine.submit(self._who, Release(job), _NOBODY)

    def finish(self, job: str, output: Kept | None, then: Then) -> None:
        """End a task that this connection took."""
        if not _can_be(job):
            then(MISSING)
        elif output is None:
            self._engine.submit(self._who, Done(job), Slot(_nothing, then))
        else:
            command = Done(job, result=output.content, result_type=output.type)
            self._engine.submit(self._who, command, Slot(_nothing, then))

    def retry(self, job: str, then: Then) -> None:
        """Give a task back that failed: behind all others, and an attempt more."""
        if _can_be(job):
            command = Fail(job, delay=0.0, to_tail=True)
            self._engine.submit(self._who, command, Slot(_nothing, then))
        else:
            then(MISSING)

    def get(self, job: str, then: Then) -> None:
        """Show a task that is done; from then on its result stays a while only."""
        if _can_be(job):
            self._engine.submit(self._who, Get(job), Slot(self._got, then))
        else:
            then(MISSING)

    def _got(self, reply: Reply) -> Outcome:
        assert isinstance(reply, OneJob)
        view = reply.job
        if view.state is not JobState.DONE or view.queue != self._rpc.queue:
            return MISSING
        self._engine.submit(self._who, KeepFor(view.id, self._rpc.keep_taken), _NOBODY)
        return shown(view)


def _can_be(job: str) -> bool:
    return 0 < len(job) <= _ID_MAX and job.isascii()


def _published(reply: Reply) -> Outcome:
    assert isinstance(reply, Published)
    return Identity(reply.job)


def _granted(reply: Reply) -> Outcome:
    assert isinstance(reply, Granted)
    return shown(reply.jobs[0]) if reply.jobs else None


def _nothing(_: Reply) -> Outcome:
    return None
