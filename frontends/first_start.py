"""The administrator of a server whose settings name no user.

At the first start it gets a random password, shown once. The data folder keeps its hash, and
beside it the password itself for commands on this machine, each in a file that only the server's
user can read.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import field, frozen

from config.users import Account
from engine import passwords

NAME: Final = "admin"
HASH_FILE: Final = "admin.hash"
TOKEN_FILE: Final = "admin.token"  # noqa: S105 - the name of a file
_PRIVATE: Final = 0o600
_LONGEST: Final = 512
"""Bytes of either file."""


class FirstStartError(Exception):
    """The administrator can be neither read nor made; the message says what to do."""


@frozen
class Administrator:
    """The generated administrator."""

    account: Account
    password: str | None = field(default=None, repr=False)
    """Only at the start that made it."""
    folder: Path | None = None
    """Where its files lie; None: nowhere, it lives as long as the process."""

    def notice(self) -> tuple[str, ...]:
        """Lines for the person at the terminal."""
        if self.password is not None:
            kept = (
                "not kept" if self.folder is None else f"kept hashed in {self.folder / HASH_FILE}"
            )
            return (
                "No users are configured, so there is an administrator. This is shown once:",
                f"    user      {NAME}",
                f"    password  {self.password}",
                f"The password is {kept}.",
            )
        assert self.folder is not None
        path = self.folder / HASH_FILE
        return (
            f"No users are configured: log in as {NAME} with the password of the first start.",
            f"Its hash is in {path}; remove that file and start again for a new password.",
        )


def administrator(folder: Path | None, draw: Callable[[int], bytes]) -> Administrator:
    """Read the administrator, or make it.

    Args:
        folder: the data folder, which exists; None keeps nothing.
        draw: random bytes.

    Raises:
        FirstStartError: a file cannot be read or written, or holds something else.
    """
    if folder is None:
        return _made(None, draw)
    try:
        kept = _read(folder / HASH_FILE)
        return _made(folder, draw) if kept is None else Administrator(_account(kept), None, folder)
    except OSError as error:
        name = error.filename or folder
        raise FirstStartError(f"{name}: {error.strerror or error}") from None


def _account(password_hash: str) -> Account:
    return Account(NAME, password_hash=password_hash, admin=True)


def _made(folder: Path | None, draw: Callable[[int], bytes]) -> Administrator:
    password = passwords.draw_password(draw)
    password_hash = passwords.hash_password(password)
    if folder is not None:
        # The hash last: a start cut short in between begins anew.
        _write(folder / TOKEN_FILE, password)
        _write(folder / HASH_FILE, password_hash)
    return Administrator(_account(password_hash), password, folder)


def _read(path: Path) -> str | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - opened above without following links
        content = file.read(_LONGEST + 1)
    text = content.decode("ascii", errors="replace").strip()
    if len(content) > _LONGEST or not passwords.is_hash(text):
        raise FirstStartError(f"{path} holds no password hash; remove it to get a new password")
    return text


def _write(path: Path, text: str) -> None:
    """Put a file in place whole, on disk, and for this user only."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(new, flags, _PRIVATE), "wb") as file:  # noqa: PTH123 - mode and flags
        file.write(f"{text}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
