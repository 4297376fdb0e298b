"""`python -m tests.minimum`: the lowest versions that pyproject.toml allows, for pip.

What runs before anything is installed needs nothing but Python.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
_BOUND: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(>=(?P<lowest>[0-9][0-9a-z.]*))?")


def lowest(requirement: str) -> str:
    """The same package at the version that its bound begins with; any, where it has none."""
    found = _BOUND.match(requirement)
    assert found is not None, requirement
    return found["name"] + (f"=={found['lowest']}" if found["lowest"] else "")


def requirements() -> list[str]:
    """Of the server, and of its tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]


if __name__ == "__main__":
    sys.stdout.writelines(f"{lowest(one)}\n" for one in requirements())
