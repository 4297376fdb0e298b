"""What may be a name, and rights by their names."""

from itertools import combinations

import pytest

from engine.commands.administering import RIGHT_NAMES, RightName
from engine.commands.fields import NAME_MAX, is_name
from engine.grants import names_of, rights_of

SOME = [some for count in range(4) for some in combinations(RIGHT_NAMES, count)]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a", True), ("é \u4e2d", True), ("a" * NAME_MAX, True), ("a" * (NAME_MAX + 1), False),
        ("", False), ("a\n", False), ("\x00", False), ("a\udcff", False),
    ],
)  # fmt: skip
def test_a_name_is_short_and_can_be_printed(text: str, fits: bool) -> None:
    assert is_name(text) is fits


@pytest.mark.parametrize("names", SOME, ids=" ".join)
def test_rights_keep_their_names(names: tuple[RightName, ...]) -> None:
    assert names_of(rights_of(reversed(names))) == names
