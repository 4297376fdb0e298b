"""The table of paths covers the table of commands, and every code has a status."""

from engine.commands import TABLE
from engine.replies import Code
from frontends.dialects.native_json_binding import command_fields
from frontends.http.native.table import EXCUSED, PATHS
from frontends.http.problems import STATUS


def test_every_command_has_a_path_or_a_reason() -> None:
    served = {kind for path in PATHS for kind in path.serves}
    assert served | EXCUSED.keys() == set(TABLE)
    assert not served & EXCUSED.keys()
    assert all(EXCUSED.values())


def test_every_path_gives_fields_of_its_class() -> None:
    for path in PATHS:
        names = {field.name for field in command_fields(path.kind)}
        said = {*path.in_path, *path.renamed.values(), *path.hidden, *path.defaults}
        assert said <= names, path.template
        required = {field.name for field in command_fields(path.kind) if field.required}
        assert not required & path.hidden


def test_every_code_has_a_status() -> None:
    assert {code.value for code in Code} <= STATUS.keys()
