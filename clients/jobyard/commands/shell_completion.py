"""What may follow on a line of the shell."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cyclopts import App
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from frontends.dialects.native import WORDS, NativeWord
from jobyard.commands.shell_names import Names
from jobyard.job import STATES

OWN: Final = ("help", "use", "quit")
"""Words that only the shell has."""
OUTSIDE: Final = frozenset({"serve", "shell", "simulate", "soak", "work"})
"""Commands that never end by themselves."""
_CONNECTED: Final = frozenset({"--url", "--store", "--config", "--group"})
_AFTER: Final = {"--state": STATES, "-o": ("table", "json", "yaml")}
"""What an option takes."""


def typed_names(app: App) -> list[str]:
    """The commands of the CLI that the shell has too."""
    return [name for name in app if not name.startswith("-") and name not in OUTSIDE]


def candidates(words: Sequence[str], app: App, names: Names) -> Iterable[str]:
    """What the last one of the words may become.

    Args:
        words: of the line so far; the last is being typed, and may be empty.
        app: the command line's.
        names: that were met.
    """
    first, *rest = words
    if not rest:
        return [*OWN, *typed_names(app), *WORDS]
    if first in OWN:
        return [*typed_names(app), *WORDS] if first == "help" and len(rest) == 1 else []
    if first in typed_names(app):
        return _of_command(app, words, names)
    word = WORDS.get(first.upper())
    return [] if word is None else _of_word(word, rest, names)


def _of_word(word: NativeWord, rest: Sequence[str], names: Names) -> Iterable[str]:
    beyond = len(rest) - 1 - len(word.required)
    if beyond < 0:
        return _called(word.required[len(rest) - 1][0], names)
    return [name.decode() for name in word.optional] if beyond % 2 == 0 else []


def _of_command(app: App, words: Sequence[str], names: Names) -> Iterable[str]:
    said = list(words[:-1])
    while said and said[0] in list(app):
        app = app[said.pop(0)]
    deeper = [name for name in app if not name.startswith("-")]
    if deeper:
        return [] if said else deeper
    arguments = app.assemble_argument_collection()
    if words[-1].startswith("-"):
        options = [name for one in arguments for name in one.names if name.startswith("-")]
        return sorted(set(options) - _CONNECTED)
    if said and said[-1].startswith("-"):
        return _called(said[-1].lstrip("-"), names) or _AFTER.get(said[-1], ())
    place = sum(1 for word in _positional(said))
    return next(
        (_called(one.field_info.name, names) for one in arguments if one.index == place), ()
    )


def _positional(said: Sequence[str]) -> Iterator[str]:
    """What is neither an option nor its value."""
    before = ""
    for word in said:
        if not word.startswith("-") and not before.startswith("-"):
            yield word
        before = word


def _called(name: str, names: Names) -> Sequence[str]:
    """Values of what is called a queue or a job."""
    return {"queue": names.queues, "job": names.jobs}.get(name, ())


class Completing(Completer):
    """The same for prompt_toolkit."""

    def __init__(self, app: App, names: Names) -> None:
        self._app = app
        self._names = names

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterator[Completion]:
        """What may stand where the cursor is."""
        words = document.text_before_cursor.lstrip().split(" ")
        for found in candidates(words, self._app, self._names):
            if found.startswith(words[-1]):
                yield Completion(shlex.quote(found), -len(words[-1]))
