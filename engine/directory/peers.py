"""What every queue is told that a connection uses."""

from engine.access import Peer
from engine.mailbox import Message
from engine.queue_actor import QueueActor


def tell_queues(peer: Peer, message: Message, but: QueueActor | None = None) -> None:
    """Post it to each of them, or to each but one."""
    for actor in list(peer.queues):
        assert isinstance(actor, QueueActor)
        if actor is not but:
            actor.post(message)
