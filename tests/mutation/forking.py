"""Doing something in a forked child that says one thing, however it ends."""

import os
import resource
import signal
from collections.abc import Callable

Say = Callable[[str], None]

MEMORY = 4 << 30
"""Bytes a child may take: one that fills a list for ever ends by this."""


def _child(work: Callable[[Say], None], writing: int, limit: float) -> None:
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silence, descriptor)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 10 * limit)
    seconds = int(limit) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def say(words: str) -> None:
        rest = words.encode()
        while rest:
            rest = rest[os.write(writing, rest) :]

    work(say)


def in_child(work: Callable[[Say], None], limit: float) -> str:
    """What a forked child says, or how it ended; nothing when it said nothing and ended well.

    Args:
        work: What it does; it is given a function to say something with.
        limit: Seconds of the processor after which it is ended, or ten times as long by the clock.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 70
        try:
            os.close(reading)
            _child(work, writing, limit)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as source:
        said = source.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if said or not ended:
        return said
    return f"ended by {signal.Signals(-ended).name}" if ended < 0 else f"ended with {ended}"
