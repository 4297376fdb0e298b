"""Where a server keeps its files."""

from pathlib import Path

import pytest
from attrs import evolve

from config.places import StorePlace, store_place
from config.sections import Store
from config.settings import Settings


def place(path: str | None) -> StorePlace | None:
    return store_place(evolve(Settings(), store=Store(path=path)))


def test_memory_is_nowhere() -> None:
    assert place("memory") is None


def test_nothing_said_is_the_platforms_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/var/somewhere")
    found = place(None)
    assert found is not None
    assert found.database == found.folder / "jobyard.db"
    assert found.folder.name == "jobyard"


@pytest.mark.parametrize("name", ["new", "new/", "new.d/", "there.d"])
def test_a_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.d").mkdir()
    folder = tmp_path / name.rstrip("/")
    assert place(f"{tmp_path}/{name}") == StorePlace(folder, folder / "jobyard.db")


@pytest.mark.parametrize("name", ["new.db", "there"])
def test_a_database_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").touch()
    assert place(f"{tmp_path}/{name}") == StorePlace(tmp_path, tmp_path / name)


def test_the_home_folder_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert place("~/jobs") == StorePlace(Path("/home/ada/jobs"), Path("/home/ada/jobs/jobyard.db"))
