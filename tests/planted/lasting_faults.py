"""Faults of what is kept: rows, restarts, requests, refusals."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import pytest

from engine.job import Job, JobState
from engine.queue_access import NO_ACCESS
from engine.queue_state import (
    adopting,
    holding,
    keeping,
    rows,
)
from engine.queue_state.core import QueueCore
from engine.queue_state.moves import remove
from engine.queue_state.queue_rows import QueueMore
from engine.queue_state.requests import Requests
from engine.queue_state.state import QueueState
from engine.source import Source
from engine.store.tables import Table
from tests.model.test_model_scripts import older_ones_come_in_done
from tests.planted.planting import Fault, everywhere

Patch = pytest.MonkeyPatch


def reused_number(patch: Patch) -> None:
    def start(self: Source, boot: int) -> None:
        self.seq = max(self.seq, boot << 36)
        self.reservation = 0

    patch.setattr(Source, "start", start)


def row_forgotten(patch: Patch) -> None:
    keep_jobs = keeping.keep_jobs

    def forgets(q: QueueCore, changes: Any) -> None:
        keep_jobs(q, changes)
        for seq, job in q.touched.items():
            if job.state is JobState.SCHEDULED and job.attempts:
                del changes[Table.HEADS][seq]

    everywhere(patch, keep_jobs, forgets)


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


def lease_lost_at_restart(patch: Patch) -> None:
    load_jobs = QueueState.load_jobs

    def endless(self: QueueState, loaded: Any, now: float, grace: float = 0.0) -> None:
        load_jobs(self, loaded, now, 1e9)

    patch.setattr(QueueState, "load_jobs", endless)


def request_done_twice(patch: Patch) -> None:
    patch.setattr(Requests, "find", lambda *_: None)


def adopted_unwritten(patch: Patch) -> None:
    add = adopting._add

    def forgets(q: QueueCore, job: Job, now: float) -> None:
        add(q, job, now)
        if job.state is JobState.SCHEDULED:
            q.touched.pop(job.seq)

    patch.setattr(adopting, "_add", forgets)


def adopted_done_is_newest(patch: Patch) -> None:
    def at_the_end(q: QueueCore, new: Sequence[Job], now: float) -> None:
        q.done_order.update((job.seq, None) for job in new if job.state is JobState.DONE)
        while len(q.done_order) > q.limits.keep_done_count:
            remove(q, q.jobs[next(iter(q.done_order))], now)

    patch.setattr(adopting, "order_done", at_the_end)


def access_lost(patch: Patch) -> None:
    patch.setattr(QueueMore, "access", NO_ACCESS)


def newest_done_dropped(patch: Patch) -> None:
    def loaded(self: QueueState) -> None:
        done = [job for job in self.jobs.values() if job.state is JobState.DONE]
        done.sort(key=lambda job: job.finished_at or 0.0, reverse=True)
        self.done_order = OrderedDict.fromkeys(job.seq for job in done)

    patch.setattr(QueueState, "loaded", loaded)


def subscription_lost_in_crash(patch: Patch) -> None:
    rebind = QueueState.rebind

    def forgets(self: QueueState, holders: Any, subscribed: Any, now: float) -> None:
        rebind(self, holders, {}, now)

    patch.setattr(QueueState, "rebind", forgets)


FAULTS = [
    Fault(reused_number, "a reservation number is used once"),
    Fault(row_forgotten, "the same job after a restart|the same job"),
    Fault(key_lost_on_disk, "after a restart|existing"),
    Fault(tick_not_kept, "the same jobs|fires twice|is not missed"),
    Fault(refusal_that_changes, "an error answer changed nothing"),
    Fault(lease_lost_at_restart, "is not missed|a pause of"),
    Fault(request_done_twice, "a request has one effect|the answer of the first time|fires"),
    Fault(adopted_unwritten, "a head and a body a job|the same job"),
    Fault(adopted_done_is_newest, "the same jobs", older_ones_come_in_done),
    Fault(access_lost, "what the queue asks survives a restart"),
    Fault(newest_done_dropped, "the same jobs"),
    Fault(subscription_lost_in_crash, "a ready job with a willing worker moves|the same"),
]
