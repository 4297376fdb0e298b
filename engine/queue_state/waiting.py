"""Who waits for jobs: parked reserves and idle subscriptions, whoever waits longest first."""

from collections import OrderedDict
from math import inf

from msgspec import Struct, field

from engine.access import Caller, Peer
from engine.claim import Claim
from engine.replies import ReplyTo


class Waiter(Struct, eq=False):
    """Somebody who takes a job as soon as one fits: a reserve (`to`) or a subscription."""

    who: Caller
    types: tuple[str, ...]
    to: ReplyTo | None = None
    """Where a reserve is answered; None for a subscription, whose jobs go to its peer."""
    limit: int = 1
    lease: float | None = None
    deadline: float = inf
    credit: int = 1
    """Subscriptions: unfinished jobs at once."""
    held: dict[int, None] = field(default_factory=dict)
    """Subscriptions: seqs of jobs in hand, in order of their taking."""
    shuns: int = 0
    """Seq of the job it let lapse last: others are offered to it first."""
    number: int = 0
    """Its place in line; 0 while it is not in line."""

    @property
    def claim(self) -> Claim | None:
        """The one claim of a reserve that waits in several queues."""
        return self.to if isinstance(self.to, Claim) else None

    def is_willing(self) -> bool:
        """Whether a job may be handed to it now."""
        peer = self.who.peer
        if self.to is not None or peer is None:
            return True
        return len(self.held) < self.credit and not (peer.single and (peer.holding or peer.owes))


class WaitingLine:
    """Waiters by the types they take, each line in order of arrival."""

    def __init__(self) -> None:
        self._lines: dict[str | None, OrderedDict[int, Waiter]] = {}
        self.waiters: dict[int, Waiter] = {}
        """Everybody in line, by place; changed here only."""
        self._reserves: dict[int, dict[int, Waiter]] = {}
        """Reserves by the id of who asked, then by place."""
        self._last = 0

    def __len__(self) -> int:
        return len(self.waiters)

    def by_number(self, number: int) -> Waiter | None:
        """The waiter with this place, if it still has it."""
        return self.waiters.get(number)

    def all(self) -> tuple[Waiter, ...]:
        """Everybody in line, longest waiting first."""
        return tuple(self.waiters.values())

    def join(self, waiter: Waiter) -> None:
        """Stand at the end of the line."""
        assert not waiter.number
        self._last += 1
        waiter.number = self._last
        self.waiters[waiter.number] = waiter
        for kind in waiter.types or (None,):
            self._lines.setdefault(kind, OrderedDict())[waiter.number] = waiter
        if waiter.to is not None:
            for asker in {id(waiter.to), id(waiter.who.peer)}:
                self._reserves.setdefault(asker, {})[waiter.number] = waiter

    def leave(self, waiter: Waiter) -> None:
        """Stand in line no more; harmless for one who does not."""
        if not waiter.number:
            return
        del self.waiters[waiter.number]
        for kind in waiter.types or (None,):
            line = self._lines[kind]
            del line[waiter.number]
            if not line:
                del self._lines[kind]
        if waiter.to is not None:
            for asker in {id(waiter.to), id(waiter.who.peer)}:
                mine = self._reserves[asker]
                del mine[waiter.number]
                if not mine:
                    del self._reserves[asker]
        waiter.number = 0

    def of(self, asker: object) -> tuple[Waiter, ...]:
        """The reserves in line that a connection asked for, or the one of an address."""
        return tuple(self._reserves.get(id(asker), {}).values())

    def first(self, kind: str, but: Peer | None = None) -> Waiter | None:
        """Who waits longest for a job of this type; with `but`, somebody else than that peer."""
        best: Waiter | None = None
        for line in (self._lines.get(None), self._lines.get(kind)):
            if line is None:
                continue
            for waiter in line.values():
                if but is None or waiter.who.peer is not but:
                    if best is None or waiter.number < best.number:
                        best = waiter
                    break
        return best
