"""Files that mean harm, and files that are merely odd."""

from pathlib import Path

import pytest

from config import yaml_file
from config.loading import load
from config.mistakes import SettingsError
from config.tree import Items, Scalar, Tree
from tests.config.conftest import Load, Wrong


def nest(depth: int) -> str:
    return "groups: " + "[" * depth + "]" * depth


def laugh(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        names = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{names}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"host: \xff", "expected UTF-8, byte 6 is not"),
        (b"host: a\x00b", "is no YAML"),
        (b"host: [", "is no YAML"),
        (b"host: 'a", "is no YAML"),
        (b"\tport: 1", "is no YAML"),
        (b"port: 1\n--- \nport: 2", "expected one document"),
        (b"- a\n- b\n", "expected a mapping, got a list"),
        (b"just words", "expected a mapping, got 'just words'"),
        (b"host: !!python/object/apply:os.system [id]", "expected no tag"),
        (b"groups: !!set {a}", "expected no tag"),
        (b"? [a]\n: b", "expected a key"),
        (b"host: *nobody", "expected an alias of something"),
        (b"groups: &a [*a]", "expected an alias of something"),
        (nest(17).encode(), "expected at most 16 levels"),
        (nest(200_000).encode(), "expected at most 16 levels"),
        (("{a: " * 5000).encode(), "expected at most 16 levels"),
        (("- " * 5000).encode(), "expected at most 16 levels"),
        (laugh(9).encode(), "expected at most 1000000 values"),
        (b"#" * (16 * 1024 * 1024 + 1), "expected at most 16777216 bytes"),
    ],
    ids=lambda value: ascii(value[:20]) if isinstance(value, bytes) else None,
)  # fmt: skip
def test_a_hostile_file_is_one_mistake(mistakes_of: Wrong, text: bytes, problem: str) -> None:
    (mistake,) = mistakes_of(text)
    assert mistake.problem.startswith(problem)
    assert mistake.path == ""
    assert mistake.place.startswith("config.yml")


def test_keys_that_stand_twice_are_all_told(mistakes_of: Wrong) -> None:
    text = "port: 1\nlines: {retry: 1, retry: 2}\nport: 2\nusers: [{username: a, username: b}]\n"
    found = [(each.path, each.problem, each.place) for each in mistakes_of(text)]
    twice = "stands here twice"
    assert found[:3] == [
        ("lines.retry", twice, "config.yml:2"),
        ("port", twice, "config.yml:3"),
        ("users[0].username", twice, "config.yml:4"),
    ]


def test_aliases_within_the_bound_are_read(load_text: Load) -> None:
    text = "groups: &g [a, b]\nusers: [{username: a, password: x, groups: *g}]"
    (user,) = load_text(text).settings.users
    assert [grant.slug for grant in user.groups] == ["a", "b"]


def test_a_byte_order_mark_and_windows_lines_are_read(load_text: Load) -> None:
    assert load_text(b"\xef\xbb\xbfport: 1\r\nhost: 127.0.0.1\r\n").settings.port == 1


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc80\\ud800"])
def test_lone_surrogates_do_not_get_in(mistakes_of: Wrong, escape: str) -> None:
    (mistake,) = mistakes_of(f'groups: ["{escape}"]')
    assert mistake.place == "config.yml:1"


def test_the_tree_holds_text_and_lines() -> None:
    root = yaml_file.parse(b"a: 1\nb: ['2',\n x]\n", "f").root
    assert root == Tree(
        {
            "a": Scalar("1", "f:1"),
            "b": Items([Scalar("2", "f:2", plain=False), Scalar("x", "f:3")], "f:2"),
        },
        "f:1",
    )


@pytest.mark.parametrize("name", ["absent.yml", ".", "a\x00b", "x" * 300, "line\nbreak"])
def test_what_cannot_be_read_is_a_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load([tmp_path / name])
    (mistake,) = caught.value.mistakes
    assert mistake.problem.startswith("cannot be read: ")
    assert str(mistake).isprintable()
