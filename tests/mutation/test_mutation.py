"""The changes are those meant, they reach living code, and what notices them is counted."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.forking import Say, in_child
from tests.mutation.planting import functions_within, plant
from tests.mutation.table import Score, render, total

ROOT = Path(__file__).parents[2]
TOY = """
from functools import cache
from attrs import define


@define
class Door:
    width: int = 3

    @property
    def wide(self) -> bool:
        return self.width > 2

    def opened(self) -> str:
        return "open"


@cache
def twice(number: int, times: int = 2) -> int:
    if number < 0:
        raise ValueError("a number is at least zero")
    return times * number
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    path = tmp_path / "toy" / "__init__.py"
    path.parent.mkdir()
    path.write_text(TOY, encoding="utf-8")
    return path


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("toy_to_change", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # attrs looks there
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


@pytest.mark.parametrize(
    ("old", "new", "function", "expression", "value"),
    [
        ("> 2", "> 3", "Door.wide", "Door().wide", False),
        ('"open"', '"shut"', "Door.opened", "Door().opened()", "shut"),
        ("times * number", "times + number", "twice", "twice(5)", 7),
    ],
)
def test_a_change_reaches_the_functions_that_are_alive(
    toy: Path, old: str, new: str, function: str, expression: str, value: object
) -> None:
    module = imported(toy)
    changed = compile(TOY.replace(old, new), str(toy), "exec")
    assert plant(changed, function, functions_within(toy.parent)) == 1
    assert eval(expression, vars(module)) == value


def test_a_function_of_another_file_stays(toy: Path) -> None:
    module = imported(toy)
    changed = compile(TOY.replace("times *", "times +"), "elsewhere.py", "exec")
    assert plant(changed, "twice", functions_within(toy.parent)) == 0
    assert module.twice(5) == 10


def silent(say: Say) -> None:
    pass


def speaking(say: Say) -> None:
    say("one thing")
    raise SystemExit


def breaking(say: Say) -> None:
    raise RuntimeError


def endless(say: Say) -> None:
    while True:
        pass


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize(
    ("work", "said"),
    [
        (silent, ""), (speaking, "one thing"), (breaking, "ended with 70"),
        (endless, "ended by SIGALRM"),
    ],
)  # fmt: skip
def test_a_child_is_heard_however_it_ends(work: object, said: str) -> None:
    assert callable(work)
    assert in_child(work, 0.05) == said


def test_the_table_sums_up() -> None:
    scores = [Score("engine.one", 70, 60, 57), Score("engine.two", 4, 4, 3)]
    assert total(scores) == Score("together", 74, 64, 60)
    assert render(scores).splitlines()[2:] == [
        "| engine.one | 70 | 60 | 57 | 3 | 95 % |",
        "| engine.two | 4 | 4 | 3 | 1 | 75 % |",
        "| together | 74 | 64 | 60 | 4 | 94 % |",
    ]


WITHOUT = "not run: mutmut is not here; make mutants installs it"


def test_sentences_types_and_defaults_are_left_alone(toy: Path) -> None:
    pytest.importorskip("mutmut", reason=WITHOUT)
    from tests.mutation.mutants import drawn, mutants_of

    found = mutants_of(toy)
    assert [(m.function, m.first, m.operator, m.after) for m in found] == [
        ("Door.wide", 12, "swap_op", ">= 2"),
        ("Door.wide", 12, "number", "3"),
        ("Door.opened", 15, "string", '"XXopenXX"'),
        ("twice", 20, "condition", "not (number < 0)"),
        ("twice", 20, "swap_op", "<= 0"),
        ("twice", 20, "number", "1"),
        ("twice", 21, "arg_removal", "ValueError(None)"),
        ("twice", 22, "swap_op", "times / number"),
    ]
    few = drawn(found, 3)
    assert len(few) == 3
    assert few == drawn(found, 3)
    assert drawn(found, 9) == found


SESSION = """
import sys
from pathlib import Path
import pytest
import msgspec
from tests.mutation.run import Run
from tests.mutation.trying import Trials

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
run = Run({"toy": folder / "toy" / "__init__.py"}, 60)
pytest.main(["-q", "-s", "-p", "no:cacheprovider", "--rootdir", sys.argv[1], sys.argv[1]],
            plugins=[Trials(folder / "toy", run, 4)])
print(msgspec.json.encode([run.scores, run.results]).decode())
"""
TESTS = """
import pytest
from toy import Door, twice

def test_doors():
    assert Door(3).wide

def test_numbers():
    assert twice(4) == 8
    assert twice(0) == 0

def test_below_zero():
    with pytest.raises(ValueError, match="zero"):
        twice(-1)
"""


def test_what_no_test_notices_is_told(toy: Path) -> None:
    pytest.importorskip("mutmut", reason=WITHOUT)
    (toy.parent.parent / "test_toy.py").write_text(TESTS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SESSION, str(toy.parent.parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    scores, results = json.loads(done.stdout.splitlines()[-1])
    assert scores == [{"module": "toy", "mutants": 8, "tried": 8, "killed": 6}]
    assert [(r["line"], r["after"], r["tests"], bool(r["by"])) for r in results] == [
        (12, ">= 2", 1, False),
        (12, "3", 1, True),
        (15, '"XXopenXX"', 0, False),
        (20, "not (number < 0)", 2, True),
        (20, "<= 0", 2, True),
        (20, "1", 2, True),
        (21, "ValueError(None)", 1, True),
        (22, "times / number", 1, True),
    ]
    assert results[-1]["by"] == "test_toy.py::test_numbers"
