"""Waiting for a job to be over: answered when it is, when it is gone, or when the wait is."""

from engine.access import Caller, Peer
from engine.commands import Wait
from engine.job import TERMINAL, Job
from engine.queue_state.alarms import AlarmKind
from engine.queue_state.core import QueueCore
from engine.queue_state.view import view
from engine.queue_state.watchers import Watcher
from engine.replies import Code, OneJob, Refused, Reply, ReplyTo

_UNKNOWN = Refused(Code.UNKNOWN_JOB)


def wait(q: QueueCore, c: Wait, who: Caller, to: ReplyTo, now: float) -> Reply | None:
    """The job, later unless it is over."""
    job = q.ids.get(c.job)
    if job is None:
        return _UNKNOWN
    if job.state in TERMINAL or not c.wait or (who.peer is not None and who.peer.silent):
        return OneJob(view(q, job))
    watcher = q.watchers.join(job.id, to, who.peer)
    q.alarms.set(now + c.wait, AlarmKind.WATCHER, watcher.number)
    return None


def tell(q: QueueCore, job: Job) -> None:
    """A job is over."""
    for watcher in q.watchers.of_job(job.id):
        _leave(q, watcher)
        q.post(watcher.to, OneJob(view(q, job)))


def tell_gone(q: QueueCore, job: Job) -> None:
    """A job was removed before it was over."""
    for watcher in q.watchers.of_job(job.id):
        _leave(q, watcher)
        q.post(watcher.to, _UNKNOWN)


def tell_late(q: QueueCore, number: int) -> None:
    """A wait is over; its alarm was taken already."""
    watcher = q.watchers.leave(number)
    q.post(watcher.to, OneJob(view(q, q.ids[watcher.job])))


def tell_all(q: QueueCore, peer: Peer | None = None) -> None:
    """Every wait is over, or every one of a peer: the server stops, or the peer sends no more."""
    for watcher in q.watchers.all() if peer is None else q.watchers.of(peer):
        _leave(q, watcher)
        q.post(watcher.to, OneJob(view(q, q.ids[watcher.job])))


def forget(q: QueueCore, who: Peer | ReplyTo) -> None:
    """A connection closed or a call was cancelled: nobody takes the answer."""
    for watcher in q.watchers.of(who):
        _leave(q, watcher)


def _leave(q: QueueCore, watcher: Watcher) -> None:
    q.watchers.leave(watcher.number)
    q.alarms.live -= 1
