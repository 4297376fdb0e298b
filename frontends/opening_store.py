"""Opening the store that the settings name."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from config.places import StorePlace
from config.settings import Settings
from engine.store.open import open_store
from engine.store.protocol import Store
from frontends.engine_settings import store_options
from frontends.listeners import StartError
from frontends.original_store import refuse_original


def opened_store(
    settings: Settings, place: StorePlace | None
) -> AbstractAsyncContextManager[Store]:
    """The store at its place, in a folder of the server's user alone; None: one in memory.

    Raises:
        StartError: the folder cannot be made, or the secret cannot be read.
        StoreError: the file is another program's; entering it raises what the store refuses.
    """
    secret = _secret(settings)
    if place is not None:
        _make_private(place.folder)
        refuse_original(place.database, secret)
    return open_store(
        None if place is None else place.database,
        secret=secret,
        options=store_options(settings),
        writer="child" if settings.store.writer == "process" else "thread",
    )


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"store.path: cannot make {folder}: {error.strerror}") from None


def _secret(settings: Settings) -> str | None:
    if settings.secret_file is None:
        return settings.secret
    try:
        return Path(settings.secret_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"secret_file: {error}") from None
