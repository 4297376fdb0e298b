"""From the tree of text to settings: cattrs, told about our bounds, saying every mistake."""

import difflib
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn

from config.leaves import WrongValueError, leaf, unlike
from config.mistakes import SHOWN, Mistake, shown
from config.settings import Settings
from config.tree import Items, Node, Scalar, Tree
from config.users import Grant, Group, User

_SHORT: Final[dict[Any, str]] = {Group: "slug", Grant: "slug"}
"""Mappings that may be written as one word, and the key that word stands for."""


def structure(tree: Tree) -> Settings:
    """Give every value its type.

    Raises:
        ClassValidationError: with everything that is wrong; `mistakes` reads it.
    """
    return _CONVERTER.structure(tree, Settings)


def mistakes(error: Exception, path: str = "") -> Iterator[Mistake]:
    """Everything that is wrong, from what `structure` raised."""
    match error:
        case ClassValidationError() | IterableValidationError():
            noted, _ = error.group_exceptions()
            for inner, note in noted:
                yield from mistakes(inner, _step(path, note))
        case WrongValueError():
            yield Mistake(path, error.problem, error.place)
        case _:
            raise error


def _step(path: str, note: AttributeValidationNote | IterableValidationNote) -> str:
    if isinstance(note, IterableValidationNote):
        return f"{path}[{note.index}]"
    return f"{path}.{note.name}" if path else note.name


def _strange(key: str, node: Node, names: list[str]) -> WrongValueError:
    """A key that is no setting, as an error that knows which key it is about."""
    meant = difflib.get_close_matches(key[:100].lower(), names, n=1)
    hint = f", did you mean `{meant[0]}`?" if meant else f" (known: {', '.join(names)})"
    wrong = WrongValueError(f"is no setting{hint}", node.place)
    name = key if key.isprintable() and len(key) <= SHOWN else shown(key)
    wrong.add_note(AttributeValidationNote("", name, None))
    return wrong


def _section(cls: Any) -> Callable[[Node, Any], Any]:
    """What turns a node into an attrs class."""
    names = [attribute.name for attribute in attrs.fields(cls)]
    required = [each.name for each in attrs.fields(cls) if each.default is attrs.NOTHING]
    build = make_dict_structure_fn(cls, _CONVERTER)
    short = _SHORT.get(cls)

    def section(node: Node, _: Any) -> Any:
        if short is not None and isinstance(node, Scalar):
            node = Tree({short: node}, node.place)
        if not isinstance(node, Tree):
            raise unlike("a mapping", node)
        wrong: list[Exception] = [
            _strange(key, inner, names) for key, inner in node.entries.items() if key not in names
        ]
        said: dict[str, Node] = {name: Scalar("", node.place) for name in required}
        said |= {
            key: inner
            for key, inner in node.entries.items()
            if key in names and not (isinstance(inner, Scalar) and inner.is_nothing)
        }
        try:
            value = build(said, cls)
        except ClassValidationError as group:
            raise ClassValidationError("", [*group.exceptions, *wrong], cls) from None
        if wrong:
            raise ClassValidationError("", wrong, cls)
        if isinstance(value, User | Grant) and (problem := value.problem()):
            raise WrongValueError(problem, node.place)
        return value

    return section


def _list(type_: Any) -> Callable[[Node, Any], Any]:
    """What turns a node into a tuple; one word stands for a list of one."""
    element = get_args(type_)[0]
    hook = _CONVERTER.get_structure_hook(element)
    takes_words = not attrs.has(element) or element in _SHORT

    def items(node: Node, _: Any) -> tuple[Any, ...]:
        if takes_words and isinstance(node, Scalar):
            node = Items([node], node.place)
        if not isinstance(node, Items):
            raise unlike("a list", node)
        values, wrong = [], []
        for index, inner in enumerate(node.nodes):
            try:
                values.append(hook(inner, element))
            except (WrongValueError, ClassValidationError) as error:
                error.add_note(IterableValidationNote("", index, element))
                wrong.append(error)
        if wrong:
            raise IterableValidationError("", wrong, type_)
        return tuple(values)

    return items


def _is_leaf(type_: Any) -> bool:
    return type_ in {bool, int, float, str} or get_origin(type_) in {Annotated, Literal}


def _is_list(type_: Any) -> bool:
    return getattr(type_, "__origin__", None) is tuple


_CONVERTER: Final = Converter(detailed_validation=True)
for _kind in (bool, int, float, str):
    _CONVERTER.register_structure_hook(_kind, leaf(_kind))
_CONVERTER.register_structure_hook_factory(_is_leaf, leaf)
_CONVERTER.register_structure_hook_factory(attrs.has, _section)
_CONVERTER.register_structure_hook_factory(_is_list, _list)
