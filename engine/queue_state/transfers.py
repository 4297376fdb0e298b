"""A job goes over to another queue of its group.

The queue that has the job decides: its step writes the job's row under the other queue's number and
forgets the job, and in that same breath the desk posts the job to the other queue. So no row of a
later decision can be committed before the move, and every moment leaves one owner:

Whoever listens to events hears that it leaves one queue and comes into the other.

- killed before the move is durable, the job is where it was, and nobody was told otherwise;
- killed after, loading finds the row under the other queue, which has no row of its own to write;
- should the other queue crash, its reload waits for what was handed over: it reads the job, and the
  post that still waits is dropped; or it does not, and the post is taken;
- should the other queue be deleted first, it is made anew for the job and the row is written again;
  killed in between, the row names no queue, and loading drops the job, as the deletion said.
"""

from engine.access import Caller
from engine.commands import Move
from engine.job import TERMINAL, JobState
from engine.queue_state import rows
from engine.queue_state.adopting import order_done
from engine.queue_state.core import QueueCore
from engine.queue_state.holding import UNKNOWN
from engine.queue_state.managing import WRONG_STATE
from engine.queue_state.moves import add, forget
from engine.queue_state.step import Parting
from engine.queue_state.watching import tell
from engine.replies import OK, Code, Refused, Reply, ReplyTo
from engine.store.tables import Table

_UNKNOWN_QUEUE = Refused(Code.UNKNOWN_QUEUE)


def part(q: QueueCore, c: Move, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Give a job away. Whoever waits for its end is shown it as it is, and may ask again."""
    job = q.ids.get(c.job)
    if job is None:
        return UNKNOWN
    if c.queue == q.name:
        return OK
    if job.state is JobState.RESERVED:
        return WRONG_STATE
    number = q.neighbours.number(c.queue)
    if not number:
        return _UNKNOWN_QUEUE
    tell(q, job)
    seq, rare = job.seq, job.rare
    q.other.setdefault(Table.HEADS, {})[seq] = rows.head_row(job, number)
    if seq in q.bodies:
        assert job.payload is not None
        q.other.setdefault(Table.BODIES, {})[seq] = rows.body_row(job, job.payload)
    if seq in q.details and rare is not None and rare.details is not None:
        q.other.setdefault(Table.DETAILS, {})[seq] = rows.details_row(seq, rare.details)
        if job.state in TERMINAL:
            rare.details = None
    if q.storage.heard:
        q.news.removed(job, now)
    forget(q, job)
    q.partings.append(Parting(job, c.queue, number))
    return OK


def arrive(q: QueueCore, parting: Parting, now: float) -> None:
    """Take the job over: its row is there already, unless this queue has another number by now."""
    job = parting.job
    q.make(now)
    add(q, job)
    if q.number != parting.number:
        q.touched[job.seq] = job
    if q.storage.used > q.storage.limit or job.state in TERMINAL:
        q.drop_payload(job)
    q.born.append(job.id)
    if q.storage.heard:
        q.news.published(job, now)
    q.cleared["jobs"] = False
    order_done(q, (job,), now)
