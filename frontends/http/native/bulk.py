"""One action on every job that a filter finds.

The queue is read in pages and each job is changed by its own command, a few at a time, so others
are served in between. A request changes at most `limit` jobs; `next` goes on where it stopped.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Literal

from attrs import Factory, define, field, frozen
from msgspec import Meta, Struct

from engine import commands as c
from engine.access import authorize
from engine.commands.fields import Name, TypeName
from engine.job import STATES, Details, JobState
from engine.replies import Code, Jobs, JobView, Ok, QueueCounts, Refused, Reply
from frontends.http.changing import run_each
from frontends.http.exchange import Response
from frontends.http.native.acts import bound
from frontends.http.native.answers import shown
from frontends.http.native.overview import Number
from frontends.http.native.path import Act, Ask
from frontends.http.problems import refused

PAGE: Final = 100
"""Jobs read at one time."""
MOST: Final = 100_000

StateName = Literal["scheduled", "ready", "reserved", "done", "failed", "canceled", "expired"]


class Filter(Struct, frozen=True, forbid_unknown_fields=True):
    """Which jobs: those that fit everything that is said; `{}` are all of the queue."""

    states: Annotated[tuple[StateName, ...], Meta(max_length=len(STATES))] = ()
    """Any of these; empty: any state."""
    type: TypeName | None = None
    error: Annotated[str, Meta(max_length=1_000)] | None = None
    """What the message of the last failure contains."""
    error_type: Annotated[str, Meta(max_length=200)] | None = None


@frozen
class Bulk:
    """Do one thing to every job of a queue that the filter finds, or say how many there are."""

    queue: Name
    filter: Filter
    dry_run: bool = False
    """Change nothing, and say how many jobs the filter finds."""
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 10_000
    """Jobs changed by this request."""
    cursor: Number = 0
    """The `next` of the request before."""


@frozen
class BulkMove(Bulk):
    """Put every job of a queue that the filter finds into another, or say how many there are."""

    to: Name = field(kw_only=True)
    """The other queue, made if need be."""


Single = Callable[[str], object]
"""A job's id -> the command that changes it."""


def bulk(single: Single) -> Act:
    """What a path does that has this done to many jobs."""

    async def act(ask: Ask) -> Response:
        said = bound(ask, Bulk)
        return refused(said) if isinstance(said, Refused) else await _bulk(ask, said, single)

    return act


async def bulk_move(ask: Ask) -> Response:
    """The same with the command that names the other queue."""
    said = bound(ask, BulkMove)
    if isinstance(said, Refused):
        return refused(said)
    return await _bulk(ask, said, partial(c.Move, queue=said.to))


async def _bulk(ask: Ask, said: Bulk, single: Single) -> Response:
    if not all(authorize(ask.who, needs) for needs in ask.path.needs):
        return refused(Refused(Code.FORBIDDEN))
    if said.dry_run:
        found = await _count(ask, said)
        return refused(found) if isinstance(found, Refused) else shown(_outcome(found))
    sweep = _Sweep(ask, single, said)
    refusal = await sweep.run()
    return shown(sweep.outcome) if refusal is None else refused(refusal)


def _outcome(found: int) -> dict[str, Any]:
    return {"dry_run": True, "found": found, "changed": 0, "refused": {}, "next": None}


async def _count(ask: Ask, said: Bulk) -> int | Refused:
    """How many jobs the filter finds: from the counters where they know, else by looking."""
    wanted = said.filter
    if wanted.error is None and wanted.error_type is None and not said.cursor:
        reply = await ask.site.engine.execute(ask.who, c.Counts(said.queue))
        if isinstance(reply, Refused):
            return reply
        assert isinstance(reply, QueueCounts)
        none = (0,) * len(STATES)
        counts = reply.states if wanted.type is None else reply.types.get(wanted.type, none)
        return sum(counts[state] for state in _states(wanted) or STATES)
    found, after = 0, said.cursor
    while True:
        page = await ask.site.engine.execute(ask.who, _page(said, after))
        if isinstance(page, Refused):
            return page
        assert isinstance(page, Jobs)
        found += sum(_fits(wanted, job) for job in page.jobs)
        if page.next is None:
            return found
        after = page.next


def _states(wanted: Filter) -> tuple[JobState, ...]:
    return tuple(JobState[name.upper()] for name in wanted.states)


def _page(said: Bulk, after: int) -> c.ListJobs:
    return c.ListJobs(said.queue, _states(said.filter), said.filter.type, after, PAGE)


_NOTHING: Final = Details()


def _fits(wanted: Filter, job: JobView) -> bool:
    """Whether what pages are not chosen by is right too."""
    details = job.details or _NOTHING
    return (wanted.error is None or wanted.error in details.error) and (
        wanted.error_type is None or wanted.error_type == details.error_type
    )


@define
class _Sweep:
    """One request's way through the queue."""

    ask: Ask
    single: Single
    said: Bulk
    found: int = 0
    changed: int = 0
    refused: Counter[str] = Factory(Counter)
    next: int | None = None

    @property
    def outcome(self) -> dict[str, Any]:
        """What became of it."""
        return {
            "dry_run": False,
            "found": self.found,
            "changed": self.changed,
            "refused": dict(self.refused),
            "next": self.next,
        }

    async def run(self) -> Refused | None:
        """To the end of the queue, or of what one request may do."""
        after: int | None = self.said.cursor
        while after is not None:
            page = await self.ask.site.engine.execute(self.ask.who, _page(self.said, after))
            if isinstance(page, Refused):
                return page
            assert isinstance(page, Jobs)
            fitting = [job for job in page.jobs if _fits(self.said.filter, job)]
            room = self.said.limit - self.found
            await self._change(fitting[:room])
            after = page.next
            if len(fitting) > room or (len(fitting) == room and after is not None):
                self.next = fitting[room - 1].seq
                break
        return None

    async def _change(self, jobs: list[JobView]) -> None:
        self.found += len(jobs)
        commands = (self.single(job.id) for job in jobs)
        await run_each(self.ask.site.engine, self.ask.who, commands, self._note)

    def _note(self, reply: Reply) -> None:
        if isinstance(reply, Ok):
            self.changed += 1
        elif isinstance(reply, Refused):
            self.refused[reply.code.value] += 1
