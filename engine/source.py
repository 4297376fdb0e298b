"""Where ids, numbers and jitter come from: handed to every queue, so that tests can own them."""

import random
from os import urandom
from typing import Final

from attrs import define, field

_SEQ_SHIFT: Final = 36
"""Bits of `seq` a boot counts with: weeks at full speed, and 2**17 boots stay exact in JSON."""


@define
class Source:
    """One for an engine, shared by its queues; all numbers rise, also across restarts."""

    boot: int = 1
    """Counted by the store, once a start."""
    seq: int = 0
    """The last one given."""
    reservation: int = 0
    queue: int = 0
    recurrence: int = 0
    rng: random.Random = field(factory=random.SystemRandom)
    seeded: bool = False
    """Draw ids from `rng` too: repeatable simulations."""
    _now: float = -1.0
    _when: str = ""
    _pool: str = ""
    _at: int = 0

    def start(self, boot: int) -> None:
        """Begin a boot: numbers of earlier ones are never given again."""
        self.boot = boot
        self.seq = max(self.seq, boot << _SEQ_SHIFT)

    def next_seq(self) -> int:
        """The next place in the order of publishing."""
        self.seq += 1
        return self.seq

    def next_reservation(self) -> int:
        """Unique within this boot."""
        self.reservation += 1
        return self.reservation

    def next_queue(self) -> int:
        """A queue's number in the store."""
        self.queue += 1
        return self.queue

    def next_recurrence(self) -> int:
        """A recurrence's number, as people see it."""
        self.recurrence += 1
        return self.recurrence

    def secret(self, size: int) -> bytes:
        """So many random bytes, for a key or a token."""
        return self.rng.randbytes(size) if self.seeded else urandom(size)

    def spread(self) -> float:
        """Random in [0, 1), for jitter."""
        return self.rng.random()

    def new_id(self, now: float) -> str:
        """A UUID of version 7 (RFC 9562, section 5.7) as text: ordered by time, unguessable."""
        if now != self._now:  # a batch has one now
            self._now = now
            when = f"{int(now * 1000):012x}"
            self._when = f"{when[:8]}-{when[8:]}-7"
        at = self._at
        if at + 19 > len(self._pool):
            self._pool = (self.rng.randbytes(8000) if self.seeded else urandom(8000)).hex()
            at = 0
        self._at = at + 19
        pool = self._pool
        variant = _VARIANT[pool[at + 3]]
        return (
            f"{self._when}{pool[at : at + 3]}-"
            f"{variant}{pool[at + 4 : at + 7]}-{pool[at + 7 : at + 19]}"
        )


_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def seeded_source(seed: int) -> Source:
    """A source whose every draw is repeatable."""
    return Source(rng=random.Random(seed), seeded=True)  # noqa: S311 - repeatable on purpose
