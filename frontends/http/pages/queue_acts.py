"""What can be done to a whole queue."""

from typing import Final

from attrs import frozen
from quart import Blueprint

from engine import commands as c
from engine.job import TERMINAL, JobState
from engine.replies import QueueCounts
from frontends.http.pages.access import Answer, Visitor, page, signed_in
from frontends.http.pages.looking import must

blueprint = Blueprint("queue_acts", __name__)


@frozen
class Question:
    """What is asked before something cannot be undone."""

    word: str
    """What is done."""
    says: str
    """What goes."""


QUESTIONS: Final = {
    "purge": Question(
        "Purge", "The queue stays, with its workers and what it makes on schedule; its jobs go."
    ),
    "delete": Question(
        "Delete", "The queue goes, with its jobs, its access and what it makes on schedule."
    ),
}


@blueprint.post("/queues/<name:queue>/pause")
@signed_in
async def pause(who: Visitor, queue: str) -> Answer:
    """Hand out nothing."""
    return await who.act(c.Pause(queue), f"Queue {queue} is paused: it hands out no jobs.")


@blueprint.post("/queues/<name:queue>/resume")
@signed_in
async def resume(who: Visitor, queue: str) -> Answer:
    """Go on."""
    return await who.act(c.Resume(queue), f"Queue {queue} goes on.")


@blueprint.post("/queues/<name:queue>/drain")
@signed_in
async def drain(who: Visitor, queue: str) -> Answer:
    """Take nothing new."""
    return await who.act(c.Drain(queue), f"Queue {queue} takes no new jobs until it is resumed.")


@blueprint.post("/queues/<name:queue>/retry")
@signed_in
async def retry(who: Visitor, queue: str) -> Answer:
    """Wait no longer after failures."""
    return await who.act(c.RetryNow(queue), f"Jobs of queue {queue} that failed are ready again.")


@blueprint.get("/queues/<name:queue>/<any(purge, delete):act>")
@signed_in
async def ask(who: Visitor, queue: str, act: str) -> Answer:
    """Say how many jobs would go."""
    must(who, "manage")
    counts = await who.ask(c.Counts(queue), QueueCounts)
    open_jobs = sum(counts.states[state] for state in JobState if state not in TERMINAL)
    return await page(
        "queue_sure.html",
        who,
        queue=queue,
        act=act,
        question=QUESTIONS[act],
        open_jobs=open_jobs,
        held=counts.states[JobState.RESERVED],
        all_jobs=sum(counts.states),
    )


@blueprint.post("/queues/<name:queue>/<any(purge, delete):act>")
@signed_in
async def remove(who: Visitor, queue: str, act: str) -> Answer:
    """Do it."""
    places = who.app.places
    if act == "purge":
        return await who.act(c.Purge(queue), f"Queue {queue} is empty.", places.at("queues", queue))
    return await who.act(c.DeleteQueue(queue), f"Queue {queue} is deleted.", places.at("queues"))
