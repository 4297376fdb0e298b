"""What `jobyard backup` and `jobyard rekey` do to the files of a store, on the server's machine.

Whoever may read the store and its key file may do this; no server is asked. A server that is asked
for a copy makes it here too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import trio
from attrs import evolve, frozen

from config.places import store_place
from config.settings import Settings
from engine.account_replies import BackedUp
from engine.directory import CopyStore
from engine.store.backup import copy_store
from engine.store.errors import StoreError
from engine.store.rekey import change_data_key, change_secret
from frontends.engine_settings import store_options

BACKUPS: Final = "backups"


class CareError(Exception):
    """It was not done; the message says why."""


@frozen
class Copy:
    """A copy that was made."""

    database: Path
    size: int
    """Bytes."""


def backup(settings: Settings, target: str) -> Copy:
    """Copy the store to `target`, which is read as `store.path` is: a folder or a database file.

    Raises:
        CareError: no copy was made.
    """
    place = store_place(evolve(settings, store=evolve(settings.store, path=target)))
    if place is None:
        raise CareError("a copy is kept on disk, not in memory: ./memory is a folder of that name")
    with _sentences():
        made = copy_store(
            _database(settings), place.database, _secret(settings), store_options(settings)
        )
    return Copy(place.database, made.size)


def copier(settings: Settings) -> CopyStore | None:
    """What copies the store into the folder `backups` beside it, while its server runs.

    None: it is in memory. The copy is made in a thread, which nobody waits for at the end.
    """
    place = store_place(settings)
    if place is None:
        return None
    database, folder = place.database, place.folder / BACKUPS

    async def copy(name: str) -> BackedUp:
        return await trio.to_thread.run_sync(
            partial(_copied, settings, database, folder / name), abandon_on_cancel=True
        )

    return copy


def _copied(settings: Settings, database: Path, target: Path) -> BackedUp:
    try:
        made = copy_store(database, target, _secret(settings), store_options(settings), beside=True)
    except (CareError, OSError) as error:
        raise StoreError(str(error)) from error
    return BackedUp(str(target), made.size, made.jobs)


def rewrap(settings: Settings, new_secret: str | None) -> None:
    """Wrap the key of the store by a new secret, or by none; no server may have it open.

    Raises:
        CareError: nothing was changed.
    """
    with _sentences():
        change_secret(_database(settings), _secret(settings), new_secret, store_options(settings))


def encrypt_anew(settings: Settings) -> None:
    """Change the key of the store itself; no server may have it open.

    Raises:
        CareError: as it says; the store opens as before, or under its new key.
    """
    with _sentences():
        change_data_key(_database(settings), _secret(settings), store_options(settings))


def _database(settings: Settings) -> Path:
    place = store_place(settings)
    if place is None:
        raise CareError("the store is in memory: there are no files of it")
    return place.database


def _secret(settings: Settings) -> str | None:
    if settings.secret_file is None:
        return settings.secret
    try:
        return Path(settings.secret_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CareError(f"secret_file: {error}") from None


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise CareError(f"{error.code}: {error}") from error
    except OSError as error:
        raise CareError(f"{error.filename}: {error.strerror}") from error
