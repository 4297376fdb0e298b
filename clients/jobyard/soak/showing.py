"""How a soak looks: a line while it lasts, a table at its end."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from jobyard.commands.showing import say, shown, table
from jobyard.soak.report import figures, in_order, promises
from jobyard.soak.shrink import report
from jobyard.soak.soaking import Failure, Soak

_DRAWN: Final = 0.25
"""Seconds between two pictures on a terminal."""
_SAID: Final = 10.0
"""And between two lines elsewhere."""
_AGAIN: Final = {
    None: "It was played once.",
    True: "It went the same way again.",
    False: "It went another way again.",
}
Look = Callable[[], None]


@contextmanager
def telling(soak: Soak) -> Iterator[Look]:
    """Say on stderr how far it is: a line that changes on a terminal, else one now and then."""
    began = time.monotonic()

    def line() -> str:
        return _line(soak, time.monotonic() - began)

    if not sys.stderr.isatty():
        yield _every(_SAID, lambda: say(line(), sys.stderr))
        return
    from rich.console import Console  # noqa: PLC0415 - only people need pictures
    from rich.live import Live  # noqa: PLC0415 - the same

    with Live(
        console=Console(stderr=True, highlight=False), auto_refresh=False, transient=True
    ) as live:
        yield _every(_DRAWN, lambda: live.update(line(), refresh=True))


def _every(seconds: float, tell: Look) -> Look:
    last = time.monotonic()

    def look() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            tell()

    return look


def _line(soak: Soak, passed: float) -> str:
    of = "" if soak.course.until is not None else f" of {len(soak.course.seeds):,}"
    hours = f"{soak.seconds / 3600:.2f} virtual hours"
    broken = soak.broken.total()
    return (
        f"{passed:.0f} s  {soak.played:,}{of} seeds  {hours}  {soak.figures.kills:,} kills"
        f"  {soak.figures.grants:,} grants  {broken:,} broken"
    )


def text(soak: Soak, took: float) -> str:
    """Everything, for people."""
    course = soak.course
    rows = [(one.promise, f"{one.broken:,}", f"{one.of:,} {one.what}") for one in promises(soak)]
    parts = [
        "  ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in figures(soak).items()),
        f"{course.seconds:g} s each, {course.processes} at once: {took:.0f} s",
        table(("promise", "broken", "of"), rows),
        *(_failure(failure, course.seconds) for failure in in_order(soak)),
        _verdict(soak),
    ]
    return "\n\n".join(parts)


def _failure(failure: Failure, seconds: float) -> str:
    lines = [*report(failure.least, seconds).split("\n"), _AGAIN[failure.exact]]
    return "\n".join(map(shown, lines))


def _verdict(soak: Soak) -> str:
    said = "No promise was broken." if soak.fine else "Not every promise was kept."
    if not soak.played:
        said = "No seed came to its end."
    return f"Interrupted. {said}" if soak.interrupted else said
