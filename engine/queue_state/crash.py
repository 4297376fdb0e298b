"""What a queue leaves behind that crashed in the middle of a step: the step never was."""

from engine.access import Caller, Peer
from engine.claim import Claim
from engine.queue_state.state import QueueState
from engine.replies import ReplyTo

Subscribed = dict[Peer, tuple[Caller, tuple[str, ...], int]]
"""Connection -> on whose behalf, types and credit."""


def owed(q: QueueState, batch: list[ReplyTo]) -> list[ReplyTo]:
    """Who waits for an answer that will not come, each once.

    Those of the batch, those whose answer was in the step, those in line and those whose bulk
    work was under way. Of a reserve in several queues only the taker may speak.
    """
    found: dict[int, ReplyTo] = {}
    for to in (
        *batch,
        *(to for to, _ in q.letters if not isinstance(to, Peer)),
        *(waiter.to for waiter in q.line.all() if waiter.to is not None),
        *(to for _, to in q.slices),
        *(watcher.to for watcher in q.watchers.all()),
    ):
        if not isinstance(to, Claim) or to.is_for(q):
            found[id(to)] = to
    return list(found.values())


def subscribed(q: QueueState) -> Subscribed:
    """Subscriptions as they were when the step began."""
    now = {p: (w.who, w.types, w.credit) for p, w in q.subscriptions.items()}
    for peer, was in q.before.items():
        if was is None:
            now.pop(peer, None)
        else:
            now[peer] = was
    return now


def abandon(q: QueueState) -> None:
    """Take back what the queue shares with others: payloads, remembered requests."""
    for job in q.jobs.values():
        q.drop_payload(job)
    for key in q.asked:
        q.storage.requests.drop(key)
    for call in q.called:
        q.calls.pop(call, None)
