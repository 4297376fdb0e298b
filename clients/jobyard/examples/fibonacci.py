"""The n-th Fibonacci number by doubling: as many steps as n has bits."""

import re
from typing import Final

N_MAX: Final = 10_000
"""Its number has 2,090 digits; Python writes none of more than 4,300."""
_whole: Final = re.compile(r"[0-9]{1,5}").fullmatch


def fibonacci(text: str) -> str:
    """The number in digits; the first two are 0 and 1.

    Raises:
        ValueError: it is no whole number from 0 to N_MAX.
    """
    if not _whole(text.strip(" \n")) or (n := int(text)) > N_MAX:
        raise ValueError(f"expected a whole number from 0 to {N_MAX}")
    this, after = 0, 1
    for bit in f"{n:b}":  # from F(k), F(k+1) to F(2k), F(2k+1), and one further where the bit is 1
        this, after = this * (2 * after - this), this * this + after * after
        if bit == "1":
            this, after = after, this + after
    return str(this)
