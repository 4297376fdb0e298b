"""Putting a fault into the engine for the length of a test."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen


@frozen
class Fault:
    """One planted bug: the change that makes it, and the promise that is seen to be broken."""

    plant: Callable[[pytest.MonkeyPatch], None]
    finds: str
    """A pattern of the complaint: a fault that is noticed by an accident proves nothing."""

    script: Callable[[], object] | None = None
    """A play that meets it, where the dice meet it too seldom."""

    @property
    def name(self) -> str:
        return self.plant.__name__


def everywhere(patch: pytest.MonkeyPatch, original: Any, replacement: Any) -> None:
    """Replace a function in every module of the engine that took it by name."""
    found = 0
    for name, module in list(sys.modules.items()):
        if name != "engine" and not name.startswith("engine."):
            continue
        for attribute, value in list(vars(module).items()):
            if value is original:
                patch.setattr(module, attribute, replacement)
                found += 1
    assert found, f"{original} is nowhere: the fault is not planted"
