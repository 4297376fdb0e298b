"""The small changes that can be made to a module: mutmut's and two more, in bodies of functions.

What is left out: annotations, decorators and defaults, which are read before any test runs;
sentences for people, which no test should pin; calls that only the type checker reads.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Final

import libcst as cst
from attrs import frozen
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

SILENT: Final = frozenset({"assert_never", "cast", "isinstance", "len"})
"""Calls whose arguments only a type checker reads, or of which every change breaks the call."""


def operator_condition(node: cst.If) -> Iterator[cst.If]:
    """Turn a condition round."""
    held = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), held))


def operator_omission(node: cst.Expr) -> Iterator[cst.Pass]:
    """Leave out a call that is made for its effect."""
    if isinstance(node.value, cst.Call):
        yield cst.Pass()


OPERATORS: Final = (
    *mutation_operators,
    (cst.If, operator_condition),
    (cst.Expr, operator_omission),
)


@frozen
class Mutant:
    """One change of one function."""

    path: Path
    function: str
    """The outermost function round it, named from the top of its module."""
    operator: str
    first: int
    last: int
    """The lines of the statement that it changes."""
    before: str
    after: str
    _module: cst.Module
    _old: cst.CSTNode
    _new: cst.CSTNode

    def code(self) -> CodeType | None:
        """The changed module, compiled; None when the change makes no Python."""
        changed = self._module.deep_replace(self._old, self._new)
        try:
            return compile(changed.code, str(self.path), "exec", dont_inherit=True)
        except SyntaxError:
            return None


@frozen
class _Place:
    """Where a node stands."""

    names: tuple[str, ...] = ()
    inside: bool = False
    """Whether the names end in a function."""
    statement: cst.CSTNode | None = None

    def within(self, node: cst.CSTNode) -> "_Place":
        match node:
            case cst.ClassDef() | cst.FunctionDef() if not self.inside:
                names = (*self.names, node.name.value)
                return _Place(names, isinstance(node, cst.FunctionDef))
            case cst.SimpleStatementLine():
                return _Place(self.names, self.inside, node)
            case _:
                return self


def _same(node: cst.CSTNode, operator: str) -> bool:
    """Whether a change from false to nothing is meant, which is the same to who asks."""
    plain = isinstance(node, cst.Assign | cst.AnnAssign) and isinstance(node.value, cst.Name)
    return operator == "assignment" and plain and node.value.value == "False"


def _changes(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            changes = list(operator(node))
            if operator is operator_string:
                changes = [] if " " in getattr(node, "value", " ") else changes[:1]
            name = operator.__name__.removeprefix("operator_")
            for change in changes if not _same(node, name) else ():
                yield name, change


def _silent(node: cst.CSTNode) -> bool:
    match node:
        case cst.Annotation() | cst.Decorator() | cst.Parameters():
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in SILENT
        case _:
            return False


def mutants_of(path: Path) -> list[Mutant]:
    """All of a module, from its top to its end."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    module, found = wrapper.module, list[Mutant]()
    positions = wrapper.resolve(PositionProvider)

    def shown(node: cst.CSTNode) -> str:
        part = node.test if isinstance(node, cst.If) else node
        return " ".join(module.code_for_node(part).split())

    def walk(node: cst.CSTNode, place: _Place) -> None:
        if _silent(node):
            return
        place = place.within(node)
        for operator, change in _changes(node) if place.inside else ():
            read = node.test if isinstance(node, cst.If) else node
            lines = positions[place.statement or read]
            spot = (".".join(place.names), operator, lines.start.line, lines.end.line)
            found.append(Mutant(path, *spot, shown(node), shown(change), module, node, change))
        for child in node.children:
            walk(child, place)

    walk(module, _Place())
    return found


def drawn(mutants: list[Mutant], most: int) -> list[Mutant]:
    """At most so many of a module's, the same ones each time."""
    if len(mutants) <= most:
        return mutants
    dice = random.Random("/".join(mutants[0].path.parts[-2:]))
    return [mutants[i] for i in sorted(dice.sample(range(len(mutants)), most))]
