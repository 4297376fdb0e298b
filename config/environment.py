"""Settings from environment variables.

`JOBYARD_` and the path in capitals, `__` for each dot: `JOBYARD_LINES__SILENCE=1`. Lists (users,
groups, …) are YAML: `JOBYARD_GROUPS='[mail, web]'`. An empty variable says nothing. The names that
the originals know stand below their new ones.
"""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from config.keys import PREFIX, Key, keys
from config.mistakes import Mistake, SettingsError, shown
from config.tree import Scalar, Tree, plant
from config.yaml_file import parse

_SWITCHES: Final = {"TEST_MODE": "test_mode", "ALLOW_DISPATCH": "allow_dispatch"}
"""The originals' names; any value that is not empty switches them on."""
_ORIGINAL: Final = {
    "SECRET": "secret",
    "DB_PATH": "store.path",
    "API_PORT": "jobengine.v1_port",
}
_GIN_MODES: Final = {"debug": "debug"}
"""GIN_MODE -> log level; its other words say nothing about that."""
_SHORT: Final = {f"{PREFIX}STORE": "store.path"}


@frozen
class Variables:
    """What the environment says."""

    tree: Tree
    warnings: list[str] = field(factory=list[str])
    """Variables that look like ours and are not."""
    mistakes: list[Mistake] = field(factory=list[Mistake])
    file: str = ""
    """CONFIG_PATH."""


def read(environ: Mapping[str, str]) -> Variables:
    """Find what concerns us."""
    said = Variables(Tree({}, "the environment"), file=environ.get("CONFIG_PATH", ""))
    if level := _GIN_MODES.get(environ.get("GIN_MODE", "")):
        plant(said.tree, "log_level", Scalar(level, "$GIN_MODE"))
    for name, path in _SWITCHES.items():
        if environ.get(name):
            plant(said.tree, path, Scalar("true", f"${name}"))
    by_variable = {key.variable: key for key in keys().values()}
    by_variable |= {name: keys()[path] for name, path in (_ORIGINAL | _SHORT).items()}
    # Ours after the originals', so that ours win.
    for name in sorted(
        environ.keys() & by_variable.keys(), key=lambda name: name.startswith(PREFIX)
    ):
        if environ[name]:
            _take(by_variable[name], name, environ[name], said)
    for name in sorted(environ.keys() - by_variable.keys()):
        if name.startswith(PREFIX):
            meant = difflib.get_close_matches(name[:100], by_variable, n=1)
            hint = f", did you mean {meant[0]}?" if meant else ""
            said.warnings.append(f"variable {shown(name)} is no setting{hint}")
    return said


def _take(key: Key, name: str, value: str, said: Variables) -> None:
    place = f"${name}"
    if not key.is_list:
        plant(said.tree, key.path, Scalar(value, place, plain=not key.is_text))
        return
    try:
        document = parse(value.encode(errors="surrogateescape"), place)
    except SettingsError as error:
        said.mistakes.extend(Mistake(key.path, each.problem, each.place) for each in error.mistakes)
    else:
        said.mistakes.extend(document.mistakes)
        plant(said.tree, key.path, document.root)


def named_file(said: Variables, files: Iterable[Path]) -> tuple[Path, ...]:
    """The file of CONFIG_PATH, read before those that were named; one that is not there is told."""
    path = Path(said.file)
    if not said.file or path in files:
        return ()
    try:
        found = path.exists()
    except (OSError, ValueError):
        found = False
    if not found:
        said.warnings.append(f"CONFIG_PATH names no file: {shown(said.file)}")
        return ()
    return (path,)
