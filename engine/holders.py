"""Who holds which reservation: remembered outside the state, so that a crash does not forget it."""

from engine.access import Peer
from engine.job import JobState
from engine.queue_state import QueueState
from engine.queue_state.crash import subscribed

SLACK = 64
"""Entries beyond twice those that live before the dead ones are dropped."""


class Holders:
    """Reservation -> connection, of one queue; some may be of an earlier boot."""

    def __init__(self) -> None:
        self.peers: dict[tuple[int, int], Peer] = {}

    def note(self, state: QueueState) -> None:
        """The step that was just taken granted something: remember to whom."""
        for seq, _ in state.granted[-1][1]:
            job = state.jobs.get(seq)
            hold = job.reservation if job is not None else None
            if hold is not None and isinstance(hold.peer, Peer):
                self.peers[hold.key] = hold.peer
        if len(self.peers) > SLACK + 2 * state.counts[JobState.RESERVED]:
            held = (state.jobs[seq] for mine in state.held.values() for seq in mine)
            live = {job.reservation.key for job in held if job.reservation is not None}
            self.peers = {n: p for n, p in self.peers.items() if n in live}

    def bring_back(self, old: QueueState, new: QueueState, now: float) -> None:
        """Give a state that was read from disk the connections and calls of the crashed one."""
        for peer, mine in old.held.items():
            peer.holding = max(0, peer.holding - len(mine))
        new.calls = old.calls
        new.rebind(self.peers, subscribed(old), now)
