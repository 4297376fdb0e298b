"""What must look the same on both sides."""

from math import inf

from engine.queue_state import QueueState
from engine.replies import JobView, QueueCounts
from tests.model.naive import Queue
from tests.model.naive_job import STATES, Job, must


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
    """What the queue keeps beside its jobs is what they say: nothing leaks, nothing is short."""
    must(real.recount() == (real.counts, real.types), "counters equal a recount")
    alarms = [job.alarm for job in real.jobs.values()]
    alarms += [waiter.deadline for waiter in real.line.all()]
    alarms += [found.alarm for found in real.recurrences.values()]
    armed = sum(at < inf for at in alarms)
    must(real.alarms.live == armed, f"{armed} alarms count, not {real.alarms.live}")
    must(len(real.alarms) <= 2 * armed + 65, "the dead leave the heap of alarms")
    held = {
        job.seq: job.reservation.peer for job in real.jobs.values()
        if job.reservation is not None and job.reservation.peer is not None
    }  # fmt: skip
    filed = {seq: peer for peer, mine in real.held.items() for seq in mine}
    must(held == filed, "every job in hand is filed under its holder")
    for peer, waiter in real.subscriptions.items():
        mine = set(real.held.get(peer, ()))
        must(set(waiter.held) == mine, "a subscription knows what its peer holds")
        must(peer.holding == len(mine), "a peer knows how much it holds")
    must(set(real.ids) == {job.id for job in real.jobs.values()}, "ids name the jobs that are")
    keys = {seq for seqs in real.uniques.values() for seq in seqs}
    must(keys <= set(real.jobs), "no key of a job that is gone")
    payloads = [len(job.payload) for job in real.jobs.values() if job.payload is not None]
    must(real.storage.used == sum(payloads), "bytes in memory equal a recount")


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
