"""What the tests of the settings share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.loading import Loaded, load
from config.mistakes import Mistake, SettingsError

Load = Callable[..., Loaded]
Wrong = Callable[..., list[Mistake]]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Settings from the text of one file."""

    def loaded(text: str | bytes, **variables: str) -> Loaded:
        path = tmp_path / "config.yml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load([path], variables)

    return loaded


@pytest.fixture
def mistakes_of(load_text: Load, tmp_path: Path) -> Wrong:
    """What is wrong with the text of one file; the places are told without its folder."""

    def found(text: str | bytes, **variables: str) -> list[Mistake]:
        with pytest.raises(SettingsError) as caught:
            load_text(text, **variables)
        return [
            Mistake(each.path, each.problem, each.place.replace(f"{tmp_path}/", ""))
            for each in caught.value.mistakes
        ]

    return found
