"""An RPC connection as queues know it."""

from collections.abc import Callable

from engine.access import Peer
from engine.replies import CancelAsked, Pushed

Push = Callable[[Pushed | CancelAsked], None]


class RpcPeer(Peer):
    """What holds jobs, and is pushed to where its codec has a way to say so.

    A Go program cannot be told of a cancellation; its jobs come back at once when it goes.
    """

    def __init__(self, address: str) -> None:
        super().__init__("", address)
        self.told = False
        self.push: Push | None = None
        """Says what nobody asked for; None: nothing can be pushed."""

    def send(self, reply: object) -> None:
        """Take a job that the engine pushes, or word of a cancellation."""
        if self.push is not None and isinstance(reply, Pushed | CancelAsked):
            self.push(reply)
