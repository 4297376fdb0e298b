"""What time alone does: everything that is due, in slices."""

from math import inf

from engine.job import Cause, Job, JobState
from engine.queue_state import ending
from engine.queue_state.alarms import AlarmKind
from engine.queue_state.core import MOST_CHANGES, QueueCore
from engine.queue_state.moves import kept_until, move, next_deadline, remove
from engine.queue_state.recurring import fire
from engine.queue_state.watching import tell_late
from engine.replies import Granted


def fire_due(q: QueueCore, now: float) -> None:
    """Do what is due at `now`, up to the bound of a step; `next_wake` says if more is."""
    while q.changed < MOST_CHANGES and (entry := q.alarms.pop_due(now)) is not None:
        _, kind, number = entry
        match kind:
            case AlarmKind.JOB:
                job = q.jobs[number]
                job.alarm = inf
                _look(q, job, now)
                if number in q.jobs:
                    q.set_alarm(job, next_deadline(job))
            case AlarmKind.WAITER:
                waiter = q.line.by_number(number)
                assert waiter is not None
                waiter.deadline = inf
                q.leave_line(waiter)
                if waiter.to is not None:
                    q.post(waiter.to, Granted(()))
            case AlarmKind.WATCHER:
                tell_late(q, number)
            case AlarmKind.RECURRENCE:
                if q.storage.refusing is None:
                    fire(q, q.recurrences[number], now)
                else:
                    found = q.recurrences[number]
                    found.alarm = now + 1.0
                    q.alarms.set(found.alarm, AlarmKind.RECURRENCE, number)


def _look(q: QueueCore, job: Job, now: float) -> None:
    match job.state:
        case JobState.SCHEDULED | JobState.READY:
            rare = job.rare
            if rare is not None and rare.expires_at is not None and rare.expires_at <= now:
                move(q, job, Cause.EXPIRED, JobState.EXPIRED, now)
            elif job.state is JobState.SCHEDULED and job.ready_at <= now:
                move(q, job, Cause.DUE, JobState.READY, now)
        case JobState.RESERVED:
            hold = job.reservation
            assert hold is not None
            if hold.cancel_at <= now:
                ending.cancel(q, job, now, taken=True)
            elif hold.back_at <= now:
                ending.disconnect(q, job, now)
            elif hold.run_until <= now:
                ending.fail(q, job, now, how="too long", cause=Cause.TOO_LONG)
            elif hold.lease_until <= now:
                ending.lapse(q, job, now)
        case _:
            if kept_until(job) <= now:
                remove(q, job, now)
