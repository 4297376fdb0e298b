"""Faults of reservations: who holds, how long, and what is counted."""

from math import inf
from typing import Any

import pytest

from engine.job import Job, Reservation
from engine.queue_state import ending, holding, moves
from engine.queue_state.core import QueueCore
from engine.queue_state.state import QueueState
from engine.queue_state.waiting import Waiter
from tests.model.test_model_scripts import call_given_up_after_its_job_went_on
from tests.planted.planting import Fault, everywhere

Patch = pytest.MonkeyPatch


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


def run_limit_renewed(patch: Patch) -> None:
    renew = holding.renew

    def lively(q: QueueCore, job: Job, hold: Reservation, now: float, lease: float | None) -> None:
        if hold.run_until < inf and job.policy.run_limit is not None:
            hold.run_until = now + job.policy.run_limit
        renew(q, job, hold, now, lease)

    everywhere(patch, renew, lively)


def cancel_forgotten_on_lapse(patch: Patch) -> None:
    lapse = ending.lapse

    def forgets(q: QueueCore, job: Job, now: float) -> None:
        assert job.reservation is not None
        job.reservation.cancel_at = inf
        lapse(q, job, now)

    patch.setattr(ending, "lapse", forgets)


def takes_back_from_another(patch: Patch) -> None:
    gone = QueueState.gone

    def blind(self: QueueState, who: Any, now: float) -> None:
        to, granted = self.calls.get(id(who), (None, []))
        if to is who:
            current = [
                (seq, job.reservation.number) for seq, _ in granted
                if (job := self.jobs.get(seq)) is not None and job.reservation is not None
            ]  # fmt: skip
            self.calls[id(who)] = (to, current)
        gone(self, who, now)

    patch.setattr(QueueState, "gone", blind)


FAULTS = [
    Fault(timer_not_armed_again, "is not missed"),
    Fault(stale_holder_accepted, "expected reservation-lost"),
    Fault(attempt_not_counted, "the same job|the attempt is counted"),
    Fault(clock_before_durable, "credit|the same job|only a ready job|only for who waits"),
    Fault(clock_never_starts, "is not missed|a pause of"),
    Fault(credit_ignored, "more than his credit"),
    Fault(grant_to_the_gone, "a job only for who waits"),
    Fault(disconnect_is_a_failure, "a pause of|the same job"),
    Fault(no_quarantine, "the same job"),
    Fault(run_limit_renewed, "a pause of|the same job|is not missed"),
    Fault(takes_back_from_another, "the same job", call_given_up_after_its_job_went_on),
    Fault(cancel_forgotten_on_lapse, "the same job"),
]
