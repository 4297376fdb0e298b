"""What must look the same on both sides."""

from math import inf

from engine.queue_state import QueueState
from engine.replies import JobView, QueueCounts
from jobyard.soak.soundness import unsound
from tests.model.naive import Queue
from tests.model.naive_job import STATES, Broken, Job, must


def jobs_alike(naive: Queue, shown: dict[int, JobView]) -> None:
    """Every job, and no other."""
    mine = {job.seq: job.state for job in naive.jobs}
    must(sorted(shown) == sorted(mine), f"the same jobs: {sorted(shown)} {sorted(mine.items())}")
    for job in naive.jobs:
        must(job.accounts(), "attempts, lapses, disconnects and releases add up")
        same(job, shown[job.seq])


def counts_alike(naive: Queue, counts: QueueCounts) -> None:
    """Counters are what a recount says."""
    must(counts.states == naive.counts(), "counters equal a recount")
    by_type = {kind: naive.counts(kind) for kind in {job.kind for job in naive.jobs}}
    must(counts.types == by_type, f"counters by type equal a recount: {counts.types}")


def sound(real: QueueState) -> None:
    """What the queue keeps beside its jobs is what they say."""
    for promise in unsound(real):
        raise Broken(promise)


def same(job: Job, view: JobView) -> None:
    """One job looks the same on both sides."""
    more = view.more
    real = (
        view.id, view.type, STATES[view.state], view.priority, view.ready_at, view.attempts,
        more.lapses, more.disconnects, more.releases, more.resets, view.reservation, view.holder,
        inf if more.expires_at is None else more.expires_at,
    )  # fmt: skip
    naive = (
        job.id, job.kind, job.state, job.priority, job.ready_at, job.attempts,
        job.lapses, job.disconnects, job.releases, job.resets,
        job.hold.id if job.hold else None, job.hold.owner if job.hold else "", job.expires_at,
    )  # fmt: skip
    must(real == naive, f"the same job:\n  {real}\n  {naive}")
    must(view.payload in {None, job.payload}, "the payload is what was published")
