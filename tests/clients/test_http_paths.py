"""The clients' table of paths is the server's, row by row."""

from typing import Final

import pytest
from attrs import fields

from engine import commands as c
from engine.commands import BY_WORD, TABLE
from frontends.dialects.native import WORDS
from frontends.http.native.acts import edit, publish, run, wait
from frontends.http.native.overview import Vitals
from frontends.http.native.path import PREFIX as SERVED_UNDER
from frontends.http.native.path import Path as ServedPath
from frontends.http.native.table import EXCUSED
from frontends.http.native.table import PATHS as SERVED
from jobyard.errors import NotOverHttp
from jobyard.http.asking import ask
from jobyard.http.paths import NO_PATH, PATHS, PREFIX

ONE_COMMAND: Final = (edit, publish, run, wait)
"""What paths do that say one command and answer with its reply."""
AS_COMMANDS: Final = {Vitals: c.Health}
"""A path with a class of its own, and the command whose reply it answers."""


def word_of(path: ServedPath) -> set[str]:
    """The words that a served path is."""
    if path.kind in AS_COMMANDS:
        return {TABLE[AS_COMMANDS[path.kind]].word}
    if path.act not in ONE_COMMAND:
        return set()
    return {TABLE[kind].word for kind in path.serves}


def test_every_word_has_its_path_or_a_reason() -> None:
    assert PATHS.keys() | NO_PATH.keys() == BY_WORD.keys()
    assert not PATHS.keys() & NO_PATH.keys()
    assert {TABLE[kind].word for kind in EXCUSED} <= NO_PATH.keys()
    assert all(NO_PATH.values())


def test_every_path_that_is_a_command_is_asked_as_it_is_served() -> None:
    served = {word: path for path in SERVED for word in word_of(path)}
    assert served.keys() == PATHS.keys()
    assert PREFIX == SERVED_UNDER
    for word, path in PATHS.items():
        there = served[word]
        assert (path.method, path.template) == (there.method, there.template), word
        assert path.in_query == there.in_query, word
        assert path.renamed == {name: said for said, name in there.renamed.items()}, word
        assert path.unsaid.keys() == there.hidden, word


def test_what_goes_without_saying_is_the_default() -> None:
    for word, path in PATHS.items():
        defaults = {one.name: one.default for one in fields(BY_WORD[word].kind)}
        needed = [b"q" for _ in WORDS[word].required]
        for name, plain in path.unsaid.items():
            assert str(defaults[name]).lower().encode() == plain, word
            assert name not in ask((word.encode(), *needed, name.encode(), plain)).said
            with pytest.raises(NotOverHttp):
                ask((word.encode(), *needed, name.encode(), b"1"))
