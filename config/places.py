"""Where a server keeps its files."""

from pathlib import Path
from typing import Final

import platformdirs
from attrs import frozen

from config.settings import Settings

MEMORY: Final = "memory"
DATABASE: Final = "jobyard.db"


@frozen
class StorePlace:
    """The data folder and the database in it."""

    folder: Path
    database: Path


def store_place(settings: Settings) -> StorePlace | None:
    """Where the store is; None for the memory store.

    `store.path` names a folder, or a database file: what exists as a file is one, and so is a
    name with a suffix where nothing exists yet. None is the platform's folder for user data.
    """
    said = settings.store.path
    if said == MEMORY:
        return None
    if said is None:
        folder = platformdirs.user_data_path("jobyard", appauthor=False)
        return StorePlace(folder, folder / DATABASE)
    path = Path(said).expanduser()
    is_folder = path.is_dir() or said.endswith("/") or (not path.suffix and not path.is_file())
    return StorePlace(path, path / DATABASE) if is_folder else StorePlace(path.parent, path)
