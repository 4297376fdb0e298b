"""Failures grouped by what they have in common; one is tried again, and then the rest."""

from typing import Final
from weakref import WeakKeyDictionary

from attrs import Factory, define, evolve
from quart import Blueprint, redirect, request

from engine import commands as c
from engine.job import JobState
from engine.replies import Ok, Refused
from frontends.http.pages.access import SEE_OTHER, Answer, Visitor, page, signed_in
from frontends.http.pages.browsing import BEGINNING, Browser, Cursor, number
from frontends.http.pages.grouping import Failure, Groups
from frontends.http.pages.jobs import misfit
from frontends.http.pages.looking import must
from frontends.http.pages.search import LONGEST, Search, parse, text_of
from frontends.http.pages.sessions import Session

blueprint = Blueprint("failures", __name__)

STATES: Final = (JobState.SCHEDULED, JobState.FAILED)
"""Where a job is that failed: it waits for its next attempt, or there is none left."""
LOOKED: Final = 5_000
"""Jobs of one look, and those that are looked at without being asked to go on."""
SHOWN: Final = 100
"""Groups on the page."""


@define(eq=False)
class Look:
    """What somebody has looked through so far; it goes on when they ask for it."""

    group: str
    text: str
    step: int = 0
    cursor: Cursor | None = BEGINNING
    groups: Groups = Factory(Groups)
    looked: int = 0


_LOOKS: Final[WeakKeyDictionary[Session, Look]] = WeakKeyDictionary()
"""One for a session, and gone with it."""
MOST_LOOKS: Final = 64
"""Past it, the one begun first is begun anew when it is asked for."""


@blueprint.get("/failures")
@signed_in
async def failures(who: Visitor) -> Answer:
    """What was found so far; `step` in the address asks for the next part."""
    must(who, "read")
    text = request.args.get("q", "").strip()[: LONGEST + 1]
    search, mistakes = parse(text)
    step = number(request.args.get("step", ""))
    look = _LOOKS.get(who.session)
    if look is None or not step or (look.group, look.text) != (who.group, text):
        look = _begin(who, text)
    if not mistakes and step >= look.step and look.cursor is not None:
        refusal = await _go_on(who, look, search)
        if refusal is not None:
            mistakes = (misfit(search, refusal),)
    ranked = look.groups.ranked()
    return await page(
        "failures.html", who,
        text=text, mistakes=mistakes, look=look,
        groups=[(group, rest_of(group.failure)) for group in ranked[:SHOWN]],
        hidden=max(0, len(ranked) - SHOWN),
        goes_on=look.cursor is not None and (not ranked or look.looked < LOOKED),
    )  # fmt: skip


@blueprint.post("/failures/try")
@signed_in
async def try_one(who: Visitor) -> Answer:
    """Bring one job back, and show how it goes; the rest may follow."""
    form = await request.form
    job, rest = form.get("job", "")[:64], form.get("rest", "")[:LONGEST]
    if not job:
        return await who.back()
    reply = await who.site.engine.execute(who.caller, c.Reset(job))
    if isinstance(reply, Refused):
        who.session.say(f"Not done: {reply.sentence}.", bad=True)
        return await who.back()
    assert isinstance(reply, Ok)
    who.session.say("This one is tried again. See how it ends, then retry the rest.")
    return redirect(who.app.places.at("jobs", job, rest=rest), SEE_OTHER)


def rest_of(failure: Failure) -> str:
    """The search that finds the jobs of a group that are over."""
    return text_of(
        Search((JobState.FAILED,), failure.queue, failure.type, error=failure.common or None)
    )


def _begin(who: Visitor, text: str) -> Look:
    _LOOKS.pop(who.session, None)
    while len(_LOOKS) >= MOST_LOOKS:
        del _LOOKS[next(iter(_LOOKS))]
    look = _LOOKS[who.session] = Look(who.group, text)
    return look


async def _go_on(who: Visitor, look: Look, search: Search) -> Refused | None:
    wanted = evolve(search, states=search.states or STATES)
    assert look.cursor is not None
    found = await Browser(who.site, who.caller, wanted, LOOKED).page(look.cursor)
    if isinstance(found, Refused):
        return found
    for job in found.jobs:
        if job.state is JobState.FAILED or job.failures:
            look.groups.add(job, over=job.state is JobState.FAILED)
    look.cursor, look.looked = found.next, found.looked
    look.step += 1
    return None
