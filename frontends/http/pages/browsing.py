"""Pages of jobs that a search finds, newest first, over one queue or all of the group.

Queues are read in order of name, `WIDTH` of them at a time, and those are merged by `seq`, which
rises over all queues. A page ends when it is full or when so much was looked at as one request
may; its cursor says where the next one begins, and nothing is shown twice or left out.
"""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

import trio
from attrs import define, field, frozen

from engine import commands as c
from engine.access import Caller
from engine.commands.fields import is_name
from engine.job import Details
from engine.replies import Code, Jobs, JobView, Refused
from frontends.http.pages.fitting import fits
from frontends.http.pages.search import Search
from frontends.http.site import Site

WIDTH: Final = 20
"""Queues merged."""
SECONDS: Final = 0.08
"""How long one page looks, at most; it ends with the fetch that is under way then."""
_LOOKS: Final = 20_000
"""Jobs that one command of the engine looks at."""
_FIRST: Final = 10
_MOST: Final = 200
_HEAVY: Final = 256 * 1024
"""Bytes in one fetch after which the next one asks for fewer jobs."""
_TOP: Final = 2**63
_KEPT: Final = 1_024
"""Bytes of a payload that a page holds on to."""


@frozen
class Cursor:
    """Where a page begins."""

    before: int = _TOP
    """Only jobs of a smaller `seq` are left in the queues of this round."""
    start: str = ""
    """The first name of the queues of this round."""
    end: str = ""
    """The last one; empty: not known yet."""
    looked: int = 0
    """Jobs that were looked at on the pages before."""

    @property
    def query(self) -> dict[str, object]:
        """As it stands in an address."""
        before = None if self.before == _TOP else self.before
        looked = self.looked or None
        return {"before": before, "start": self.start, "end": self.end, "looked": looked}


BEGINNING: Final = Cursor()


def cursor_from(said: Callable[[str, str], str]) -> Cursor:
    """What an address says; what it says badly is where everything begins.

    Args:
        said: a field by name, or what is to be when it is not there.
    """
    start, end = said("start", ""), said("end", "")
    if any(name and not is_name(name) for name in (start, end)):
        return BEGINNING
    return Cursor(number(said("before", "")) or _TOP, start, end, number(said("looked", "")))


def number(text: str) -> int:
    """A count in an address; 0 for what is none."""
    plain = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if plain else 0


@frozen
class Page:
    """What was found."""

    jobs: tuple[JobView, ...]
    """With the beginnings of their payloads, and of their details the last error."""
    next: Cursor | None
    """None: that was all."""
    looked: int
    """Jobs that were looked at, those of the pages before too; at least."""


@define
class _Source:
    """One queue on its way down."""

    queue: str
    below: int
    """Everything from here on was fetched."""
    ended: bool = False
    fetched: deque[JobView] = field(factory=deque)

    @property
    def top(self) -> int:
        """What is left has a smaller `seq`; 0: nothing is."""
        if self.fetched:
            return self.fetched[0].seq + 1
        return 0 if self.ended else self.below


class Browser:
    """One request's way through the jobs of a group."""

    def __init__(self, site: Site, who: Caller, search: Search, limit: int) -> None:
        """Look for `limit` jobs, on behalf of somebody."""
        self._site = site
        self._who = who
        self._search = search
        self._limit = limit
        self._batch = _FIRST
        now = site.now()
        age = search.age
        self._since = None if age.most is None else max(0.0, now - age.most)
        self._until = None if age.least is None else max(0.0, now - age.least)
        self._deadline = trio.current_time() + SECONDS
        self._found: list[JobView] = []
        self._looked = 0

    async def page(self, cursor: Cursor) -> Page | Refused:
        """The jobs from there on."""
        self._looked = cursor.looked
        names = self._names()
        at: Cursor | None = cursor
        while at is not None:
            sources = self._round(names, at)
            if not sources:
                at = None
                break
            left = await self._merge(sources, at.before)
            if isinstance(left, Refused):
                return left
            last = sources[-1].queue
            if left:
                at = Cursor(left, sources[0].queue, last, self._looked)
                break
            following = next((name for name in names if name > last), None)
            at = None if following is None else Cursor(start=following, looked=self._looked)
            if self._is_full or self._is_late:
                break
        return Page(tuple(self._found), at, self._looked)

    @property
    def _is_full(self) -> bool:
        return len(self._found) >= self._limit

    @property
    def _is_late(self) -> bool:
        return trio.current_time() >= self._deadline

    def _names(self) -> list[str]:
        queue = self._search.queue
        return sorted(self._site.engine.queue_names(self._who.group)) if queue is None else [queue]

    def _round(self, names: list[str], at: Cursor) -> list[_Source]:
        inside = (name for name in names if name >= at.start and (not at.end or name <= at.end))
        return [_Source(name, at.before) for name in islice(inside, None if at.end else WIDTH)]

    async def _merge(self, sources: list[_Source], began: int) -> int | Refused:
        """Take from the queue whose next job is the newest; what is left is below the answer.

        However late it is, the answer is below where it began.
        """
        while True:
            source = max(sources, key=lambda one: one.top)
            late = not source.fetched and source.top < began and self._is_late
            if not source.top or late or self._is_full:
                self._looked -= sum(len(one.fetched) for one in sources)  # the next page's
                return source.top
            if source.fetched:
                job = source.fetched.popleft()
                if fits(self._search, job):
                    self._found.append(_light(job))
            else:
                refusal = await self._fetch(source)
                if refusal is not None:
                    return refusal

    async def _fetch(self, source: _Source) -> Refused | None:
        search = self._search
        after = 0 if source.below == _TOP else source.below
        command = c.ListJobs(
            source.queue, search.states, search.type, after, self._batch, newest_first=True,
            since=self._since, until=self._until,
        )  # fmt: skip
        reply = await self._site.engine.execute(self._who, command)
        if isinstance(reply, Refused):
            if reply.code is Code.UNKNOWN_QUEUE and search.queue is None:  # it went meanwhile
                source.ended = True
                return None
            return reply
        assert isinstance(reply, Jobs)
        full = len(reply.jobs) == self._batch
        self._looked += len(reply.jobs) if full or reply.next is None else _LOOKS
        self._pace(reply.jobs)
        source.fetched.extend(reply.jobs)
        source.ended = reply.next is None
        source.below = reply.next or 0
        return None

    def _pace(self, jobs: tuple[JobView, ...]) -> None:
        """Ask for more at a time while jobs are light: their payloads come with them."""
        size = sum(len(job.payload or b"") for job in jobs)
        if size > _HEAVY:
            self._batch = max(1, self._batch // 4)
        elif len(jobs) == self._batch:
            self._batch = min(_MOST, self._batch * 2)


def _light(job: JobView) -> JobView:
    """The same without what a list does not show: a thousand of them may have a mebibyte each."""
    if job.payload is not None:
        job.payload = job.payload[:_KEPT]
    if job.details is not None:
        told = job.details
        job.details = Details(error_type=told.error_type, error=told.error)
    return job
