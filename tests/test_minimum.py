"""The lower bounds of dependencies: each says one, none is missing, and what they say is true."""

import ast
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.minimum import ROOT, lowest, requirements

OURS: Final = ("config", "engine", "frontends", "clients/jobyard")
SUITES: Final = ("tests/config", "tests/contracts", "tests/frontends", "tests/clients")
ONLY_THERE: Final = {"pytest": "in the plugin, which pytest loads"}
"""What is imported where it is there, and why it need not be."""
DEPENDENCIES: Final[list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "dependencies"
]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("trio>=0.35,<0.36", "trio==0.35"),
        ("tzdata>=2025.2", "tzdata==2025.2"),
        ("prompt-toolkit>=3.0.52,<4", "prompt-toolkit==3.0.52"),
        ("types-PyYAML", "types-PyYAML"),
    ],
)
def test_the_lowest_version_is_the_one_a_bound_begins_with(said: str, meant: str) -> None:
    assert lowest(said) == meant


def test_every_dependency_says_from_which_version_on() -> None:
    for one in map(Requirement, DEPENDENCIES):
        assert any(part.operator == ">=" for part in one.specifier), one
    for one in map(Requirement, requirements()):
        allowed = Requirement(lowest(str(one)))
        assert all(one.specifier.contains(part.version) for part in allowed.specifier), one


def test_what_is_imported_is_a_dependency() -> None:
    said = {canonicalize_name(Requirement(one).name) for one in DEPENDENCIES}
    homes = packages_distributions()
    for module, place in _imported():
        names = {canonicalize_name(name) for name in homes.get(module, [])}
        assert names & said or module in ONLY_THERE, f"{module}, by {place}"


def _imported() -> set[tuple[str, str]]:
    """Modules of others by their first name, and who imports them."""
    ours = {"config", "engine", "frontends", "jobyard"} | sys.stdlib_module_names
    found = set[tuple[str, str]]()
    for place in (path for folder in OURS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found |= {(name.partition(".")[0], place.name) for name in names}
    return {(module, place) for module, place in found if module not in ours}


def test_make_installs_the_lowest_versions_apart() -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "test-minimum"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "-m tests.minimum >.venv-minimum/lowest.txt" in plan
    assert "install -r .venv-minimum/lowest.txt" in plan


@pytest.mark.nightly
def test_the_lowest_versions_do(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("not run: needs make")
    words = [make, "test-minimum", f"PYTHON={sys.executable}", f"MINIMUM={tmp_path / 'venv'}"]
    arguments = f"-q -p no:cacheprovider --basetemp={tmp_path / 'tests'} {' '.join(SUITES)}"
    subprocess.run([*words, f"ARGS={arguments}"], cwd=ROOT, stdin=subprocess.DEVNULL, check=True)
