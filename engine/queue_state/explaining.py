"""Why a job does not run now, and why a queue hands nothing out.

The reasons of a job: `over`, `canceled`, `expired`, `attempts`, `told`, `lapsed`, `quarantined`
when it is over; `reserved` and `cancel-asked` while somebody holds it; `delayed` and `backoff`
while it is scheduled; `paused`, `no-worker`, `behind`, `busy` and `next` while it is ready. Of a
queue: `paused`, `draining`, `empty`, `scheduled`, `no-worker`, `busy` and `open`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from math import inf
from typing import Final

from engine.access import Caller
from engine.commands import Explain, ExplainQueue
from engine.explanations import Explanation, QueueExplanation
from engine.job import TERMINAL, Job, JobState
from engine.queue_state.core import QueueCore
from engine.queue_state.waiting import Waiter
from engine.replies import Code, Refused, Reply, ReplyTo

MOST_LOOKED_AT: Final = 10_000
"""Jobs that one explanation looks at: what a step may take is bounded."""

_ENDS: Final = {
    "attempts": "it failed {failures} times: its attempts are used up",
    "told": "its last holder said not to try again",
    "lapsed": "its holder fell silent, and it is not to be tried again then",
    "quarantined": "it came back without an end too often in a row and was set aside",
}


def explain(q: QueueCore, c: Explain, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One job."""
    job = q.ids.get(c.job)
    if job is None:
        return Refused(Code.UNKNOWN_JOB)
    if job.state in TERMINAL:
        return _over(job)
    if job.state is JobState.RESERVED:
        return _held(job)
    if job.state is JobState.SCHEDULED:
        return _scheduled(job)
    return _waiting(q, job)


def _over(job: Job) -> Explanation:
    word = "" if job.rare is None else job.rare.reason
    if job.state is JobState.FAILED and word in _ENDS:
        return Explanation(job.id, job.state, word, _ENDS[word].format(failures=job.failures))
    name = job.state.name.lower()
    reason = "over" if job.state is JobState.DONE else name
    return Explanation(job.id, job.state, reason, f"it is over: {name}")


def _held(job: Job) -> Explanation:
    hold = job.reservation
    assert hold is not None
    if hold.cancel_at < inf:
        said = f"{hold.principal} was asked to stop it, and has until {_when(hold.cancel_at)}"
        return Explanation(job.id, job.state, "cancel-asked", said, hold.cancel_at, hold.principal)
    until = min(hold.lease_until, hold.back_at, hold.run_until)
    if until == inf:
        said, expected = f"{hold.principal} has just been given it", None
    else:
        said, expected = f"{hold.principal} holds it until {_when(until)} or longer", until
    return Explanation(job.id, job.state, "reserved", said, expected, hold.principal)


def _scheduled(job: Job) -> Explanation:
    reason = "backoff" if job.failures else "delayed"
    said = f"it waits until {_when(job.ready_at)}"
    if job.failures:
        said += f", after {_many(job.failures, 'failure')}"
    return Explanation(job.id, job.state, reason, said, job.ready_at)


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _waiting(q: QueueCore, job: Job) -> Explanation:
    if q.paused:
        said = f"the queue is paused by {q.paused_by or 'nobody known'}"
        return Explanation(job.id, job.state, "paused", said, None, q.paused_by)
    takers = [waiter for waiter in _workers(q) if not waiter.types or job.type in waiter.types]
    if not takers:
        said = f"no worker that is there now takes the type {job.type!r}"
        return Explanation(job.id, job.state, "no-worker", said)
    kinds = () if any(not one.types for one in takers) else {t for w in takers for t in w.types}
    if q.ready.head(kinds) is not job:
        ahead, all_of_them = q.ready.ahead(job, kinds, MOST_LOOKED_AT)
        others = _many(ahead, "other") if all_of_them else "many others"
        said = f"it waits behind {others}"
        return Explanation(
            job.id, job.state, "behind", said, None, "", ahead if all_of_them else None
        )
    if not any(waiter.is_willing() for waiter in takers):
        said = "it is next, and every worker that takes its type has its hands full"
        return Explanation(job.id, job.state, "busy", said, None, "", 0)
    return Explanation(job.id, job.state, "next", "it is handed out next", None, "", 0)


def _workers(q: QueueCore) -> Iterable[Waiter]:
    """Subscriptions, busy ones too, and reserves that wait."""
    yield from q.subscriptions.values()
    yield from (waiter for waiter in q.line.all() if waiter.to is not None)


def explain_queue(q: QueueCore, c: ExplainQueue, who: Caller, to: ReplyTo, now: float) -> Reply:
    """The queue as a whole."""
    scheduled, ready, reserved = q.counts[: JobState.RESERVED + 1]
    kinds = [kind for kind, states in q.types.items() if states[JobState.READY]]
    takers = [one for one in _workers(q) if not one.types or not set(kinds).isdisjoint(one.types)]
    taken = None if any(not one.types for one in takers) else {t for w in takers for t in w.types}
    lonely = () if taken is None else tuple(kind for kind in kinds if kind not in taken)
    expected, by = None, ""
    if q.paused:
        reason, by = "paused", q.paused_by
        said = f"it is paused by {by or 'nobody known'}"
    elif q.draining:
        reason, by = "draining", q.drained_by
        said = f"{by or 'somebody'} lets it drain: it takes nothing new until it is resumed"
    elif not ready and not scheduled:
        reason, said = "empty", "no job waits in it"
    elif not ready:
        expected = _first_due(q)
        reason = "scheduled"
        said = "its jobs wait for their time" + (f": {_when(expected)}" if expected else "")
    elif not takers:
        reason, said = "no-worker", "no worker that is there now takes what is ready"
    elif not any(waiter.is_willing() for waiter in takers):
        reason, said = "busy", "every worker that takes what is ready has its hands full"
    else:
        reason, said = "open", "nothing keeps it from handing out"
    return QueueExplanation(
        q.name, reason, said, expected, by, ready, scheduled, reserved, lonely[:100]
    )


def _first_due(q: QueueCore) -> float | None:
    """When the first scheduled job is due; None in a queue too long to look through."""
    if len(q.jobs) > MOST_LOOKED_AT:
        return None
    times = (job.ready_at for job in q.jobs.values() if job.state is JobState.SCHEDULED)
    return min(times, default=None)


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
