"""One job: what it carries, what it went through, why it does not run, and what may be done."""

from collections.abc import Iterator
from typing import Final

from quart import Blueprint, Response, request

from engine import commands as c
from engine.explanations import Explanation
from engine.job import TERMINAL, Details, JobState
from engine.replies import JobView, OneJob
from frontends.http.pages.access import Answer, Visitor, page, signed_in
from frontends.http.pages.diagram import BOX, HEIGHT, WIDTH, diagram
from frontends.http.pages.facts import facts
from frontends.http.pages.job_actions import ACTIONS, Action
from frontends.http.pages.payloads import shown
from frontends.http.pages.search import LONGEST, Search, text_of
from frontends.http.pages.timeline import timeline

blueprint = Blueprint("job", __name__)

_NOTHING: Final = Details()


@blueprint.get("/jobs/<name:job>")
@signed_in
async def show(who: Visitor, job: str) -> Answer:
    """The page of a job."""
    found = (await who.ask(c.Get(job), OneJob)).job
    explained = await who.site.engine.execute(who.caller, c.Explain(job))
    details = found.details or _NOTHING
    whole = bool(request.args.get("whole"))
    return await page(
        "job.html", who,
        job=found, details=details, facts=facts(found), moments=timeline(found),
        payload=shown(found.payload, whole=whole), whole=whole,
        result=shown(details.result), checkpoint=shown(details.checkpoint),
        explained=explained if isinstance(explained, Explanation) else None,
        drawn=diagram(found), box=BOX, width=WIDTH, height=HEIGHT,
        actions=list(_allowed(who, found)), may_edit=_may_edit(who, found),
        over=found.state in TERMINAL, rest=request.args.get("rest", "")[:LONGEST],
        ready=text_of(Search(states=(JobState.READY,), queue=found.queue)),
    )  # fmt: skip


@blueprint.get("/jobs/<name:job>/payload")
@signed_in
async def payload(who: Visitor, job: str) -> Answer:
    """Its bytes as they are, to be saved: nothing in them is ever run."""
    found = (await who.ask(c.Get(job), OneJob)).job
    return _file(found.payload or b"", "payload")


@blueprint.get("/jobs/<name:job>/result")
@signed_in
async def result(who: Visitor, job: str) -> Answer:
    """The bytes of its result."""
    details = (await who.ask(c.Get(job), OneJob)).job.details or _NOTHING
    return _file(details.result or b"", "result")


@blueprint.post("/jobs/<name:job>/<any(retry,run,cancel,move,delete):key>")
@signed_in
async def act(who: Visitor, job: str, key: str) -> Answer:
    """One of the actions."""
    action = ACTIONS[key]
    to = (await request.form).get("to", "")
    back = who.app.places.at("jobs") if key == "delete" else ""
    return await who.act(action.make(job, to), f"The job is {action.done}.", back)


def _allowed(who: Visitor, job: JobView) -> Iterator[Action]:
    for action in ACTIONS.values():
        if job.state in action.states and who.may(action.right):
            yield action


def _may_edit(who: Visitor, job: JobView) -> bool:
    if job.state in TERMINAL:
        return who.may("publish")
    return job.state is not JobState.RESERVED and who.may("manage")


def _file(content: bytes, name: str) -> Response:
    response = Response(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
