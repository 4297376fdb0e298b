"""A store path that names a database of the original JobEngine: refused, and left as it is."""

from pathlib import Path
from typing import Final

from engine.store.key import key_path
from engine.store.protocol import StoreError
from frontends.dialects.jobengine_file import LONGEST, FileError, read

_ENDINGS: Final = frozenset({".jedb", ".queuedb"})


class OriginalStore(StoreError):
    """The file is another program's; the message says how to take it over."""

    code = "original-file"


def refuse_original(database: Path, secret: str | None) -> None:
    """Let pass what is not there, and what has a key beside it.

    Raises:
        OriginalStore: it is a database of the original, as far as can be told.
    """
    try:
        if key_path(database).exists() or not database.is_file():
            return
        with database.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError:
        return  # opening it as a store says why
    if _is_original(content, secret) or (content and database.suffix in _ENDINGS):
        raise OriginalStore(
            f"{database} is a database of the original JobEngine and was not touched: name another"
            f" place for the store, and take its jobs over with `jobyard import {database}`"
        )


def _is_original(content: bytes, secret: str | None) -> bool:
    if secret is None:
        return False
    try:
        read(content, secret)
    except FileError:
        return False
    return True
