"""Publishing a job by hand."""

from collections.abc import Mapping
from typing import Final

from quart import Blueprint, redirect, request

from engine import commands as c
from engine.commands.fields import Name, TypeName
from engine.replies import Code, OneJob, Published, Refused
from frontends.dialects.native_json_binding import parsed
from frontends.dialects.native_options import OPTIONS, options_of
from frontends.dialects.native_values import Unfit, reader
from frontends.engine_settings import default_policy
from frontends.http.pages.access import SEE_OTHER, Answer, Visitor, page, signed_in
from frontends.http.pages.looking import asked, lines, must
from frontends.http.pages.typed import Typed

SUGGESTED: Final = 200
"""Names of queues."""
BAD: Final = 400
JSON: Final = "application/json"
SAID: Final = (
    "priority", "delay", "time_to_live", "unique_key", "unique_scope", "max_attempts", "lease",
    "run_limit", "content_type",
)  # fmt: skip
"""Options that have a field."""
USUAL: Final[Mapping[str, str]] = {
    "queue": "", "type": "", "payload": "", "kind": "json", **dict.fromkeys(SAID, ""),
    "unique_scope": "unfinished",
}  # fmt: skip
_FIELD_OF: Final = {
    Code.INVALID_NAME: "queue",
    Code.PAYLOAD_TOO_LARGE: "payload",
    Code.DRAINING: "queue",
    Code.TOO_MANY_QUEUES: "queue",
}
_NAME: Final = reader(Name)
_TYPE: Final = reader(TypeName)

blueprint = Blueprint("publishing", __name__)


@blueprint.get("/publish")
@signed_in
async def form(who: Visitor) -> Answer:
    """The form, for the queue and type that the address names."""
    must(who, "publish")
    typed = Typed({}, {**USUAL, "queue": asked("queue"), "type": asked("type")})
    return await _page(who, typed, done=await _published(who, asked("published", 64)))


@blueprint.post("/publish")
@signed_in
async def publish(who: Visitor) -> Answer:
    """Publish what was typed."""
    must(who, "publish")
    typed = Typed((await request.form).to_dict(), USUAL)
    command = command_of(typed, who)
    if command is None:
        return await _page(who, typed, BAD)
    reply = await who.site.engine.execute(who.caller, command)
    if isinstance(reply, Refused):
        typed.wrong(_FIELD_OF.get(reply.code, ""), reply.sentence)
        return await _page(who, typed, BAD)
    assert isinstance(reply, Published), reply
    again = {"queue": command.queue, "type": command.type}
    if reply.existing:
        who.session.say("Nothing was published: a job with this unique key is there already.")
    return redirect(who.app.places.at("publish", published=reply.job, **again), SEE_OTHER)


def command_of(typed: Typed, who: Visitor) -> c.Publish | None:
    """The command that was typed; None: `typed` has the mistakes."""
    queue = typed.read("queue", _NAME, needed=True)
    kind = typed.read("type", _TYPE) or ""
    given = {name: typed.read(name, OPTIONS[name]) for name in SAID}
    payload = typed.block("payload").encode("utf-8", "replace")
    if typed.values["kind"] == "json" and payload:
        given["content_type"] = given["content_type"] or JSON
        _check(typed, payload)
    if not given["unique_key"]:
        given.pop("unique_scope")
    if not typed.good:
        return None
    said = {name: value for name, value in given.items() if value is not None}
    options = options_of(said, default_policy(who.site.settings))
    return c.Publish(queue, kind, payload, options)


def _check(typed: Typed, payload: bytes) -> None:
    try:
        parsed(payload)
    except Unfit as error:
        why = str(error).removeprefix("JSON: ").removeprefix("JSON is malformed: ")
        typed.wrong("payload", f"is not JSON: {why}; mend it, or send it as text")


async def _published(who: Visitor, job: str) -> str:
    """The id of a job that was just published, if there is such a job here."""
    if not job or not who.may("read"):
        return ""
    reply = await who.site.engine.execute(who.caller, c.Get(job))
    return reply.job.id if isinstance(reply, OneJob) else ""


async def _page(who: Visitor, typed: Typed, status: int = 200, done: str = "") -> Answer:
    queues = await lines(who) if who.may("read") else []
    names = sorted(line.name for line in queues)[:SUGGESTED]
    return await page("publish.html", who, status, typed=typed, names=names, done=done)
