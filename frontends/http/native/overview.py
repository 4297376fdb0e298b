"""Looking at more than one queue: the group's queues page by page, its counts, the groups."""

from typing import Annotated, Final

import trio
from attrs import define, field, frozen
from msgspec import Meta

from engine import commands as c
from engine.access import MEMBER, Right, authorize
from engine.commands.fields import Limit
from engine.replies import Code, HealthCounts, QueueCounts, Refused
from frontends.dialects.native_json import STATE_NAMES, shape
from frontends.http.exchange import Response
from frontends.http.native.acts import bound
from frontends.http.native.answers import answer, shown
from frontends.http.native.path import Ask
from frontends.http.problems import refused
from frontends.observed import Observed

FORBIDDEN: Final = Refused(Code.FORBIDDEN)
_TURN: Final = 500
"""Queues looked at before others have their turn."""
Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]


@frozen
class QueuesPage:
    """Show the queues of the group with their counts, a page at a time."""

    cursor: Number = 0
    """The `next` of the page before."""
    limit: Limit = 100


@frozen
class GroupCounts:
    """Show how many jobs of each state and type the queues of the group have together."""


@frozen
class OwnGroups:
    """Show the groups that whoever asks has rights in, and which."""


@frozen
class Vitals:
    """Count queues, jobs and workers over all groups, and name own queues that failed."""


async def queues(ask: Ask) -> Response:
    """A page of queues in the order of their making."""
    page = bound(ask, QueuesPage)
    if isinstance(page, Refused):
        return refused(page)
    if not _may_look(ask):
        return refused(FORBIDDEN)
    seen = _seen(ask)
    found, more = seen.page(ask.who.group, page.cursor, page.limit)
    await seen.durable()
    return shown({
        "queues": [shape(queue) for queue in found],
        "next": found[-1].number if more else None,
    })  # fmt: skip


def _may_look(ask: Ask) -> bool:
    return authorize(ask.who, c.TABLE[c.DescribeAll].needs)


def _seen(ask: Ask) -> Observed:
    """What is read without asking any queue: there may be thousands."""
    seen = ask.site.observed
    assert seen is not None, "a server with a native API is observed"
    return seen


async def group_counts(ask: Ask) -> Response:
    """The counts of all queues, added up."""
    refusal = bound(ask, GroupCounts)
    if isinstance(refusal, Refused):
        return refused(refusal)
    if not _may_look(ask):
        return refused(FORBIDDEN)
    seen = _seen(ask)
    total = _Total()
    for counts in seen.counts(ask.who.group):
        total.add(counts)
        if not total.queues % _TURN:
            await trio.lowlevel.checkpoint()
    await seen.durable()
    return shown({
        "queues": total.queues,
        "states": _named(total.states),
        "types": {name: _named(of) for name, of in total.types.items()},
        "published": total.published,
        "finished": total.finished,
    })  # fmt: skip


@define
class _Total:
    """The counts of several queues."""

    queues: int = 0
    states: tuple[int, ...] = (0,) * len(STATE_NAMES)
    types: dict[str, tuple[int, ...]] = field(factory=dict[str, tuple[int, ...]])
    published: int = 0
    finished: int = 0

    def add(self, counts: QueueCounts) -> None:
        """One more queue."""
        self.queues += 1
        self.states = _sum(self.states, counts.states)
        for name, of in counts.types.items():
            self.types[name] = _sum(self.types[name], of) if name in self.types else of
        self.published += counts.published
        self.finished += counts.finished


def _sum(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _named(counts: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(STATE_NAMES, counts, strict=True))


async def own_groups(ask: Ask) -> Response:
    """An administrator sees all of them."""
    refusal = bound(ask, OwnGroups)
    if isinstance(refusal, Refused):
        return refused(refusal)
    principal = ask.principal
    names = ask.site.groups() if principal.admin else tuple(principal.groups)
    return shown({
        "groups": [{"name": name, "rights": _rights(principal.rights(name))} for name in names],
    })  # fmt: skip


def _rights(rights: Right) -> list[str]:
    return [str(right.name).lower() for right in Right if right & MEMBER & rights]


async def vitals(ask: Ask) -> Response:
    """Of failed queues only those whose group the caller has rights in."""
    refusal = bound(ask, Vitals)
    if isinstance(refusal, Refused):
        return refused(refusal)
    reply = await ask.site.engine.execute(ask.who, c.Health())
    if isinstance(reply, HealthCounts):
        known = tuple(one for one in reply.failed if ask.principal.rights(one[0]))
        reply = HealthCounts(reply.queues, reply.jobs, reply.workers, known)
    return answer(ask, reply)
