"""Whether what queues keep beside their jobs is what they say: nothing leaks, nothing is short."""

from collections import Counter
from collections.abc import Iterator
from math import inf

from engine.access import Peer
from engine.queue_state import QueueState


def unsound(*queues: QueueState) -> Iterator[str]:
    """Every promise about the books of an engine's queues that does not hold, as a sentence.

    All of them have to be there: bytes in memory and full hands are counted over all queues.
    """
    for real in queues:
        yield from _books(real)
    yield from _shared(queues)


def _shared(queues: tuple[QueueState, ...]) -> Iterator[str]:
    used = sum(len(job.payload or b"") for real in queues for job in real.jobs.values())
    if any(real.storage.used != used for real in queues):
        yield "bytes in memory equal a recount"
    hands = Counter[Peer]()
    for real in queues:
        hands.update({peer: len(mine) for peer, mine in real.held.items()})
    if any(peer.holding != hands[peer] for real in queues for peer in real.subscriptions):
        yield "a peer knows how much it holds"


def _books(real: QueueState) -> Iterator[str]:
    if real.recount() != (real.counts, real.types):
        yield "counters equal a recount"
    alarms = [job.alarm for job in real.jobs.values()]
    alarms += [waiter.deadline for waiter in real.line.all()]
    alarms += [found.alarm for found in real.recurrences.values()]
    armed = sum(at < inf for at in alarms) + len(real.watchers)
    if real.alarms.live != armed:
        yield f"{armed} alarms count, not {real.alarms.live}"
    if len(real.alarms) > 2 * armed + 65:
        yield "the dead leave the heap of alarms"
    yield from _holders(real)
    if set(real.ids) != {job.id for job in real.jobs.values()}:
        yield "ids name the jobs that are"
    if not {seq for seqs in real.uniques.values() for seq in seqs} <= set(real.jobs):
        yield "no key of a job that is gone"


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
