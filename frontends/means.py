"""What the operating system gives a process: descriptors, and an end that nothing can hold up."""

import os
import resource
import threading
from typing import Final

SPARE: Final = 256
"""Descriptors beside connections: store, listeners, threads, logs."""
EXIT_HELD_UP: Final = 70


def raise_descriptor_limit(connections: int, doors: int) -> str | None:
    """Ask for as many descriptors as the bound on connections needs; what to tell if refused.

    Args:
        connections: that each door may have.
        doors: how many of them there are.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * doors + SPARE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return None
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed == wanted:
        return None
    return (
        f"this process may open {allowed} files, too few for limits.connections = {connections} "
        f"of each protocol: raise the limit (ulimit -n {wanted}) or lower the setting"
    )


def exit_after(seconds: float) -> None:
    """End the process after so long, whatever then still holds it up."""
    last = threading.Timer(seconds, os._exit, (EXIT_HELD_UP,))
    last.daemon = True
    last.start()
