"""The key of a store: 32 random bytes in a small file beside the database.

The file is JSON, mode 0600. Unwrapped it holds the key itself, guarded by file permissions only.
Wrapped it holds the key sealed with ChaCha20-Poly1305 under argon2id of a passphrase, so that
changing the passphrase rewrites this file and not the database.
"""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from engine.store.errors import DamagedFile, WrongKey

KEY_BYTES = 32
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 1
ENVELOPE = b"jobyard data key, version 1"
"""Bound into every wrapped key, so that nothing else sealed by the same means passes for one."""


_UNFINISHED = re.compile(r"\.[0-9a-f]{8}")


class DataKey:
    """The raw key; it does not show itself."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")
        self.raw = raw

    def __repr__(self) -> str:
        return "DataKey(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("a data key is not to be pickled")


class _Plain(msgspec.Struct, frozen=True, tag="plain", tag_field="kind"):
    version: Literal[1]
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]

    def __repr__(self) -> str:
        return "_Plain(hidden)"


class _Wrapped(msgspec.Struct, frozen=True, tag="argon2id", tag_field="kind"):
    version: Literal[1]
    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
    sealed: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES + 16, max_length=KEY_BYTES + 16)]
    memory: Annotated[int, msgspec.Meta(ge=8, le=1024 * 1024)]
    passes: Annotated[int, msgspec.Meta(ge=1, le=64)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)]


def key_path(database: Path) -> Path:
    """Where the key of a database is."""
    return database.with_name(database.name + ".key")


def next_path(database: Path) -> Path:
    """Where the key that is to follow is, while the data key is being changed."""
    return database.with_name(database.name + ".key.next")


def open_key(database: Path, secret: str | None, warn: Callable[[str], None]) -> DataKey:
    """The key of the store at `database`; made, wrapped if there is a secret, for a new store.

    An empty secret is none.

    Raises:
        WrongKey: the key file is missing, or is wrapped and the secret is missing or wrong.
        DamagedFile: the key file cannot be read as one.
    """
    path = key_path(database)
    if not path.exists():
        if database.exists():
            raise WrongKey(f"{path} is missing: without it {database} cannot be opened")
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = DataKey(secrets.token_bytes(KEY_BYTES))
        _create(path, _wrap(fresh, secret) if secret else _Plain(1, fresh.raw))
    if path.stat().st_mode & 0o077:
        warn(f"{path} can be read by other users: chmod 600 it")
    record = _read(path)
    if isinstance(record, _Wrapped):
        if not secret:
            raise WrongKey(f"{path} is wrapped by a secret: set JOBYARD_SECRET (or SECRET)")
        return _unwrap(record, secret, path)
    if secret:
        warn(
            f"{path} is not wrapped, so the secret is not used: "
            "wrap it with `jobyard rekey` or unset the secret"
        )
    return DataKey(record.key)


def rewrap(database: Path, secret: str | None, new_secret: str | None) -> None:
    """Wrap the key of a store by another secret, or by none; the database is not touched.

    Raises:
        WrongKey, DamagedFile: as `open_key`.
    """
    path = key_path(database)
    key = open_key(database, secret, lambda _sentence: None)
    _replace(path, _wrap(key, new_secret) if new_secret else _Plain(1, key.raw))


def is_wrapped(database: Path) -> bool:
    """Whether the key of an existing store needs a secret.

    Raises:
        WrongKey, DamagedFile: there is no key file, or it cannot be read as one.
    """
    path = key_path(database)
    if not path.exists():
        raise WrongKey(f"{path} is missing: without it {database} cannot be opened")
    return isinstance(_read(path), _Wrapped)


def stage_next(database: Path, secret: str | None) -> DataKey:
    """Make the key that is to follow, wrapped as the present one is, beside it.

    Raises:
        WrongKey, DamagedFile: as `open_key`.
    """
    open_key(database, secret, lambda _sentence: None)
    fresh = DataKey(secrets.token_bytes(KEY_BYTES))
    record = _wrap(fresh, secret) if secret and is_wrapped(database) else _Plain(1, fresh.raw)
    _replace(next_path(database), record)
    return fresh


def open_next(database: Path, secret: str | None) -> DataKey:
    """The key that is to follow.

    Raises:
        WrongKey, DamagedFile: as `open_key`.
    """
    path = next_path(database)
    record = _read(path)
    if isinstance(record, _Plain):
        return DataKey(record.key)
    if not secret:
        raise WrongKey(f"{path} is wrapped by a secret: set JOBYARD_SECRET (or SECRET)")
    return _unwrap(record, secret, path)


def adopt_next(database: Path) -> None:
    """Make it the present key."""
    next_path(database).rename(key_path(database))
    _sync(database.parent)


def drop_next(database: Path) -> None:
    """Forget it."""
    next_path(database).unlink()
    _sync(database.parent)


def sweep(database: Path) -> None:
    """Remove key files whose writing a kill cut short; nobody may be making the store now."""
    path = key_path(database)
    for found in database.parent.iterdir():
        if found.name.startswith(path.name) and _UNFINISHED.fullmatch(found.name, len(path.name)):
            found.unlink()


def _wrap(key: DataKey, secret: str) -> _Wrapped:
    from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 -- 50 ms for those who wrap
        ChaCha20Poly1305,
    )

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    blank = _Wrapped(1, salt, nonce, b"", MEMORY_KIB, PASSES, LANES)
    sealed = ChaCha20Poly1305(_derive(blank, secret)).encrypt(nonce, key.raw, ENVELOPE)
    return msgspec.structs.replace(blank, sealed=sealed)


def _unwrap(record: _Wrapped, secret: str, path: Path) -> DataKey:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 -- 50 ms for those who wrap
    from cryptography.hazmat.primitives.ciphers.aead import (  # noqa: PLC0415 -- the same
        ChaCha20Poly1305,
    )

    cipher = ChaCha20Poly1305(_derive(record, secret))
    try:
        return DataKey(cipher.decrypt(record.nonce, record.sealed, ENVELOPE))
    except InvalidTag:
        raise WrongKey(f"the secret does not open {path}") from None


def _derive(record: _Wrapped, secret: str) -> bytes:
    from argon2.low_level import Type, hash_secret_raw  # noqa: PLC0415 -- 45 ms for those who wrap

    return hash_secret_raw(
        secret.encode("utf-8", "surrogateescape"),
        record.salt,
        time_cost=record.passes,
        memory_cost=record.memory,
        parallelism=record.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _read(path: Path) -> _Plain | _Wrapped:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Plain | _Wrapped)
    except (msgspec.DecodeError, RecursionError):
        raise DamagedFile(f"{path} is not a key file of this program") from None


def _create(path: Path, record: _Plain | _Wrapped) -> None:
    """Make the file, whole or not at all; another server that was faster wins."""
    new = _written(path, record)
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
    _sync(path.parent)


def _replace(path: Path, record: _Plain | _Wrapped) -> None:
    _written(path, record).rename(path)
    _sync(path.parent)


def _written(path: Path, record: _Plain | _Wrapped) -> Path:
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(record) + b"\n")
        file.flush()
        os.fsync(descriptor)
    return new


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
