"""Where a process spends its processor time: its stack, looked at every few milliseconds of it.

`python -m tests.benchmarks.sampling FILE WORD ...` is the command `jobyard WORD ...` under samples,
which are written to FILE at its end; SIGUSR1 has them begin anew. It is the time of the processor
that counts, the kernel's part included, not the clock: what else the machine does is not in it.
The interpreter looks for signals as a function begins and after it has called one in C, so a sample
falls to a function or to what it calls next; added up by part that evens out.
"""

import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

PERIOD: Final = 0.001
"""Seconds of processor time between two samples; most kernels make four of it."""

Stack = tuple[tuple[str, str], ...]
"""File and function of each frame, the innermost first."""
Samples = Counter[Stack]


@contextmanager
def sampled() -> Iterator[Samples]:
    """Take samples of this process until the block ends."""
    samples: Samples = Counter()

    def note(_signal: int, frame: FrameType | None) -> None:
        stack: list[tuple[str, str]] = []
        while frame is not None:
            stack.append((frame.f_code.co_filename, frame.f_code.co_qualname))
            frame = frame.f_back
        samples[tuple(stack)] += 1

    def begin_anew(_signal: int, _frame: FrameType | None) -> None:
        samples.clear()

    before = {
        number: signal.signal(number, handler)
        for number, handler in ((signal.SIGUSR1, begin_anew), (signal.SIGPROF, note))
    }
    signal.setitimer(signal.ITIMER_PROF, PERIOD, PERIOD)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def read(file: Path) -> Samples:
    """What a sampled process wrote."""
    found: Samples = Counter()
    for stack, count in json.loads(file.read_text("utf-8")):
        found[tuple((name, function) for name, function in stack)] += count
    return found


def main(words: list[str]) -> int:
    """Run the command, write its samples, return its status."""
    from jobyard.command import main as command

    place, sys.argv[1:] = words[0], words[1:]
    with sampled() as samples:
        try:
            return int(command() or 0)
        finally:
            Path(place).write_text(json.dumps(list(samples.items())), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
