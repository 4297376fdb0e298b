"""Settings from environment variables.

`JOBYARD_` and the path in capitals, `__` for each dot: `JOBYARD_LINES__SILENCE=1`. Lists (users,
groups, …) are YAML: `JOBYARD_GROUPS='[mail, web]'`. An empty variable says nothing. The names that
the originals know stand below their new ones.
"""

import difflib
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from config.keys import PREFIX, Key, keys
from config.mistakes import Mistake, SettingsError, shown
from config.tree import Scalar, Tree, plant
from config.yaml_file import parse

_SWITCHES: Final = {"TEST_MODE": "test_mode", "ALLOW_DISPATCH": "allow_dispatch"}
"""The originals' names; any value that is not empty switches them on."""
_ORIGINAL: Final = {"SECRET": "secret"}
_SHORT: Final = {f"{PREFIX}STORE": "store.path"}


@frozen
class Variables:
    """What the environment says."""

    tree: Tree
    warnings: list[str] = field(factory=list[str])
    """Variables that look like ours and are not."""
    mistakes: list[Mistake] = field(factory=list[Mistake])


def read(environ: Mapping[str, str]) -> Variables:
    """Find what concerns us."""
    said = Variables(Tree({}, "the environment"))
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
