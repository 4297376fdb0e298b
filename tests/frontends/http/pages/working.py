"""Connections of workers, and names that somebody may choose to break a page."""

from collections.abc import Sequence
from typing import Final

from engine.access import Peer, caller
from engine.commands import Subscribe
from engine.replies import Ok
from tests.frontends.http.pages.browser import Console

HOSTILE: Final = (
    "a/b", "..", ".", "~2e", "a~b", "a b", "a?b=c#d", "100%", "%2e%2e", "<script>alert(1)</script>",
    '"><img src=x onerror=y>', "{{ 7 * 7 }}", "größe 漢字 🧺", "\\..\\", "x" * 200, "new", "kick",
    "purge", "' or 1=1",
)  # fmt: skip
"""Names of queues that are names all the same."""


class Connected(Peer):
    """A connection that takes what it is pushed."""

    def send(self, reply: object) -> None:
        """Nobody reads it."""


async def connect(
    console: Console, *queues: str, name: str = "ada", group: str = "yard", port: int = 5000,
    types: Sequence[str] = (), credit: int = 1,
) -> Connected:  # fmt: skip
    """A worker subscribed to queues."""
    principal = console.site.login.principal(name)
    assert principal is not None
    peer = Connected(name, f"198.51.100.7:{port}")
    who = caller(principal, group, peer)
    for queue in queues:
        command = Subscribe(queue, tuple(types), credit)
        assert isinstance(await console.site.engine.execute(who, command), Ok)
    return peer
