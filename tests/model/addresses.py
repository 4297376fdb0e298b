"""Where letters go in the model."""

from typing import Any

from engine.access import Peer


class Address:
    """Where one command is answered."""

    def __init__(self) -> None:
        self.answers: list[Any] = []

    def send(self, reply: object) -> None:
        self.answers.append(reply)


class FakePeer(Peer):
    """A connection that keeps what it is sent."""

    def send(self, reply: object) -> None:
        """Nothing is done with it: letters are looked at in the step."""
