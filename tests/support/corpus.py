"""Inputs worth keeping: they went where no other had gone, or broke something once.

A file for each reader, a line for each input, with what is no printable ASCII escaped as Python
writes it.
"""

import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from attrs import define, field

from tests.support.fuzzing import mutations

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "frontends" / "dialects" / "corpus"
LONGEST: Final = 256
"""Bytes of an input that is kept."""
_OURS: Final = tuple(str(ROOT / name) for name in ("config", "engine", "frontends", "clients"))

Read = Callable[[bytes], object]
Arc = tuple[CodeType, int, int]
"""One line of a function after another."""


def written(raw: bytes) -> str:
    """An input as its line."""
    return raw.decode("latin-1").encode("unicode_escape").decode("ascii")


def kept(name: str, folder: Path = FOLDER) -> tuple[bytes, ...]:
    """What is kept for a reader; nothing where there is no file."""
    place = folder / f"{name}.txt"
    lines = place.read_text("ascii").split("\n")[:-1] if place.exists() else []
    return tuple(line.encode("ascii").decode("unicode_escape").encode("latin-1") for line in lines)


def keep(name: str, inputs: Iterable[bytes], folder: Path = FOLDER) -> None:
    """Add inputs to a reader's file."""
    with (folder / f"{name}.txt").open("a", encoding="ascii") as file:
        file.writelines(f"{written(one)}\n" for one in inputs)


@define
class Growth:
    """What a search for new ways came to."""

    found: list[bytes] = field(factory=list[bytes])
    crashes: dict[bytes, str] = field(factory=dict[bytes, str])
    """What was raised, and where; one input for each place."""
    arcs: set[Arc] = field(factory=set[Arc])


def grow(
    read: Read,
    seeds: Sequence[bytes],
    seed: int,
    count: int,
    ours: tuple[str, ...] = _OURS,
) -> Growth:
    """Change inputs, and keep those that take a way through our code which none took before.

    Args:
        read: what is given them.
        seeds: what to begin with; what is found is changed in turn.
        seed: of the dice.
        count: how many to try.
        ours: where the code lies that counts.
    """
    growth, pool, places = Growth(), list(seeds), set[str]()
    for wire in chain(seeds, mutations(pool, seed, count)):  # which sees the pool grow
        arcs, crash = _traced(read, wire, ours)
        if crash and crash not in places:
            places.add(crash)
            growth.crashes[wire] = crash
        new = arcs - growth.arcs
        if wire in seeds:
            growth.arcs |= new
        elif new and len(less := _shorter(read, wire, new, ours)) <= LONGEST:
            growth.arcs |= new
            pool.append(less)
            growth.found.append(less)
    return growth


def _shorter(read: Read, wire: bytes, new: set[Arc], ours: tuple[str, ...]) -> bytes:
    """What is left of an input when everything is cut out that did not lead to what is new."""
    size = len(wire) // 2
    while size:
        at = 0
        while at < len(wire):
            less = wire[:at] + wire[at + size :]
            if new <= _traced(read, less, ours)[0]:
                wire = less
            else:
                at += size
        size //= 2
    return wire


def _traced(read: Read, wire: bytes, ours: tuple[str, ...]) -> tuple[set[Arc], str]:
    """The way an input took, and where and what it raised; empty: nothing."""
    arcs, crash = set[Arc](), ""

    def enter(frame: FrameType, _: str, __: Any) -> Callable[..., Any] | None:
        code, before = frame.f_code, 0
        if not code.co_filename.startswith(ours):
            return None

        def step(frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
            nonlocal before
            if event == "line":
                arcs.add((code, before, frame.f_lineno))
                before = frame.f_lineno
            return step

        return step

    outside = sys.gettrace()
    sys.settrace(enter)
    try:
        read(wire)
    except Exception as error:  # noqa: BLE001 -- that is what a crash is
        place = traceback.extract_tb(error.__traceback__)[-1]
        crash = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
    finally:
        sys.settrace(outside)
    return arcs, crash
