"""One action on many jobs, a request's worth at a time: the queue serves others in between."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import trio
from attrs import Factory, define

from engine.access import Caller
from engine.commands import Counts
from engine.job import STATES
from engine.replies import SENTENCES, Code, JobView, QueueCounts, Refused, Reply
from frontends.http.changing import run_each
from frontends.http.pages.ages import AGES
from frontends.http.pages.browsing import Browser, Cursor
from frontends.http.pages.looking import TURN
from frontends.http.pages.search import Search
from frontends.http.site import Site

SECONDS: Final = 0.5
"""How long one request changes jobs, or counts them."""
FETCHED: Final = 100
MOST_COUNTED: Final = 500
"""Queues whose counters are asked one by one."""

Single = Callable[[str], object]
"""A job's id -> the command that changes it."""
Fits = Callable[[JobView], bool]


@define
class Tally:
    """What became of the jobs so far."""

    done: int = 0
    refused: Counter[str] = Factory(Counter)
    """By the sentence that says why."""

    def note(self, reply: Reply) -> None:
        """Count one answer."""
        if isinstance(reply, Refused):
            self.refused[reply.sentence] += 1
        else:
            self.done += 1


async def change(site: Site, who: Caller, jobs: Sequence[str], single: Single) -> Tally:
    """Give each job its command, a few at a time."""
    tally = Tally()
    await run_each(site.engine, who, map(single, jobs), tally.note)
    return tally


async def sweep(
    site: Site, who: Caller, search: Search, cursor: Cursor, single: Single, fits: Fits
) -> tuple[Tally, Cursor | None] | Refused:
    """Change what the search finds for as long as one request may; the cursor goes on.

    Args:
        site: the server.
        who: on whose behalf.
        search: which jobs.
        cursor: where the request before stopped.
        single: what is done to each.
        fits: whether it can be done to a job; those it cannot be done to are counted.
    """
    tally = Tally()
    until = trio.current_time() + SECONDS
    at: Cursor | None = cursor
    while at is not None and trio.current_time() < until:
        page = await Browser(site, who, search, FETCHED).page(at)
        if isinstance(page, Refused):
            return page
        fitting = [job.id for job in page.jobs if fits(job)]
        did = await change(site, who, fitting, single)
        tally.done += did.done
        tally.refused += did.refused
        if len(fitting) < len(page.jobs):
            tally.refused[SENTENCES[Code.WRONG_STATE]] += len(page.jobs) - len(fitting)
        at = page.next
    return tally, at


async def count(site: Site, who: Caller, search: Search) -> int | None:
    """How many jobs the search finds, by the counters; None: they do not know."""
    if search.reads_jobs or search.age != AGES:
        return None
    if search.queue is not None:
        return await _count_in(site, who, search, search.queue)
    if search.type is None and site.observed is not None:
        found = 0
        for number, line in enumerate(site.observed.lines(who.group), 1):
            found += sum(line.states[state] for state in search.states or STATES)
            if not number % TURN:
                await trio.lowlevel.checkpoint()
        await site.observed.durable()
        return found
    names = site.engine.queue_names(who.group)
    if len(names) > MOST_COUNTED:
        return None
    return sum([await _count_in(site, who, search, name) for name in names])


async def _count_in(site: Site, who: Caller, search: Search, queue: str) -> int:
    reply = await site.engine.execute(who, Counts(queue))
    if not isinstance(reply, QueueCounts):
        return 0
    none = (0,) * len(STATES)
    counts = reply.states if search.type is None else reply.types.get(search.type, none)
    return sum(counts[state] for state in search.states or STATES)


async def count_by_looking(site: Site, who: Caller, search: Search) -> tuple[int, int, bool]:
    """How many were found, among how many, and whether those were all."""
    found, looked, at = 0, 0, Cursor()
    until = trio.current_time() + SECONDS
    while trio.current_time() < until:
        page = await Browser(site, who, search, FETCHED).page(at)
        if isinstance(page, Refused):
            return 0, 0, True
        found += len(page.jobs)
        looked = page.looked
        if page.next is None:
            return found, looked, True
        at = page.next
    return found, looked, False
