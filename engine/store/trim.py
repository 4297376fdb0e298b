"""Giving memory back to the system that the C library keeps for itself."""

import ctypes
from typing import Any


def trim() -> None:
    """Let go of what is free, where the C library can: malloc_trim(3) of glibc."""
    found: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if found is not None:
        found(0)
