"""Bytes that are nearly right: what went well before, cut, joined, and with parts changed."""

import os
from collections.abc import Iterator, Sequence
from random import Random

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
EXECUTIONS = 1_000_000 if NIGHTLY else 3_000
ODD = (0, 1, 0x7F, 0x80, 0xF7, 0xF8, 0xFE, 0xFF)


def mutations(samples: Sequence[bytes], seed: int, count: int = EXECUTIONS) -> Iterator[bytes]:
    """So many inputs, the same for a seed."""
    random = Random(seed)
    for _ in range(count):
        found = bytearray(random.choice(samples))
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(found) + 1)
            match random.randrange(6):
                case 0:
                    found[at : at + 1] = bytes((random.choice(ODD),))
                case 1:
                    found[at : at + 1] = random.randbytes(1)
                case 2:
                    del found[at : at + random.randint(1, 8)]
                case 3:
                    found[at:at] = random.randbytes(random.randint(1, 9))
                case 4:
                    other = random.choice(samples)
                    start = random.randrange(len(other) + 1)
                    found[at:at] = other[start : start + random.randint(1, 40)]
                case _:
                    found[at:] = random.choice(samples)
        yield bytes(found)
