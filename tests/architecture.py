"""The house rules as a function from sources to complaints.

A module is known by its dotted name. Everything in `engine` is pure unless `SHELLS` or the store's
adapters own it, so a new file is pure until somebody says otherwise here.
"""

import ast
from collections.abc import Iterator, Mapping

from attrs import frozen

FIRST_PARTY = ("engine", "frontends", "config", "jobyard")
SHELLS = (
    "engine.mailbox", "engine.clock", "engine.committer", "engine.queue_actor", "engine.obeying",
    "engine.supervisor", "engine.directory", "engine.testing",
)  # fmt: skip
WAITING = ("engine.hydration",)
"""Belongs to the shells and waits for the store, but has no use for trio itself."""
VALUES = (
    "engine.job", "engine.commands", "engine.replies", "engine.store.tables",
    "engine.store.protocol", "engine.store.errors",
)  # fmt: skip
ARITHMETIC = ("engine.queue_state",)
INSIDES = (
    "engine.queue_state", "engine.queue_actor", "engine.committer", "engine.supervisor",
    "engine.store",
)  # fmt: skip
"""What a door has no business with; the composition root puts these together."""
DOORS = ("frontends.tcp", "frontends.http", "frontends.rpc")
ROOTS = ("frontends.serve", "frontends.doors")
"""Who puts a server together, and so knows every door."""
PROTOCOLS = ("engine.store.protocol",)
"""Pure modules that describe what others wait for."""
SOAK = "jobyard.soak"
"""Puts a server and its clients together in virtual time; commands load it when it is asked for."""
FACES = ("engine", "jobyard")
"""Packages whose `__init__` loads what it shows when somebody asks for it."""
OPENERS = (*FACES, "jobyard.working")
"""Who may import by a name found at run time: the faces, and who loads a user's own module."""

INPUT_OUTPUT = frozenset({
    "anyio", "apsw", "asyncio", "hypercorn", "multiprocessing", "quart", "select", "selectors",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "threading", "trio",
})  # fmt: skip
CLOCKS = frozenset({
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.sleep", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today",
})  # fmt: skip
CHANCE = ("random", "secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom")
CLOCK_OWNERS = ("engine.clock", "engine.store", "frontends.serve")
CHANCE_OWNERS = ("engine.source", "engine.store.key", "frontends.serve")
THREAD_OWNERS = (
    "engine.store", "engine.directory.settings", "frontends.serve", "frontends.login",
    "frontends.store_care",
)  # fmt: skip
TYPING_ONLY = frozenset({"TYPE_CHECKING", "typing.TYPE_CHECKING"})
NO_NAMES = frozenset({"manager", "helper", "helpers", "util", "utils", "data", "info", "misc"})
LONGEST = 300
_OPEN = ast.dump(ast.Name("open", ast.Load()))


@frozen
class Use:
    """One import: what it brings in and whether starting up does without it."""

    target: str
    lazy: bool
    line: int


@frozen
class Module:
    """A parsed source file."""

    name: str
    tree: ast.Module
    package: bool
    lines: int


def within(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def is_pure(name: str) -> bool:
    if within(name, "frontends.dialects"):
        return True
    if not within(name, "engine") or within(name, *SHELLS, *WAITING):
        return False
    return not within(name, "engine.store") or name in {"engine.store", *VALUES}


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    base = parts[: len(parts) - node.level + module.package]
    return ".".join([*base, node.module] if node.module else base)


def _walk(node: ast.AST, *, lazy: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        inside = inside or (isinstance(child, ast.If) and ast.unparse(child.test) in TYPING_ONLY)
        yield child, inside
        yield from _walk(child, lazy=inside)


def uses(module: Module, known: frozenset[str]) -> Iterator[Use]:
    """Every import of a module, the lazy and the computed ones too."""
    for node, lazy in _walk(module.tree, lazy=False):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Use(alias.name, lazy, node.lineno)
            case ast.ImportFrom():
                source = _absolute(node, module)
                for alias in node.names:
                    deeper = f"{source}.{alias.name}"
                    yield Use(deeper if deeper in known else source, lazy, node.lineno)
            case ast.Call(
                func=ast.Name("import_module" | "__import__")
                | ast.Attribute(attr="import_module" | "__import__")
            ):
                match node.args:
                    case [ast.Constant(str() as target), *_]:
                        yield Use(target, lazy, node.lineno)
                    case _:
                        yield Use("?", lazy, node.lineno)
            case _:
                pass


def _origins(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a module really is."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head = alias.name.split(".")[0]
                found[alias.asname or head] = alias.name if alias.asname else head
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def references(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Full dotted names of everything a module reaches through its imports."""
    origins = _origins(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        tail: list[str] = []
        reach: ast.AST = node
        while isinstance(reach, ast.Attribute):
            tail.append(reach.attr)
            reach = reach.value
        if isinstance(reach, ast.Name) and reach.id in origins:
            yield ".".join([origins[reach.id], *reversed(tail)]), getattr(node, "lineno", 0)


def _client_may(name: str, target: str, *, lazy: bool) -> bool:
    if within(name, SOAK):
        return True
    if within(target, SOAK):
        return lazy
    if within(target, "jobyard", "engine.commands", "engine.replies", "frontends.dialects"):
        return True
    late = ("engine.testing", "frontends.serve", "frontends.store_care", "config")
    return lazy and (target == "engine" or within(target, *late))


def _engine_may(name: str, target: str, *, lazy: bool) -> bool:
    if not within(target, "engine", "config"):
        return False
    if not is_pure(name) or (lazy and name in FACES):
        return True
    if within(name, *VALUES) and within(target, *ARITHMETIC):
        return False
    return target != "engine" and (within(target, "config") or is_pure(target))


def _frontend_may(name: str, target: str) -> bool:
    if within(name, *ROOTS):
        return not within(target, "jobyard")
    if within(name, "frontends.dialects"):
        pure_engine = within(target, "engine") and target != "engine" and is_pure(target)
        return within(target, "frontends.dialects") or pure_engine
    if within(target, "engine"):
        return not (within(name, *DOORS) and within(target, *INSIDES))
    if within(target, *ROOTS, *DOORS):
        return any(within(name, door) and within(target, door) for door in DOORS)
    return within(target, "config", "frontends")


def may_import(name: str, target: str, *, lazy: bool) -> bool:
    """Whether one of our modules may know another."""
    match name.partition(".")[0]:
        case "config":
            return within(target, "config")
        case "engine":
            return _engine_may(name, target, lazy=lazy)
        case "frontends":
            return _frontend_may(name, target)
        case _:
            return _client_may(name, target, lazy=lazy)


def _import_complaints(module: Module, known: frozenset[str]) -> Iterator[str]:
    name = module.name
    for use in uses(module, known):
        at, head = f"{name}:{use.line}", use.target.split(".")[0]
        if use.target == "?":
            if name not in OPENERS:
                yield f"{at} computes what it imports"
        elif head in FIRST_PARTY:
            if not may_import(name, use.target, lazy=use.lazy):
                yield f"{at} may not import {use.target}"
        elif head == "tests":
            yield f"{at} ships and may not import {use.target}"
        elif head in INPUT_OUTPUT and (is_pure(name) or within(name, "config", *WAITING)):
            yield f"{at} does no input or output and may not import {use.target}"


def _owned(name: str, reach: str) -> bool:
    """Whether this module may touch that clock, source of chance or thread."""
    if reach in CLOCKS:
        return within(name, *CLOCK_OWNERS)
    if within(reach, *CHANCE):
        return within(name, *CHANCE_OWNERS)
    if within(reach, "trio.to_thread"):
        return within(name, *THREAD_OWNERS)
    return True


def _reach_complaints(module: Module) -> Iterator[str]:
    if within(module.name, "engine", "frontends"):
        for reach, line in references(module.tree):
            if not _owned(module.name, reach):
                yield f"{module.name}:{line} may not use {reach}"
    if is_pure(module.name):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.AsyncFunctionDef) and not within(module.name, *PROTOCOLS):
                yield f"{module.name}:{node.lineno} is pure and has nothing to wait for"
            if isinstance(node, ast.Call) and ast.dump(node.func) == _OPEN:
                yield f"{module.name}:{node.lineno} is pure and opens no file"


def _shape_complaints(module: Module) -> Iterator[str]:
    if module.lines > LONGEST:
        yield f"{module.name} has {module.lines} lines, more than {LONGEST}"
    for part in module.name.split("."):
        if NO_NAMES.intersection(part.split("_")):
            yield f"{module.name} has a name that says nothing: {part}"


def complaints(sources: Mapping[str, str]) -> list[str]:
    """Everything these modules do against the house; a package is named `name.__init__`."""
    known = frozenset(name.removesuffix(".__init__") for name in sources)
    found: set[str] = set()
    for name, text in sources.items():
        plain = name.removesuffix(".__init__")
        module = Module(plain, ast.parse(text), plain != name, text.count("\n"))
        found.update(_shape_complaints(module))
        if within(plain, *FIRST_PARTY):
            found.update(_import_complaints(module, known))
            found.update(_reach_complaints(module))
    return sorted(found)
