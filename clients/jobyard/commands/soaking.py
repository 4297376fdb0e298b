"""`jobyard soak`: the whole server in virtual time, under faults drawn from seeds, and judged."""

import os
import re
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

from attrs import frozen
from cyclopts import Parameter, Token

from jobyard.commands.options import Seconds, Whole
from jobyard.commands.reach import FAILED, OK, told
from jobyard.commands.showing import Output, show
from jobyard.errors import BadArgument

if TYPE_CHECKING:
    from jobyard.soak.soaking import Course, Soak

SEED_MAX: Final = 999_999_999
SECONDS_MAX: Final = 3_600.0
FOR_MAX: Final = 7 * 86_400.0
PROCESSES_MAX: Final = 256
_FEW: Final = "0..49"
_RANGE: Final = re.compile(r"([0-9]{1,9})\.\.([0-9]{1,9})")
_DURATION: Final = re.compile(r"([0-9]{1,6})([smhd]?)")
_FAULTS: Final = re.compile(r"[0-9]{1,4}(,[0-9]{1,4}){0,4000}")
_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _duration(_: Any, tokens: Sequence[Token]) -> float:
    found = _DURATION.fullmatch(tokens[0].value)
    if found is None:
        raise ValueError("expected a duration, as in 90, 10m or 2h")
    return float(int(found[1]) * _UNITS[found[2]])


@frozen
class Asked:
    """What is to be played."""

    seeds: str | None = None
    """From one to another: 0..299. Without, and without --for: 0..49."""
    seed: Whole | None = None
    """Only this one."""
    faults: str | None = None
    """Only these faults of that seed, by number: 2,5 or none."""
    seconds: Seconds = 60.0
    """Virtual ones of each seed, under faults."""
    for_: Annotated[
        float | None,
        Parameter(name="--for", converter=_duration, help="Begin seeds for so long: 90, 10m, 2h."),
    ] = None
    processes: Whole | None = None
    """Seeds that are played at once; as many as there are processors, unless said."""


PLAIN: Final = Asked()


def soak(
    *,
    asked: Annotated[Asked, Parameter(name="*")] = PLAIN,
    output: Annotated[Output, Parameter(name=["--output", "-o"], help="How to print.")] = "table",
) -> int:
    """Play the whole server in virtual time under faults, and judge what its clients saw.

    A seed decides everything: who publishes and works, when the server is killed, a queue crashes,
    the disk is full, a connection breaks, the clock jumps. It touches no server and no store. A
    seed that breaks a promise is played again, its faults are made fewer, and the command that
    shows it is printed; every tenth seed is played twice, and must go the same way. Ctrl-C prints
    what there is. The exit code is 1 if anything was broken.

    Args:
        asked: which seeds, and how long.
        output: for people or for programs.
    """

    def run() -> int:
        from jobyard.soak import report, showing, soaking  # noqa: PLC0415 - loads a whole server

        course = _course(asked)
        began, going = time.monotonic(), soaking.Soak(course)
        with _until_interrupted(going), showing.telling(going) as look:
            going.run(look)
        took = time.monotonic() - began
        show(report.as_values(going, took), output, showing.text(going, took))
        return OK if going.fine else FAILED

    return told(run)


def _course(asked: Asked) -> "Course":
    from jobyard.soak.plan import plan  # noqa: PLC0415 - loaded by now
    from jobyard.soak.soaking import Course  # noqa: PLC0415 - the same

    if not 1 <= asked.seconds <= SECONDS_MAX:
        raise BadArgument(f"--seconds is 1 to {SECONDS_MAX:g}")
    if asked.for_ is not None and not 1 <= asked.for_ <= FOR_MAX:
        raise BadArgument("--for is a second to seven days")
    if asked.processes is not None and not 1 <= asked.processes <= PROCESSES_MAX:
        raise BadArgument(f"--processes is 1 to {PROCESSES_MAX}")
    seeds = _seeds(asked)
    faults = None
    if asked.faults is not None:
        if asked.seed is None:
            raise BadArgument("--faults are those of one --seed")
        faults = _faults(asked.faults, len(plan(asked.seed, asked.seconds)))
    processes = min(asked.processes or os.cpu_count() or 1, PROCESSES_MAX, len(seeds))
    until = None if asked.for_ is None else time.monotonic() + asked.for_
    return Course(seeds, asked.seconds, processes, until, faults)


def _seeds(asked: Asked) -> range:
    if asked.seed is not None:
        if asked.seeds is not None or asked.for_ is not None:
            raise BadArgument("--seed is one, --seeds are many, and --for is for many")
        if not 0 <= asked.seed <= SEED_MAX:
            raise BadArgument(f"--seed is 0 to {SEED_MAX}")
        return range(asked.seed, asked.seed + 1)
    if asked.seeds is None and asked.for_ is not None:
        return range(SEED_MAX + 1)
    found = _RANGE.fullmatch(asked.seeds or _FEW)
    if found is None or int(found[1]) > int(found[2]):
        raise BadArgument(f"--seeds is from one to another, up to {SEED_MAX}: 0..299")
    return range(int(found[1]), int(found[2]) + 1)


def _faults(said: str, planned: int) -> tuple[int, ...]:
    if said == "none":
        return ()
    numbers = [int(number) for number in said.split(",")] if _FAULTS.fullmatch(said) else [planned]
    if max(numbers) >= planned:
        raise BadArgument(f"--faults is none, or some of 0 to {planned - 1} with commas between")
    return tuple(sorted(set(numbers)))


@contextmanager
def _until_interrupted(going: "Soak") -> Iterator[None]:
    def stop(*_: object) -> None:
        going.stop()

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
