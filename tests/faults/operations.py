"""What comes of it when one operation of the disk fails under a whole engine that is at work."""

from collections.abc import Awaitable, Callable, Iterable
from copy import deepcopy
from functools import cache

import apsw
from attrs import frozen

from engine.commands import Get, ListJobs
from engine.directory import Directory
from engine.refusals import Code
from engine.replies import Jobs, Refused
from engine.store.errors import StoreBroken, StoreFull
from tests.faults.script import STEPS
from tests.faults.whole_engine import (
    Course,
    Files,
    Rows,
    formatted,
    miscounted,
    play,
    plugged,
    rows_on,
    run,
)
from tests.support.desk import WHO


@frozen
class Unharmed:
    """What the script does where nothing fails."""

    names: list[str]
    """Of the operations."""
    rows: list[Rows]
    """Before the first commit, and after each."""
    files: Files
    """The disk at the end."""
    reached: list[int]


@cache
def unharmed() -> Unharmed:
    """Play it once."""
    machine, course, names = formatted(), Course(), list[str]()
    disks = [deepcopy(machine.disk.files)]
    machine.disk.fault = lambda _number, name: names.append(name)
    course.after_commit = lambda: disks.append(deepcopy(machine.disk.files))
    play(machine, course)
    assert course.ended_by == []
    assert course.answered == len(STEPS)
    files = deepcopy(machine.disk.files)
    return Unharmed(names, [rows_on(plugged(disk)) for disk in disks], files, course.reached)


def operations(name: str = "") -> list[int]:
    """The numbers of all operations, or of those of a name."""
    return [at for at, each in enumerate(unharmed().names, 1) if name in {"", each}]


def failing(
    at: int, error: type[apsw.Error], *, until_healed: bool = False
) -> tuple[Callable[[int, str], None], Callable[[], None]]:
    """A fault at one operation, or at every write from there on; and what ends it."""
    healed = not until_healed

    def fail(number: int, name: str) -> None:
        if number == at or (number > at and not healed and name == "write"):
            raise error("planted")

    def heal() -> None:
        nonlocal healed
        healed = True

    return fail, heal


def broken_by_eio(numbers: Iterable[int]) -> list[str]:
    """What an engine whose disk fails once left otherwise than it was acknowledged."""
    whole, wrong = unharmed(), list[str]()
    for number in numbers:
        machine = formatted()
        machine.disk.fault, _ = failing(number, apsw.IOError)
        course = play(machine, Course())
        left = plugged(machine.disk.files)
        rows = rows_on(left)
        answered = whole.reached[course.answered - 1] if course.answered else 0
        kinds = {type(error) for error in course.ended_by}
        at = f"operation {number} ({whole.names[number - 1]})"
        if not kinds <= {StoreBroken, apsw.IOError}:
            wrong.append(f"{at}: ended by {kinds}")
        if course.answered < len(STEPS) and not kinds:
            wrong.append(f"{at}: nothing was said")
        if course.commits < answered:
            wrong.append(f"{at}: an answer overtook its commit")
        if rows not in whole.rows[course.commits : course.commits + 2]:
            wrong.append(f"{at}: lost or torn")
        if miscounted(left) != 0:
            wrong.append(f"{at}: miscounted")
    return wrong


def broken_by_enospc(numbers: Iterable[int], *, until_healed: bool = False) -> list[str]:
    """What an engine whose disk was full did otherwise than one that always had room."""
    whole, wrong = unharmed(), list[str]()
    for number in numbers:
        machine = formatted()
        machine.disk.fault, heal = failing(number, apsw.FullError, until_healed=until_healed)
        course = play(machine, Course(), heal if until_healed else None)
        machine.disk.fault = None
        at = f"write {number}"
        if course.answered == course.commits == 0:
            kinds = {type(error) for error in course.ended_by}
            wrong += [f"{at}: ended by {kinds}"] * (kinds != {StoreFull})  # it did not start
        elif course.ended_by or course.answered < len(STEPS):
            wrong.append(f"{at}: ended by {course.ended_by}")
        elif rows_on(machine) != whole.rows[-1]:
            wrong.append(f"{at}: lost, torn or done twice")
        if [heard for heard in course.refused if heard != Refused(Code.STORAGE_FULL)]:
            wrong.append(f"{at}: a publisher heard {course.refused}")
    return wrong


def reading(answers: list[object]) -> Callable[[Directory], Awaitable[None]]:
    """Look at every job there is, those on disk only too."""

    async def work(engine: Directory) -> None:
        listed = await engine.execute(WHO, ListJobs("q"))
        assert isinstance(listed, Jobs)
        answers.append(listed)
        answers.extend([await engine.execute(WHO, Get(view.id)) for view in listed.jobs])

    return work


def read_failing(at: int) -> tuple[Callable[[bytes], bytes], list[int]]:
    """Have one read fail; which ones there were."""
    numbers: list[int] = []

    def read(found: bytes) -> bytes:
        numbers.append(len(numbers) + 1)
        if numbers[-1] == at:
            raise apsw.IOError("planted")
        return found

    return read, numbers


def reads() -> list[int]:
    """The numbers of all reads of a start and a look."""
    machine = plugged(unharmed().files)
    machine.disk.reading, numbers = read_failing(0)
    run(machine, Course(), reading([]))
    return numbers


def broken_by_reads(numbers: Iterable[int]) -> list[str]:
    """What was answered otherwise, or written, because a read failed."""
    machine, wrong, right = plugged(unharmed().files), list[str](), list[object]()
    run(machine, Course(), reading(right))
    rows = rows_on(machine)
    for number in numbers:
        machine, heard = plugged(unharmed().files), list[object]()
        machine.disk.reading, _ = read_failing(number)
        course = run(machine, Course(), reading(heard))
        machine.disk.reading = None
        if heard != right[: len(heard)] or (heard != right and not course.ended_by):
            wrong.append(f"read {number}: another answer")
        if rows_on(machine) != rows:
            wrong.append(f"read {number}: something was written")
    return wrong


def ahead(course: Course) -> bool:
    """Whether some answer was given before what it says was on disk."""
    rows = unharmed().rows
    # What other than the office carries out is answered at once, and then written into its log.
    return any(
        {**rows[answered], "audit": []} != {**rows[settled], "audit": []}
        for answered, settled in zip(course.reached, course.settled, strict=True)
    )
