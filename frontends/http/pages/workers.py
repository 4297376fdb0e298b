"""Who works for the queues of a group, and showing somebody out."""

from collections.abc import Sequence
from typing import Final

import trio
from attrs import frozen
from quart import Blueprint, request

from engine import commands as c
from engine.figures import QueueLine
from engine.replies import Code, Refused, Workers, WorkerView
from frontends.http.pages.access import Answer, RefusedPage, Visitor, page, signed_in
from frontends.http.pages.connections import Connection, connections
from frontends.http.pages.looking import asked, asked_page, lines, must

PAGE: Final = 100
"""Connections of one page."""
MOST_QUEUES: Final = 1_000
"""Queues that are asked; of more, those in which most are."""
LONGEST_ADDRESS: Final = 200

blueprint = Blueprint("workers", __name__)


@frozen
class Seen:
    """The connections of a group."""

    rows: Sequence[Connection]
    queues_left: int
    """Queues with workers that were not asked."""


@blueprint.get("/workers")
@signed_in
async def workers(who: Visitor) -> Answer:
    """A page of connections."""
    search = asked("q")
    seen = await _seen(who)
    part = search.casefold()
    fit = [row for row in seen.rows if _says(row, part)]
    number = min(asked_page(), max(1, -(-len(fit) // PAGE)))
    return await page(
        "workers.html",
        who,
        rows=fit[(number - 1) * PAGE : number * PAGE],
        found=len(fit),
        everybody=len(seen.rows),
        queues_left=seen.queues_left,
        search=search,
        page=number,
        next=number + 1 if number * PAGE < len(fit) else None,
    )


@blueprint.get("/workers/kick")
@signed_in
async def ask(who: Visitor) -> Answer:
    """Say what kicking somebody out would do."""
    must(who, "manage")
    row = await _at(who, asked("address", LONGEST_ADDRESS))
    return await page("worker_sure.html", who, row=row)


@blueprint.post("/workers/kick")
@signed_in
async def kick(who: Visitor) -> Answer:
    """Unsubscribe a connection from every queue of the group."""
    must(who, "manage")
    address = (await request.form).get("address", "")[:LONGEST_ADDRESS]
    row = await _at(who, address)
    *others, last = row.queues
    for queue in others:
        await who.site.engine.execute(who.caller, c.Kick(queue, address))
    return await who.act(
        c.Kick(last, address),
        f"Worker {row.name} from {address} has no subscription left.",
        who.app.places.at("workers"),
    )


async def _at(who: Visitor, address: str) -> Connection:
    rows = [row for row in (await _seen(who)).rows if row.address == address]
    if not rows:
        raise RefusedPage(Refused(Code.UNKNOWN_WORKER))
    return rows[0]


async def _seen(who: Visitor) -> Seen:
    busy = await lines(who, lambda line: bool(line.workers) and not line.failed)
    busy.sort(key=lambda line: -line.workers)
    found: dict[str, Sequence[WorkerView]] = {}

    async def look(line: QueueLine) -> None:
        reply = await who.site.engine.execute(who.caller, c.ListWorkers(line.name))
        if isinstance(reply, Workers):
            found[line.name] = reply.workers

    async with trio.open_nursery() as nursery:
        for line in busy[:MOST_QUEUES]:
            nursery.start_soon(look, line)
    return Seen(connections(sorted(found.items())), max(0, len(busy) - MOST_QUEUES))


def _says(row: Connection, part: str) -> bool:
    words = (row.name, row.address, *row.queues, *row.types)
    return not part or any(part in word.casefold() for word in words)
