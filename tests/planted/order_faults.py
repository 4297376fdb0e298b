"""Faults of order, of time and of counters."""

from typing import Any

import pytest

from engine.job import MOVES, TERMINAL, Cause, Job, JobState
from engine.queue_state import (
    due,
    ending,
    holding,
    managing,
    matching,
    moves,
    publishing,
    recurring,
)
from engine.queue_state.core import QueueCore
from engine.queue_state.handlers import HANDLERS
from engine.queue_state.ready import ReadyIndex
from engine.queue_state.state import QueueState
from engine.queue_state.waiting import Waiter
from engine.replies import OK
from tests.planted.planting import Fault, everywhere

Patch = pytest.MonkeyPatch


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


def wall_moves_leases(patch: Patch) -> None:
    durable = QueueState.durable

    def shifted(self: QueueState, number: int, now: float) -> None:
        durable(self, number, now + max(0.0, self.wall_shift))

    patch.setattr(QueueState, "durable", shifted)


def overlap_ignored(patch: Patch) -> None:
    patch.setattr(recurring, "_overlaps", lambda found: False)


FAULTS = [
    Fault(expiry_missed, "the same job"),
    Fault(expiry_early, "the same job"),
    Fault(neighbour_expired, "the same job"),
    Fault(neighbour_forgotten, "the same jobs"),
    Fault(no_seq_in_order, "the minimum of"),
    Fault(counter_drift_on_purge, "counters equal a recount"),
    Fault(counter_drift_by_type, "counters by type equal a recount"),
    Fault(lost_wake_up, "a ready job with a willing worker moves"),
    Fault(wake_up_lost_on_resume, "a ready job with a willing worker moves"),
    Fault(delay_cut_short, "a pause of"),
    Fault(pause_ignored, "a paused queue hands nothing out|whoever waits longest is served first"),
    Fault(retry_to_the_tail, "the same job"),
    Fault(terminal_moves, "expected ok, not wrong-state|expected wrong-state"),
    Fault(wall_moves_leases, "is not missed|a pause of"),
    Fault(overlap_ignored, "the same jobs"),
]
