"""What is fuzzed: a reader of bytes, with inputs that are right."""

from collections.abc import Callable

from attrs import frozen


@frozen
class Codec:
    """One of them."""

    samples: tuple[bytes, ...]
    read: Callable[[bytes], int]
    """How much it could make of its input; whatever it raises is a crash."""
