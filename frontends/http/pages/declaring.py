"""Declaring a recurrence by form, and changing one."""

from collections.abc import Mapping
from typing import Any, Final, get_type_hints

from quart import Blueprint, redirect, request

from engine import commands as c
from engine.recurrence import BadCron
from engine.recurrence.zones import load_zone
from engine.replies import Code, Recurrences, RecurrenceSet, RecurrenceView, Refused
from frontends.dialects.native_values import reader
from frontends.http.pages.access import SEE_OTHER, Answer, Visitor, page, signed_in
from frontends.http.pages.looking import asked, lines, must
from frontends.http.pages.publishing import BAD, SUGGESTED
from frontends.http.pages.recurrences import Row, one, preview, row_of
from frontends.http.pages.schedules import Told, told
from frontends.http.pages.typed import Typed
from frontends.http.pages.zoned import Moment

USUAL: Final[Mapping[str, str]] = {
    "queue": "", "type": "", "cron": "", "zone": "", "payload": "", "keep": "",
    "missed": "skip", "overlap": "allow",
}  # fmt: skip
_READERS: Final = {
    name: reader(hint)
    for name, hint in get_type_hints(c.SetRecurrence, include_extras=True).items()
}
_FIELD_OF: Final = {
    Code.INVALID_CRON: "cron",
    Code.INVALID_NAME: "type",
    Code.PAYLOAD_TOO_LARGE: "payload",
    Code.TOO_MANY_QUEUES: "queue",
    Code.DRAINING: "queue",
}

blueprint = Blueprint("declaring", __name__)


@blueprint.get("/recurrences/new")
@signed_in
async def form(who: Visitor) -> Answer:
    """An empty form."""
    must(who, "manage")
    return await _page(who, Typed({}, {**USUAL, "queue": asked("queue")}))


@blueprint.post("/recurrences/new")
@signed_in
async def declare(who: Visitor) -> Answer:
    """Make one; what the queue makes already is not written over."""
    must(who, "manage")
    sent = await request.form
    typed = Typed(sent.to_dict(), USUAL)
    command = command_of(typed)
    if command is not None and await _has(who, command.queue, command.type):
        typed.wrong("type", "is made by this queue already: change that one, or delete it first")
    return await _declared(who, typed, command, looks="preview" in sent)


@blueprint.get("/recurrences/<name:queue>/<int:number>")
@signed_in
async def show(who: Visitor, queue: str, number: int) -> Answer:
    """One, with a form for those who may change it."""
    view = await one(who, queue, number)
    return await _page(who, Typed({}, _values(view)), await row_of(who, view))


@blueprint.post("/recurrences/<name:queue>/<int:number>")
@signed_in
async def change(who: Visitor, queue: str, number: int) -> Answer:
    """Change one, but not its queue and type."""
    must(who, "manage")
    row = await row_of(who, await one(who, queue, number))
    view = row.view
    sent = await request.form
    typed = Typed({**sent.to_dict(), "queue": view.queue, "type": view.type}, USUAL)
    command = command_of(typed, seconds=view.seconds, once_now=not view.fires)
    return await _declared(who, typed, command, row, looks="preview" in sent)


def command_of(
    typed: Typed, *, seconds: bool = True, once_now: bool = False
) -> c.SetRecurrence | None:
    """The command that was typed; None: `typed` has the mistakes.

    Args:
        typed: the form.
        seconds: whether six fields are allowed.
        once_now: it fires no more.
    """
    said: dict[str, Any] = {
        name: typed.read(name, _READERS[name], needed=True)
        for name in ("queue", "type", "cron", "missed", "overlap")
    }
    said["zone"] = typed.read("zone", _READERS["zone"])
    try:
        load_zone(said["zone"] or "")
    except BadCron as error:
        typed.wrong("zone", str(error))
    payload = None if typed.values["keep"] else typed.block("payload").encode("utf-8", "replace")
    if not typed.good:
        return None
    return c.SetRecurrence(**said, payload=payload, seconds=seconds, once_now=once_now)


async def _declared(
    who: Visitor,
    typed: Typed,
    command: c.SetRecurrence | None,
    row: Row | None = None,
    *,
    looks: bool,
) -> Answer:
    if command is None or not typed.good:
        return await _page(who, typed, row, status=BAD)
    if looks:
        asked_for = c.PreviewCron(command.cron, 1, command.zone or "", command.seconds)
        reply = await who.site.engine.execute(who.caller, asked_for)
    else:
        reply = await who.site.engine.execute(who.caller, command)
    if isinstance(reply, Refused):
        typed.wrong(_FIELD_OF.get(reply.code, ""), reply.sentence)
        return await _page(who, typed, row, status=BAD)
    if looks:
        seen = await preview(who, command.cron, command.zone, seconds=command.seconds)
        return await _page(who, typed, row, looked=(told(command.cron, command.zone), seen))
    assert isinstance(reply, RecurrenceSet), reply
    who.session.say(f"Queue {command.queue} makes {command.type} {told(command.cron).words}.")
    where = who.app.places.at("recurrences", command.queue, str(reply.number))
    return redirect(where, SEE_OTHER)


async def _has(who: Visitor, queue: str, kind: str) -> bool:
    reply = await who.site.engine.execute(who.caller, c.ListRecurrences(queue))
    return isinstance(reply, Recurrences) and any(view.type == kind for view in reply.recurrences)


def _values(view: RecurrenceView) -> dict[str, str]:
    """What stands in the form at first; a payload that cannot be typed is kept."""
    try:
        payload = None if view.payload is None else view.payload.decode()
    except UnicodeDecodeError:
        payload = None
    return {
        "queue": view.queue,
        "type": view.type,
        "cron": view.cron,
        "zone": view.zone or "",
        "payload": payload or "",
        "keep": "yes" if payload is None else "",
        "missed": view.missed,
        "overlap": view.overlap,
    }


async def _page(
    who: Visitor,
    typed: Typed,
    row: Row | None = None,
    *,
    status: int = 200,
    looked: tuple[Told, tuple[Moment, ...]] | None = None,
) -> Answer:
    queues = await lines(who) if row is None and who.may("read") else []
    names = sorted(line.name for line in queues)[:SUGGESTED]
    return await page(
        "recurrence.html", who, status, typed=typed, row=row, names=names, looked=looked
    )
