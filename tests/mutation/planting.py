"""Putting changed code into functions that are imported already, wherever they are held."""

import gc
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType


def codes_of(module: CodeType) -> Iterator[CodeType]:
    """Code of the functions of a module and of its classes; not what stands inside functions."""
    for constant in module.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            if not constant.co_flags & 0x02:  # no new locals: the body of a class
                yield from codes_of(constant)


def functions_within(folder: Path) -> list[FunctionType]:
    """Every function that was made from a file of the folder and is alive."""
    start = f"{folder}{os.sep}"
    alive = (found for found in gc.get_objects() if isinstance(found, FunctionType))
    return [function for function in alive if function.__code__.co_filename.startswith(start)]


def plant(module: CodeType, name: str, alive: Iterable[FunctionType]) -> int:
    """Give those of that name and file the code they have in `module`; how many there were."""
    named = (code for code in codes_of(module) if code.co_qualname == name)
    new = {(module.co_filename, name, code.co_firstlineno): code for code in named}
    planted = 0
    for function in alive:
        old = function.__code__
        code = new.get((old.co_filename, old.co_qualname, old.co_firstlineno))
        if code is not None:
            function.__code__ = code
            planted += 1
    return planted
