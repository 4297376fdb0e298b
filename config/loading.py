"""Defaults, then files, then the environment, then flags; all mistakes at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import field, frozen
from cattrs.errors import ClassValidationError

from config import environment, jobengine_v0, ports, rules, yaml_file
from config.advice import advice
from config.keys import keys
from config.mistakes import Mistake, SettingsError
from config.settings import Settings
from config.structuring import mistakes as read_mistakes
from config.structuring import structure
from config.tree import Scalar, Tree, merge, places, plant, prune, told

Flag = str | int | float | bool | None

_FLAG_NAMES: Final = {"store.path": "store"}
_SECRETS: Final = frozenset({"secret", "secret_file"})


@frozen
class Loaded:
    """Settings that may be used."""

    settings: Settings
    origins: Mapping[str, str]
    """Path -> where its value was said; a default is not in it."""
    warnings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    """What was read."""


@frozen
class Sources:
    """Where settings are read from; loading again (SIGHUP) reads what stands there then."""

    files: tuple[Path, ...] = ()
    """Later files win: sections are joined, lists are replaced."""
    environ: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    flags: Mapping[str, Flag] = field(factory=dict[str, Flag])
    """Dotted path -> value; None says nothing."""

    def load(self) -> Loaded:
        """Read everything.

        Raises:
            SettingsError: with every mistake there is.
        """
        wrong: list[Mistake] = []
        variables = environment.read(self.environ)
        files = (*environment.named_file(variables, self.files), *self.files)
        trees = [tree for path in files if (tree := _file(path, wrong)) is not None]
        wrong += variables.mistakes
        tree = Tree({}, "")
        for over in (*trees, variables.tree, _flags(self.flags)):
            tree = merge(_with_one_secret(tree, over), over)
        origins = dict(places(tree))
        settings = ports.settled(_settings(tree, wrong), origins)
        wrong += rules.broken(settings, origins, [mistake.path for mistake in wrong])
        if wrong:
            raise SettingsError(wrong)
        return Loaded(settings, origins, (*variables.warnings, *advice(settings)), files)


def load(
    files: Sequence[Path] = (),
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Flag] | None = None,
) -> Loaded:
    """Read settings from these sources; see `Sources`."""
    return Sources(tuple(files), environ or {}, flags or {}).load()


def _file(path: Path, wrong: list[Mistake]) -> Tree | None:
    """What one file says; its mistakes go to `wrong`."""
    try:
        document = yaml_file.read(path)
    except SettingsError as error:
        wrong += error.mistakes
        return None
    wrong += document.mistakes
    match document.root:
        case Scalar() as scalar if scalar.is_nothing:
            return None
        case Tree() as tree:
            if jobengine_v0.is_v0(tree):
                tree = jobengine_v0.translated(tree, wrong)
            store = tree.entries.get("store")
            if isinstance(store, Scalar) and not store.is_nothing:
                tree.entries["store"] = Tree({"path": store}, store.place)
            return tree
        case node:
            wrong.append(Mistake("", f"expected a mapping, got {told(node)}", node.place))
            return None


def _flags(flags: Mapping[str, Flag]) -> Tree:
    tree = Tree({}, "the command line")
    for path, value in flags.items():
        if value is not None:
            place = f"--{_FLAG_NAMES.get(path, path.replace('.', '-').replace('_', '-'))}"
            text = str(value).lower() if isinstance(value, bool) else str(value)
            plant(tree, path, Scalar(text, place, plain=not keys()[path].is_text))
    return tree


def _with_one_secret(tree: Tree, over: Tree) -> Tree:
    """A later word about the secret replaces the earlier one, in whichever way they are said."""
    if not over.entries.keys() & _SECRETS:
        return tree
    kept = {key: node for key, node in tree.entries.items() if key not in _SECRETS}
    return Tree(kept, tree.place)


def _settings(tree: Tree, wrong: list[Mistake]) -> Settings:
    """Settings with defaults where something is wrong; what that is goes to `wrong`."""
    try:
        return structure(tree)
    except ClassValidationError as error:
        found = list(read_mistakes(error))
    wrong += found
    for mistake in found:
        prune(tree, mistake.path)
    try:
        return structure(tree)
    except ClassValidationError:  # a strange key that looks like a path
        return Settings()
