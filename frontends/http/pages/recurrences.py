"""What the queues of a group make on schedule."""

from typing import Final

from attrs import frozen
from quart import Blueprint

from engine import commands as c
from engine.explanations import Ticks
from engine.replies import Code, Recurrences, RecurrenceView, Refused
from frontends.http.pages.access import Answer, RefusedPage, Visitor, page, signed_in
from frontends.http.pages.looking import asked, asked_page, lines
from frontends.http.pages.schedules import Told, told
from frontends.http.pages.zoned import Moment, moment

PAGE: Final = 50
"""Recurrences of one page, at least; those of one queue are not parted."""
COMING: Final = 5
"""Times ahead that are shown."""

blueprint = Blueprint("recurrences", __name__)


@frozen
class Row:
    """One recurrence, for people."""

    view: RecurrenceView
    told: Told
    coming: tuple[Moment, ...]
    """The next times; of one that is paused those it would have."""


@blueprint.get("/recurrences")
@signed_in
async def recurrences(who: Visitor) -> Answer:
    """A page of them, by queue."""
    search = asked("q")
    part = search.casefold()
    making = await lines(
        who, lambda line: line.recurrences > 0 and not line.failed and part in line.name.casefold()
    )
    making.sort(key=lambda line: line.name)
    pages = _paged([line.recurrences for line in making])
    number = min(asked_page(), len(pages))
    rows: list[Row] = []
    for line in making[slice(*pages[number - 1])]:
        rows += await rows_of(who, line.name)
    return await page(
        "recurrences.html",
        who,
        rows=rows,
        found=sum(line.recurrences for line in making),
        search=search,
        page=number,
        next=number + 1 if number < len(pages) else None,
    )


@blueprint.post("/recurrences/<name:queue>/<int:number>/pause")
@signed_in
async def pause(who: Visitor, queue: str, number: int) -> Answer:
    """Keep it from firing."""
    return await who.act(c.PauseRecurrence(queue, number), "It is paused, and makes no jobs.")


@blueprint.post("/recurrences/<name:queue>/<int:number>/resume")
@signed_in
async def resume(who: Visitor, queue: str, number: int) -> Answer:
    """Let it fire."""
    command = c.PauseRecurrence(queue, number, paused=False)
    return await who.act(command, "It goes on with its next time.")


@blueprint.post("/recurrences/<name:queue>/<int:number>/run")
@signed_in
async def run(who: Visitor, queue: str, number: int) -> Answer:
    """Make its job now."""
    return await who.act(
        c.RunRecurrence(queue, number), f"Its job is in queue {queue}, beside the schedule."
    )


@blueprint.post("/recurrences/<name:queue>/<int:number>/delete")
@signed_in
async def delete(who: Visitor, queue: str, number: int) -> Answer:
    """End it."""
    return await who.act(
        c.DropRecurrence(queue, number),
        "It is deleted; the jobs it made stay.",
        who.app.places.at("recurrences"),
    )


async def rows_of(who: Visitor, queue: str) -> list[Row]:
    """What one queue makes; nothing, if the queue is gone."""
    reply = await who.site.engine.execute(who.caller, c.ListRecurrences(queue))
    views = reply.recurrences if isinstance(reply, Recurrences) else ()
    return [await row_of(who, view) for view in views]


async def row_of(who: Visitor, view: RecurrenceView) -> Row:
    """A recurrence with its words and its times."""
    seen: tuple[Moment, ...] = ()
    if view.fires:
        seen = await preview(who, view.cron, view.zone, seconds=view.seconds, first=view.next_tick)
    return Row(view, told(view.cron, view.zone), seen)


async def one(who: Visitor, queue: str, number: int) -> RecurrenceView:
    """One recurrence.

    Raises:
        RefusedPage: there is none.
    """
    views = (await who.ask(c.ListRecurrences(queue), Recurrences)).recurrences
    for view in views:
        if view.number == number:
            return view
    raise RefusedPage(Refused(Code.UNKNOWN_RECURRENCE))


async def preview(
    who: Visitor,
    text: str,
    zone: str | None,
    *,
    seconds: bool = True,
    first: float | None = None,
) -> tuple[Moment, ...]:
    """The next times of a schedule; none: it cannot be read, or never fires.

    Args:
        who: may read.
        text: the schedule.
        zone: the one it is declared with.
        seconds: whether six fields are allowed.
        first: when it fires next, for those that count from when they were declared.
    """
    reply = await who.site.engine.execute(
        who.caller, c.PreviewCron(text, COMING, zone or "", seconds)
    )
    ticks = reply.ticks if isinstance(reply, Ticks) else ()
    place = told(text, zone).zone
    if ticks and first is not None and not place:
        ticks = tuple(tick - ticks[0] + first for tick in ticks)
    return tuple(moment(tick, place) for tick in ticks)


def _paged(counts: list[int]) -> list[tuple[int, int]]:
    """First and last of the queues of each page; one page at least."""
    pages, first, size = [], 0, 0
    for at, count in enumerate(counts):
        size += count
        if size >= PAGE:
            pages.append((first, at + 1))
            first, size = at + 1, 0
    if first < len(counts) or not pages:
        pages.append((first, len(counts)))
    return pages
