"""Looking at more than one queue: the group's queues page by page, its counts, the groups."""

from itertools import islice
from typing import Annotated, Any

from attrs import frozen
from msgspec import Meta

from engine import commands as c
from engine.access import MEMBER, Right
from engine.commands.fields import Limit
from engine.replies import HealthCounts, Queues, QueueView, Refused
from frontends.dialects.native_json import STATE_NAMES, shape
from frontends.http.exchange import Response
from frontends.http.native.acts import bound
from frontends.http.native.answers import answer, shown
from frontends.http.native.path import Ask
from frontends.http.problems import refused

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
    reply = await ask.site.engine.execute(ask.who, c.DescribeAll())
    if not isinstance(reply, Queues):
        return answer(ask, reply)
    after = (queue for queue in reply.queues if queue.number > page.cursor)
    found = list(islice(after, page.limit))
    more = next(after, None) is not None
    return shown({
        "queues": [_line(queue) for queue in found],
        "next": found[-1].number if more else None,
    })  # fmt: skip


def _line(queue: QueueView) -> dict[str, Any]:
    return {
        "number": queue.number,
        "name": queue.name,
        "id": queue.id,
        "counts": shape(queue.counts),
        "workers": len(queue.workers or ()),
        "recurrences": len(queue.recurrences or ()),
    }


async def group_counts(ask: Ask) -> Response:
    """The counts of all queues, added up."""
    refusal = bound(ask, GroupCounts)
    if isinstance(refusal, Refused):
        return refused(refusal)
    reply = await ask.site.engine.execute(ask.who, c.DescribeAll())
    if not isinstance(reply, Queues):
        return answer(ask, reply)
    types: dict[str, tuple[int, ...]] = {}
    states: tuple[int, ...] = (0,) * len(STATE_NAMES)
    for queue in reply.queues:
        states = _sum(states, queue.counts.states)
        for name, counts in queue.counts.types.items():
            types[name] = _sum(types[name], counts) if name in types else counts
    return shown({
        "queues": len(reply.queues),
        "states": _named(states),
        "types": {name: _named(counts) for name, counts in types.items()},
        "published": sum(queue.counts.published for queue in reply.queues),
        "finished": sum(queue.counts.finished for queue in reply.queues),
    })  # fmt: skip


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
