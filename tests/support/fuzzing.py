"""Bytes that are nearly right: what went well before, cut, joined, and with parts changed."""

import os
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Final

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXECUTIONS = 1_000_000 if NIGHTLY else 3_000
PLACES: Final = 4
"""At which one input is changed, at most."""
ODD: Final = bytes((0, 1, 0x7F, 0x80, 0xF7, 0xF8, 0xFE, 0xFF))
TRAPS: Final = (
    b"1e999", b"-0", b"NaN", b"1_0", b"+5", b"0.1e-9", b"9" * 40, b"9223372036854775808",
    b"253402300800", b"[" * 60, b"{}", b'""', b"null", b"true", b'{"":', b"\\ud800", b"\\u0000",
    b"%00", b"%ff", b"%2F", b"..", b"\xc2\x85", b"\xe2\x80\xa8", b"\xc2\xa0", b"\xd9\xa3",
    b"\xc2\xb2", b"\xed\xa0\x80", b"\x00", b"\n", b"\r\n\r\n", b"'", b'"', b"\\", b",", b" ", b"*",
)  # fmt: skip
"""What readers of text trip over: numbers no number holds, halves of characters, other digits."""


def mutations(samples: Sequence[bytes], seed: int, count: int = EXECUTIONS) -> Iterator[bytes]:
    """So many inputs, the same for a seed. Most differ from a sample in one place or two.

    Samples that are added meanwhile are changed, too.
    """
    changer = _Changer(samples, Random(seed))
    changes, below, chance = changer.changes, changer.below, changer.chance
    for _ in range(count):
        found = bytearray(samples[below(len(samples))])
        places = 0
        while places < PLACES and (not places or chance() < 0.5):
            changes[below(len(changes))](found, below(len(found) + 1))
            places += 1
        yield bytes(found)


class _Changer:
    """Each way to change an input at a place."""

    def __init__(self, samples: Sequence[bytes], random: Random) -> None:
        self._samples = samples
        self.chance = random.random
        self._some = random.randbytes
        self.changes: tuple[Callable[[bytearray, int], None], ...] = (
            self.odd, self.other, self.letter, self.less, self.noise, self.more,
            self.tail, self.trap, self.trapped, self.again, self.part,
        )  # fmt: skip

    def below(self, number: int) -> int:
        return int(self.chance() * number)  # ten times as fast as `randrange`

    def odd(self, found: bytearray, at: int) -> None:
        found[at : at + 1] = ODD[self.below(len(ODD)) :][:1]

    def other(self, found: bytearray, at: int) -> None:
        found[at : at + 1] = self._some(1)

    def letter(self, found: bytearray, at: int) -> None:
        found[at : at + 1] = bytes((0x20 + self.below(0x5F),))

    def less(self, found: bytearray, at: int) -> None:
        del found[at : at + 1 + self.below(8)]

    def noise(self, found: bytearray, at: int) -> None:
        found[at:at] = self._some(1 + self.below(9))

    def more(self, found: bytearray, at: int) -> None:
        found[at:at] = self._piece()

    def tail(self, found: bytearray, at: int) -> None:
        found[at:] = self._samples[self.below(len(self._samples))]

    def trap(self, found: bytearray, at: int) -> None:
        found[at:at] = TRAPS[self.below(len(TRAPS))]

    def trapped(self, found: bytearray, at: int) -> None:
        found[at : at + 1 + self.below(8)] = TRAPS[self.below(len(TRAPS))]

    def again(self, found: bytearray, at: int) -> None:
        found[at:at] = found[at : at + 1 + self.below(9)] * (1 + self.below(4))

    def part(self, found: bytearray, at: int) -> None:
        piece = self._piece()
        found[at : at + len(piece)] = piece

    def _piece(self) -> bytes:
        other = self._samples[self.below(len(self._samples))]
        start = self.below(len(other) + 1)
        return other[start : start + 1 + self.below(40)]
