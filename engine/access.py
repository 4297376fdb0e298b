"""Who may do what: rights are given per group, and checked in one place."""

from collections.abc import Mapping
from enum import IntFlag
from typing import Final

from attrs import define, field, frozen


class Right(IntFlag):
    """What a principal may do in one group. Commands that need none have `Right(0)`."""

    PUBLISH = 1
    WORK = 2
    READ = 4
    MANAGE = 8
    ADMIN = 16
    """The server's own commands; only administrators have it."""


MEMBER: Final = Right.PUBLISH | Right.WORK | Right.READ | Right.MANAGE
"""All four rights of a group: what `groups: [g]` gives."""
EVERYTHING: Final = MEMBER | Right.ADMIN


@frozen
class Principal:
    """Somebody who logged in. Never holds a secret."""

    name: str
    groups: Mapping[str, Right] = field(factory=dict[str, Right])
    admin: bool = False

    def rights(self, group: str) -> Right:
        """What it may do there; nothing in a group it does not have."""
        return EVERYTHING if self.admin else self.groups.get(group, Right(0))


class Peer:
    """One stateful connection, known by identity. Queues hold jobs and waiting workers for it.

    Doors subclass it; the engine reads only what stands here.
    """

    def __init__(
        self, name: str, address: str, grace: float = 0.0, *, single: bool = False
    ) -> None:
        """Name it for people.

        Args:
            name: the principal's name, as worker lists show it.
            address: host and port of the other side.
            grace: seconds its jobs wait for it after it went.
            single: one job in flight over all its subscriptions, and nothing pushed until it
                spoke after a job was taken from under it (line protocol).
        """
        self.name = name
        self.address = address
        self.grace = grace
        self.single = single
        self.told = not single
        """It can be told to stop working on a job; else a canceled job is over at once."""
        self.left = False
        """It is gone for good: nothing may be handed to it."""
        self.silent = False
        """It sends no more, so it waits for nothing: it may be dead, and could not say done."""
        self.holding = 0
        self.since = 0.0
        """When it first subscribed, unix seconds."""
        self.finished = 0
        """Jobs it said done."""
        self.owes = False
        self.queues: set[object] = set()

    def send(self, reply: object) -> None:
        """Hand over what was not asked for: a pushed job, word of a cancellation."""
        raise NotImplementedError


@define(eq=False)
class Caller:
    """On whose behalf a command runs: who, in which group, over which connection."""

    principal: Principal
    group: str
    rights: int
    """A `Right` as a plain number: it is checked for every command."""
    peer: Peer | None = None


def caller(principal: Principal, group: str, peer: Peer | None = None) -> Caller:
    """The caller a principal is in a group."""
    return Caller(principal, group, int(principal.rights(group)), peer)


def authorize(who: Caller, needs: int) -> bool:
    """The only rights check; always made before a command is routed.

    Of several rights any one will do: the queue then looks whether it is the holder's or another's.
    """
    return not needs or bool(who.rights & needs)
