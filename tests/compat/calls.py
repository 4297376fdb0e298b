"""Conversations of qmanager's programs written down: calls, and what they must be answered.

    a +               a connects      a -          a is gone
    a > AddTask {"T…  a calls         ~ 1.5        time passes
    a < {"id": "j1"}  its answer: `{"id": name}` an id, seen first or before; a task with its
                      fields; `nil`; or `! text`, an error

Calls that follow each other are in flight at once; their answers stand in any order, `1 < …` with
the place of the call among them.
"""

import json
from pathlib import Path
from typing import Any, Final

from attrs import frozen

FOLDER: Final = Path(__file__).parent / "qmanager"


@frozen
class Step:
    """One line."""

    line: int
    client: str
    what: str
    text: str

    @property
    def value(self) -> Any:
        """What stands behind the method, or the answer."""
        return json.loads(self.text.partition(" ")[2] if self.what == ">" else self.text)

    @property
    def method(self) -> str:
        """The method that is called."""
        return self.text.partition(" ")[0]


def read(path: Path) -> list[Step]:
    """Read a file; what is not of the form above is an error."""
    steps: list[Step] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        client, what, text = (*line.split(" ", 2), "")[:3]
        if client == "~":
            steps.append(Step(number, "", "~", what))
        else:
            assert what in {"+", "-", ">", "<"}, line
            steps.append(Step(number, client, what, text))
    return steps
