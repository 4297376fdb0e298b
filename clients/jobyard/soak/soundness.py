"""Whether what a queue keeps beside its jobs is what they say: nothing leaks, nothing is short."""

from collections.abc import Iterator
from math import inf

from engine.queue_state import QueueState


def unsound(real: QueueState) -> Iterator[str]:
    """Every promise about a queue's own books that does not hold, as a sentence."""
    if real.recount() != (real.counts, real.types):
        yield "counters equal a recount"
    alarms = [job.alarm for job in real.jobs.values()]
    alarms += [waiter.deadline for waiter in real.line.all()]
    alarms += [found.alarm for found in real.recurrences.values()]
    armed = sum(at < inf for at in alarms)
    if real.alarms.live != armed:
        yield f"{armed} alarms count, not {real.alarms.live}"
    if len(real.alarms) > 2 * armed + 65:
        yield "the dead leave the heap of alarms"
    yield from _holders(real)
    if set(real.ids) != {job.id for job in real.jobs.values()}:
        yield "ids name the jobs that are"
    if not {seq for seqs in real.uniques.values() for seq in seqs} <= set(real.jobs):
        yield "no key of a job that is gone"
    payloads = [len(job.payload) for job in real.jobs.values() if job.payload is not None]
    if real.storage.used != sum(payloads):
        yield "bytes in memory equal a recount"


def _holders(real: QueueState) -> Iterator[str]:
    held = {
        job.seq: job.reservation.peer for job in real.jobs.values()
        if job.reservation is not None and job.reservation.peer is not None
    }  # fmt: skip
    filed = {seq: peer for peer, mine in real.held.items() for seq in mine}
    if held != filed:
        yield "every job in hand is filed under its holder"
    for peer, waiter in real.subscriptions.items():
        mine = set(real.held.get(peer, ()))
        if set(waiter.held) != mine:
            yield "a subscription knows what its peer holds"
        if peer.holding != len(mine):
            yield "a peer knows how much it holds"
