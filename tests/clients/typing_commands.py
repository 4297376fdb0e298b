"""How commands of the tests end."""

import json
from collections.abc import Callable
from typing import Any

from attrs import frozen


@frozen
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Type = Callable[..., Said]


def published(typed: Type, *arguments: str) -> str:
    said = typed("publish", *arguments)
    assert (said.code, said.err) == (0, "")
    return said.out.strip()
