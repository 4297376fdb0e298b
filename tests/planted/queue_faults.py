"""Faults of the pure queue: of its order, its clocks, its counters and its rows."""

from math import inf
from typing import Any

import pytest

from engine.job import MOVES, TERMINAL, Cause, Job, JobState, Reservation
from engine.queue_state import due, ending, holding, managing, matching, moves, publishing, rows
from engine.queue_state.core import QueueCore
from engine.queue_state.handlers import HANDLERS
from engine.queue_state.ready import ReadyIndex
from engine.queue_state.state import QueueState
from engine.queue_state.waiting import Waiter
from engine.replies import OK
from engine.source import Source
from engine.store.tables import Table
from tests.planted.planting import Fault, everywhere

Patch = pytest.MonkeyPatch


def reused_number(patch: Patch) -> None:
    def start(self: Source, boot: int) -> None:
        self.seq = max(self.seq, boot << 36)
        self.reservation = 0

    patch.setattr(Source, "start", start)


def expiry_missed(patch: Patch) -> None:
    look = due._look

    def late(q: QueueCore, job: Job, now: float) -> None:
        look(q, job, now - 0.25 if job.state is JobState.READY else now)

    def deadline(job: Job) -> float:
        return moves.next_deadline(job) + 0.25 * (job.state is JobState.READY)

    patch.setattr(due, "next_deadline", deadline)
    patch.setattr(due, "_look", late)
    patch.setattr(matching, "_expired", lambda *_: False)


def expiry_early(patch: Patch) -> None:
    was = publishing.new_job

    def new_job(*args: Any) -> Job:
        job = was(*args)
        if job.rare is not None and job.rare.expires_at is not None:
            args[0].set_alarm(job, job.rare.expires_at - 0.25)
            job.rare.expires_at -= 0.25
        return job

    everywhere(patch, was, new_job)


def neighbour_expired(patch: Patch) -> None:
    look = due._look

    def wide(q: QueueCore, job: Job, now: float) -> None:
        look(q, job, now)
        head = q.ready.head()
        if job.state is JobState.EXPIRED and head is not None:
            moves.move(q, head, Cause.EXPIRED, JobState.EXPIRED, now)

    patch.setattr(due, "_look", wide)


def neighbour_forgotten(patch: Patch) -> None:
    remove = moves.remove

    def wide(q: QueueCore, job: Job, now: float) -> None:
        remove(q, job, now)
        for other in list(q.jobs.values()):
            if other.state is job.state:
                remove(q, other, now)
                return

    patch.setattr(due, "remove", wide)


def no_seq_in_order(patch: Patch) -> None:
    def head(self: ReadyIndex, types: tuple[str, ...] = ()) -> Job | None:
        fit = [
            job for job in self._jobs.values()
            if job.state is JobState.READY and (not types or job.type in types)
        ]  # fmt: skip
        return min(fit, key=lambda job: (job.priority, -job.seq), default=None)

    patch.setattr(ReadyIndex, "head", head)


def counter_drift_on_purge(patch: Patch) -> None:
    remove = moves.remove

    def drift(q: QueueCore, job: Job, now: float) -> None:
        if job.state is JobState.SCHEDULED:
            q.counts[job.state] += 1
        remove(q, job, now)

    patch.setattr(managing, "remove", drift)


def counter_drift_by_type(patch: Patch) -> None:
    move = moves.move

    def drift(q: QueueCore, job: Job, cause: Cause, to: JobState, now: float) -> None:
        move(q, job, cause, to, now)
        if cause is Cause.LAPSED:
            q.types[job.type][to] -= 1
            q.types[job.type][JobState.RESERVED] += 1

    everywhere(patch, move, drift)


def lost_wake_up(patch: Patch) -> None:
    move = moves.move

    def quiet(q: QueueCore, job: Job, cause: Cause, to: JobState, now: float) -> None:
        move(q, job, cause, to, now)
        if cause is Cause.DUE:
            q.events.clear()

    everywhere(patch, move, quiet)


def wake_up_lost_on_resume(patch: Patch) -> None:
    def resume(q: QueueCore, *_: Any) -> Any:
        q.paused = False
        q.keep_queue()
        return OK

    command = next(kind for kind in HANDLERS if kind.__name__ == "Resume")
    patch.setitem(HANDLERS, command, resume)


def timer_not_armed_again(patch: Patch) -> None:
    def forgets(q: QueueCore, job: Job, hold: Reservation, now: float, lease: float | None) -> None:
        hold.lease = hold.lease if lease is None else lease
        if hold.durable:
            hold.lease_until = now + hold.lease
        q.alarms.live -= job.alarm != inf
        job.alarm = inf

    everywhere(patch, holding.renew, forgets)


def stale_holder_accepted(patch: Patch) -> None:
    held_by = holding.held_by

    def trusting(q: QueueCore, c: Any, who: Any) -> Any:
        job = q.ids.get(c.job)
        if job is not None and job.reservation is not None and c.reservation:
            return job, job.reservation
        return held_by(q, c, who)

    everywhere(patch, held_by, trusting)


def attempt_not_counted(patch: Patch) -> None:
    hold = moves.hold

    def free(q: QueueCore, job: Job, grant: Reservation, now: float) -> None:
        hold(q, job, grant, now)
        job.attempts -= job.attempts > 1

    everywhere(patch, hold, free)


def retry_to_the_tail(patch: Patch) -> None:
    fail = ending.fail

    def renumber(q: QueueCore, job: Job, now: float, **rest: Any) -> None:
        holding.to_tail(q, job)
        fail(q, job, now, **rest)

    patch.setattr(ending, "fail", renumber)


def terminal_moves(patch: Patch) -> None:
    patch.setattr(
        moves, "MOVES",
        MOVES | {(state, Cause.CANCELED, JobState.CANCELED) for state in TERMINAL},
    )  # fmt: skip
    patch.setattr(managing, "TERMINAL", frozenset())


def clock_before_durable(patch: Patch) -> None:
    hold = moves.hold

    def hasty(q: QueueCore, job: Job, grant: Reservation, now: float) -> None:
        grant.durable = True
        grant.lease_until = now + grant.lease
        hold(q, job, grant, now)

    everywhere(patch, hold, hasty)


def clock_never_starts(patch: Patch) -> None:
    def deaf(self: QueueState, number: int, now: float) -> None:
        self.granted.clear()

    patch.setattr(QueueState, "durable", deaf)


def row_forgotten(patch: Patch) -> None:
    take_jobs = QueueCore._take_jobs

    def forgets(self: QueueCore, changes: Any) -> None:
        take_jobs(self, changes)
        for seq, job in self.touched.items():
            if job.state is JobState.SCHEDULED and job.attempts:
                del changes[Table.HEADS][seq]

    patch.setattr(QueueCore, "_take_jobs", forgets)


def delay_cut_short(patch: Patch) -> None:
    to_ready = moves.to_ready

    def early(q: QueueCore, job: Job, cause: Cause, now: float, delay: float = 0.0) -> None:
        to_ready(q, job, cause, now, delay * 0.7)

    everywhere(patch, to_ready, early)


def pause_ignored(patch: Patch) -> None:
    take_now = matching.take_now

    def greedy(q: QueueCore, waiter: Waiter, now: float) -> tuple[Job, ...]:
        paused, q.paused = q.paused, False
        try:
            return take_now(q, waiter, now)
        finally:
            q.paused = paused

    everywhere(patch, take_now, greedy)


def credit_ignored(patch: Patch) -> None:
    patch.setattr(Waiter, "is_willing", lambda self: True)


def grant_to_the_gone(patch: Patch) -> None:
    gone = QueueState.gone

    def keeps_line(self: QueueState, who: Any, now: float) -> None:
        waiting = [w for w in self.line.all() if w.to is not None and w.who.peer is who]
        gone(self, who, now)
        for waiter in waiting:
            self.line.join(waiter)

    patch.setattr(QueueState, "gone", keeps_line)


def disconnect_is_a_failure(patch: Patch) -> None:
    patch.setattr(ending, "disconnect", ending.fail)


def no_quarantine(patch: Patch) -> None:
    disconnect = ending.disconnect

    def forgiving(q: QueueCore, job: Job, now: float) -> None:
        q.rare(job).streak = 0
        disconnect(q, job, now)

    patch.setattr(ending, "disconnect", forgiving)


def key_lost_on_disk(patch: Patch) -> None:
    job_from = rows.job_from

    def forgets(row: Any) -> Job:
        job = job_from(row)
        if job.rare is not None:
            job.rare.unique_key = ""
        return job

    everywhere(patch, job_from, forgets)


def tick_not_kept(patch: Patch) -> None:
    def forgets(self: QueueCore, found: Any) -> None:
        last, found.last_tick = found.last_tick, None
        keep(self, found)
        found.last_tick = last

    keep = QueueCore.keep_recurrence
    patch.setattr(QueueCore, "keep_recurrence", forgets)


def refusal_that_changes(patch: Patch) -> None:
    held_by = holding.held_by

    def touching(q: QueueCore, c: Any, who: Any) -> Any:
        found = held_by(q, c, who)
        job = q.ids.get(c.job)
        if found is holding.LOST and job is not None:
            q.touched[job.seq] = job
        return found

    everywhere(patch, held_by, touching)


def run_limit_renewed(patch: Patch) -> None:
    renew = holding.renew

    def lively(q: QueueCore, job: Job, hold: Reservation, now: float, lease: float | None) -> None:
        if hold.run_until < inf and job.policy.run_limit is not None:
            hold.run_until = now + job.policy.run_limit
        renew(q, job, hold, now, lease)

    everywhere(patch, renew, lively)


def lease_lost_at_restart(patch: Patch) -> None:
    load_jobs = QueueState.load_jobs

    def endless(self: QueueState, loaded: Any, now: float, grace: float = 0.0) -> None:
        load_jobs(self, loaded, now, 1e9)

    patch.setattr(QueueState, "load_jobs", endless)


FAULTS = [
    Fault(reused_number, "a reservation number is used once"),
    Fault(expiry_missed, "the same job"),
    Fault(expiry_early, "the same job"),
    Fault(neighbour_expired, "the same job"),
    Fault(neighbour_forgotten, "the same jobs"),
    Fault(no_seq_in_order, "the minimum of"),
    Fault(counter_drift_on_purge, "counters equal a recount"),
    Fault(counter_drift_by_type, "counters by type equal a recount"),
    Fault(lost_wake_up, "a ready job with a willing worker moves"),
    Fault(wake_up_lost_on_resume, "a ready job with a willing worker moves"),
    Fault(timer_not_armed_again, "is not missed"),
    Fault(stale_holder_accepted, "expected reservation-lost"),
    Fault(attempt_not_counted, "the same job|the attempt is counted"),
    Fault(retry_to_the_tail, "the same job"),
    Fault(terminal_moves, "expected ok, not wrong-state|expected wrong-state"),
    Fault(clock_before_durable, "credit|the same job|only a ready job|only for who waits"),
    Fault(clock_never_starts, "is not missed|a pause of"),
    Fault(row_forgotten, "the same job after a restart|the same job"),
    Fault(delay_cut_short, "a pause of"),
    Fault(pause_ignored, "a paused queue hands nothing out"),
    Fault(credit_ignored, "more than his credit"),
    Fault(grant_to_the_gone, "a job only for who waits"),
    Fault(disconnect_is_a_failure, "a pause of|the same job"),
    Fault(no_quarantine, "the same job"),
    Fault(key_lost_on_disk, "after a restart|existing"),
    Fault(tick_not_kept, "the same jobs|fires twice|is not missed"),
    Fault(refusal_that_changes, "an error answer changed nothing"),
    Fault(run_limit_renewed, "a pause of|the same job|is not missed"),
    Fault(lease_lost_at_restart, "is not missed"),
]
