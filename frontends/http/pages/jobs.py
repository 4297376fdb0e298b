"""The list of jobs, with its search box, and what is done to many of them at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen
from quart import Blueprint, redirect, request

from engine import commands as c
from engine.commands.fields import is_name
from engine.job import STATES
from engine.replies import JobView, OneJob, Refused
from frontends.http.pages.access import (
    SEE_OTHER,
    Answer,
    RefusedPage,
    Visitor,
    page,
    signed_in,
)
from frontends.http.pages.browsing import WIDTH, Browser, Cursor, Page, cursor_from, number
from frontends.http.pages.fitting import fits
from frontends.http.pages.job_actions import ACTIONS, Action
from frontends.http.pages.looking import must
from frontends.http.pages.payloads import preview
from frontends.http.pages.search import LONGEST, Mistake, Search, parse, text_of
from frontends.http.pages.sweeping import Tally, change, count, count_by_looking, sweep
from frontends.http.pages.words import number as in_digits
from frontends.http.pages.words import plural

blueprint = Blueprint("jobs", __name__)

ROWS: Final = 50
MOST_CHOSEN: Final = 200
"""Jobs that are named one by one in a form."""
WHOLE_ID: Final = 36
MOST_REASONS: Final = 5
NOTHING: Final = Page((), None, 0)


@frozen
class Row:
    """A job in the list."""

    job: JobView
    short: str
    """Its id, cut where the ids of one minute are the same."""
    preview: str
    error: str


@frozen
class Choice:
    """Which jobs an action is for, and which action."""

    action: Action
    text: str
    search: Search
    every: bool
    """All that the search finds; else those that are named."""
    chosen: tuple[str, ...]
    to: str


@blueprint.get("/jobs")
@signed_in
async def jobs(who: Visitor) -> Answer:
    """A page of the list; with an action in the address, what it would do."""
    must(who, "read")
    text, search, mistakes = _asked(request.args)
    if "act" in request.args:
        return await _ask_first(who, request.args)
    cursor, at = cursor_from(request.args.get), who.app.places.at
    total = None if mistakes else await count(who.site, who.caller, search)
    none = bool(mistakes) or (total == 0 and search.queue is None)
    found: Page | Refused = NOTHING if none else await find(who, search, cursor)
    if isinstance(found, Refused):
        mistakes, found = (misfit(search, found),), NOTHING
    goes_on = found.next is not None and not found.jobs and "stop" not in request.args
    return await page(
        "jobs.html", who,
        text=text, mistakes=mistakes, rows=[_row(job) for job in found.jobs],
        next=None if found.next is None else _next(who, text, found.next),
        first=at("jobs", q=text) if cursor != Cursor() else "",
        looked=found.looked if found.next is not None and len(found.jobs) < ROWS else None,
        goes_on=goes_on, stop=at("jobs", q=text, stop=1, **cursor.query),
        rounds=search.queue is None and len(who.site.engine.queue_names(who.group)) > WIDTH,
        total=total, actions=_allowed(who), search=search,
        narrowed=lambda state: text_of(evolve(search, states=(state,))),
    )  # fmt: skip


@blueprint.post("/jobs")
@signed_in
async def act(who: Visitor) -> Answer:
    """Do it to as many as one request may, then say how it goes."""
    form = await request.form
    choice = _choice(who, form)
    if isinstance(choice, str):
        who.session.say(f"Not done: {choice}.", bad=True)
        return redirect(who.app.places.at("jobs", q=form.get("q", "")[:LONGEST]), SEE_OTHER)

    def single(job: str) -> object:
        return choice.action.make(job, choice.to)

    def fitting(job: JobView) -> bool:
        return job.state in choice.action.states and job.queue != choice.to

    tally, cursor = Tally(number(form.get("done", ""))), None
    for place in range(MOST_REASONS):
        reason, times = form.get(f"why{place}", "")[:LONGEST], number(form.get(f"many{place}", ""))
        if reason and times:
            tally.refused[reason] += times
    if choice.every:
        outcome = await sweep(
            who.site, who.caller, choice.search, cursor_from(form.get), single, fitting
        )
        if isinstance(outcome, Refused):
            raise RefusedPage(outcome)
        did, cursor = outcome
    else:
        did = await change(who.site, who.caller, choice.chosen, single)
    tally.done += did.done
    tally.refused += did.refused
    if cursor is not None:
        return await page(
            "jobs_going.html", who,
            choice=choice, tally=tally, reasons=_reasons(tally), cursor=cursor,
        )  # fmt: skip
    _say(who, choice.action, tally)
    return redirect(who.app.places.at("jobs", q=choice.text), SEE_OTHER)


async def _ask_first(who: Visitor, said: Mapping[str, str]) -> Answer:
    choice = _choice(who, said)
    if isinstance(choice, str):
        who.session.say(f"Not done: {choice}.", bad=True)
        return redirect(who.app.places.at("jobs", q=said.get("q", "")[:LONGEST]), SEE_OTHER)
    found, looked, complete, able = len(choice.chosen), 0, True, None
    if choice.every:
        counted = await count(who.site, who.caller, choice.search)
        if counted is None:
            found, looked, complete = await count_by_looking(who.site, who.caller, choice.search)
        else:
            found, able = counted, await _count_able(who, choice)
    return await page(
        "jobs_asked.html",
        who,
        choice=choice,
        found=found,
        looked=looked,
        complete=complete,
        able=able,
    )


async def _count_able(who: Visitor, choice: Choice) -> int | None:
    """How many of them are in a state that allows it."""
    wanted = choice.search.states or STATES
    states = tuple(state for state in wanted if state in choice.action.states)
    if not states:
        return 0
    return await count(who.site, who.caller, evolve(choice.search, states=states))


async def find(who: Visitor, search: Search, cursor: Cursor) -> Page | Refused:
    """A page of the list; a whole id is looked up."""
    if search.id is not None and len(search.id) == WHOLE_ID and Search(id=search.id) == search:
        reply = await who.site.engine.execute(who.caller, c.Get(search.id))
        shown = (reply.job,) if isinstance(reply, OneJob) and fits(search, reply.job) else ()
        return Page(shown, None, len(shown))
    return await Browser(who.site, who.caller, search, ROWS).page(cursor)


def misfit(search: Search, refusal: Refused) -> Mistake:
    """What the engine says of a queue that was typed, beside the box."""
    term = "" if search.queue is None else text_of(Search(queue=search.queue))
    return Mistake(term, refusal.sentence)


def _asked(said: Mapping[str, str]) -> tuple[str, Search, tuple[Mistake, ...]]:
    text = said.get("q", "").strip()[: LONGEST + 1]
    return (text, *parse(text))


def _choice(who: Visitor, said: Any) -> Choice | str:
    """What a form or an address asks for, or why it cannot be done."""
    action = ACTIONS.get(said.get("act", ""))
    if action is None:
        return "there is no such action"
    must(who, action.right)
    _, search, mistakes = _asked(said)
    every = bool(said.get("every"))
    chosen = tuple(dict.fromkeys(said.getlist("job")))
    if mistakes:
        return f"the search says nothing: {mistakes[0].words}"
    if not every and not chosen:
        return "no job was chosen"
    if len(chosen) > MOST_CHOSEN or not all(0 < len(job) <= 64 for job in chosen):
        return f"at most {MOST_CHOSEN} jobs are chosen one by one"
    to = said.get("to", "")
    if to and not is_name(to):
        return "a queue's name has 1 to 200 characters and no control characters"
    if action.key == "move" and not to and request.method == "POST":
        return "the queue to move to was not named"
    return Choice(action, text_of(search), search, every, () if every else chosen, to)


def _allowed(who: Visitor) -> Sequence[Action]:
    return [action for action in ACTIONS.values() if who.may(action.right)]


def _next(who: Visitor, text: str, cursor: Cursor) -> str:
    return who.app.places.at("jobs", q=text, **cursor.query)


def _row(job: JobView) -> Row:
    details = job.details
    said = "" if details is None else f"{details.error_type} {details.error}"
    short = job.id if len(job.id) < WHOLE_ID else f"{job.id[:8]}…{job.id[-6:]}"
    return Row(job, short, preview(job.payload), preview(said.encode("utf-8", "replace")))


def _reasons(tally: Tally) -> list[tuple[str, int]]:
    """Why jobs were refused, the most frequent first; past the bound they are one."""
    ranked = tally.refused.most_common()
    rest = sum(times for _, times in ranked[MOST_REASONS - 1 :])
    if len(ranked) < MOST_REASONS:
        return ranked
    return [*ranked[: MOST_REASONS - 1], ("other reasons", rest)]


def _say(who: Visitor, action: Action, tally: Tally) -> None:
    verb = "is" if tally.done == 1 else "are"
    said = f"{plural(tally.done, 'job')} {verb} {action.done}."
    for reason, times in _reasons(tally):
        said += f" {in_digits(times)} not: {reason}."
    who.session.say(said, bad=not tally.done and bool(tally.refused))
