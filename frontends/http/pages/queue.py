"""One queue: what is in it, who works on it, and why it hands nothing out."""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen
from quart import Blueprint

from engine import commands as c
from engine.explanations import QueueExplanation
from engine.figures import QueueFigures
from engine.job import STATES, TERMINAL
from engine.replies import (
    Code,
    Jobs,
    JobView,
    Recurrences,
    RecurrenceView,
    Refused,
    Workers,
    WorkerView,
)
from frontends.http.pages.access import Answer, RefusedPage, Visitor, page, signed_in
from frontends.http.pages.looking import figures, hour, latest
from frontends.http.pages.percentiles import spread
from frontends.http.pages.queue_list import NOTHING, rates
from frontends.http.pages.schedules import Told, told
from frontends.http.pages.search import Search, text_of
from frontends.http.pages.sparklines import sparkline

LATEST: Final = 20
"""Jobs shown, newest first."""
MOST_TYPES: Final = 50
MOST_SHOWN: Final = 50
"""Workers, and recurrences."""
ENDS: Final = tuple(state for state in STATES if state in TERMINAL)

blueprint = Blueprint("queue", __name__)


@frozen
class TypeRow:
    """The jobs of one type."""

    type: str
    jobs: tuple[int, ...]
    """There now, in the order of the states."""
    finished: tuple[int, ...]
    """Since the start of the server; those that are no end stay at 0."""


@frozen
class Inside:
    """What only the queue itself knows."""

    why: QueueExplanation
    jobs: Sequence[JobView]
    workers: Sequence[WorkerView]
    more_workers: int
    recurrences: Sequence[tuple[RecurrenceView, Told]]
    more_recurrences: int


@blueprint.get("/queues/<name:queue>")
@signed_in
async def show(who: Visitor, queue: str) -> Answer:
    """The whole of it."""
    seen = figures(who, queue)
    if seen is None:
        raise RefusedPage(Refused(Code.UNKNOWN_QUEUE))
    types = type_rows(seen)
    return await page(
        "queue.html",
        who,
        queue=queue,
        figures=seen,
        rates=rates(latest(who).get(queue, NOTHING)),
        totals=totals(types),
        types=types[:MOST_TYPES],
        more_types=len(types) - MOST_TYPES,
        waited=spread(seen.waiting),
        ran=spread(seen.running),
        line=sparkline(hour(who, queue)),
        inside=None if seen.failed else await _inside(who, queue),
        access=who.site.engine.access(who.group, queue),
        ends=ENDS,
        jobs_of=lambda **more: text_of(Search(queue=queue, **more)),
    )


async def _inside(who: Visitor, queue: str) -> Inside:
    recurrences = (await who.ask(c.ListRecurrences(queue), Recurrences)).recurrences
    workers = (await who.ask(c.ListWorkers(queue), Workers)).workers
    return Inside(
        await who.ask(c.ExplainQueue(queue), QueueExplanation),
        (await who.ask(c.ListJobs(queue, limit=LATEST, newest_first=True), Jobs)).jobs,
        workers[:MOST_SHOWN],
        len(workers) - MOST_SHOWN,
        [(each, told(each.cron, each.zone)) for each in recurrences[:MOST_SHOWN]],
        len(recurrences) - MOST_SHOWN,
    )


def type_rows(seen: QueueFigures) -> list[TypeRow]:
    """By type, those with most jobs first."""
    none = (0,) * len(STATES)
    kinds: Mapping[str, None] = dict.fromkeys((*seen.jobs, *seen.finished))
    rows = [
        TypeRow(kind, seen.jobs.get(kind, none), seen.finished.get(kind, none)) for kind in kinds
    ]
    return sorted(rows, key=lambda row: (-sum(row.jobs), row.type))


def totals(rows: list[TypeRow]) -> TypeRow:
    """All types together."""
    columns = range(len(STATES))
    return TypeRow(
        "",
        tuple(sum(row.jobs[each] for row in rows) for each in columns),
        tuple(sum(row.finished[each] for row in rows) for each in columns),
    )
