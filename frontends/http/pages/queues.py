"""The queues of a group."""

from attrs import frozen
from quart import Blueprint

from engine.figures import QueueFigures
from frontends.http.pages.access import Answer, Visitor, page, signed_in
from frontends.http.pages.looking import asked, asked_page, figures, hour, latest, lines
from frontends.http.pages.queue_list import Order, Row, page_of
from frontends.http.pages.sparklines import Sparkline, sparkline

blueprint = Blueprint("queues", __name__)


@frozen
class Shown:
    """One row of the list with what is read for rows that are shown, and for no other."""

    row: Row
    figures: QueueFigures | None
    """None: it went away a moment ago."""
    line: Sparkline | None


@blueprint.get("/queues")
@signed_in
async def queues(who: Visitor) -> Answer:
    """One page of them."""
    search, order = asked("q"), Order.parse(asked("sort"))
    found = page_of(await lines(who), latest(who), search=search, order=order, page=asked_page())
    rows = [
        Shown(row, figures(who, row.line.name), sparkline(hour(who, row.line.name)))
        for row in found.rows
    ]
    return await page("queues.html", who, found=found, rows=rows, search=search, order=order)
