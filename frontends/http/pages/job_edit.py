"""Changing a job that waits, or publishing one that is over again, changed."""

import re
from collections.abc import Mapping
from typing import Final

from quart import Blueprint, redirect, request

from engine import commands as c
from engine.commands.fields import Instant, Priority, Seconds
from engine.job import TERMINAL, JobState
from engine.replies import Code, JobView, OneJob, Published, Refused
from frontends.dialects.native_values import reader
from frontends.http.pages.access import SEE_OTHER, Answer, RefusedPage, Visitor, page, signed_in
from frontends.http.pages.looking import must
from frontends.http.pages.typed import Typed

blueprint = Blueprint("job_edit", __name__)

LONGEST: Final = 256 * 1024
"""Bytes of a payload that a form can hold without hurting."""
BAD: Final = 400
_PRIORITY: Final = reader(Priority)
_SECONDS: Final = reader(Seconds)
_INSTANT: Final = reader(Instant)
_UNHELD: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@blueprint.get("/jobs/<name:job>/edit")
@signed_in
async def form(who: Visitor, job: str) -> Answer:
    """What can be changed."""
    found = await _found(who, job)
    return await _form(who, found, Typed({}, _usual(found)))


@blueprint.post("/jobs/<name:job>/edit")
@signed_in
async def edit(who: Visitor, job: str) -> Answer:
    """Change it."""
    found = await _found(who, job)
    typed = Typed((await request.form).to_dict(), _usual(found))
    priority = typed.read("priority", _PRIORITY, needed=True)
    delay = typed.read("delay", _SECONDS)
    seen = typed.read("updated_at", _INSTANT, needed=True)
    payload = _payload(found, typed)
    if not typed.good:
        return await _form(who, found, typed, BAD)
    if found.state in TERMINAL:
        options = c.PublishOptions(
            priority=priority, delay=delay or 0.0,
            content_type=found.more.content_type, policy=found.policy,
        )  # fmt: skip
        content = (found.payload or b"") if payload is None else payload
        command: object = c.Publish(found.queue, found.type, content, options)
    else:
        command = c.Edit(found.id, priority, delay, payload, seen)
    reply = await who.site.engine.execute(who.caller, command)
    if isinstance(reply, Refused):
        stale = ": open this page anew" if reply.code is Code.WRONG_STATE else ""
        where = "payload" if reply.code is Code.PAYLOAD_TOO_LARGE else ""
        typed.wrong(where, reply.sentence + stale)
        return await _form(who, found, typed, BAD)
    new = isinstance(reply, Published)
    who.session.say("This is the new job; the other is as it was." if new else "It is changed.")
    there = reply.job if isinstance(reply, Published) else found.id
    return redirect(who.app.places.at("jobs", there), SEE_OTHER)


async def _found(who: Visitor, job: str) -> JobView:
    found = (await who.ask(c.Get(job), OneJob)).job
    must(who, "publish" if found.state in TERMINAL else "manage")
    if found.state is JobState.RESERVED:
        raise RefusedPage(Refused(Code.WRONG_STATE, "a job that is held cannot be changed"))
    return found


async def _form(who: Visitor, job: JobView, typed: Typed, status: int = 200) -> Answer:
    return await page(
        "job_edit.html", who, status,
        job=job, typed=typed, over=job.state in TERMINAL, editable="payload" in typed.values,
    )  # fmt: skip


def _usual(job: JobView) -> Mapping[str, str]:
    usual = {"priority": str(job.priority), "delay": "", "updated_at": repr(job.updated_at)}
    text = editable(job.payload or b"")
    return usual if text is None else {**usual, "payload": text}


def _payload(job: JobView, typed: Typed) -> bytes | None:
    """What was typed; None: it is what was there, whatever the browser did to its lines."""
    if "payload" not in typed.values:
        return None
    text = typed.block("payload")
    return None if text == editable(job.payload or b"") else text.encode("utf-8", "replace")


def editable(payload: bytes) -> str | None:
    """The payload as a form can hold it; None: it cannot, byte for byte."""
    if len(payload) > LONGEST:
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    if _UNHELD.search(text):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
