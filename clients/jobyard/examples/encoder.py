"""A password as a hash to keep: bcrypt where it is installed, else argon2, which always is."""

from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from argon2 import PasswordHasher

bcrypt: Any = None
with suppress(ModuleNotFoundError):  # it is no dependency of ours
    bcrypt = import_module("bcrypt")

BCRYPT_MAX: Final = 72
"""Bytes that bcrypt reads; a longer password is refused rather than cut."""


def encode(password: str) -> str:
    """A salted hash, each time another one; its first characters say of which kind.

    Raises:
        ValueError: it is empty, or longer than the hash can tell apart.
    """
    if not password:
        raise ValueError("the password is empty")
    if bcrypt is None:
        return PasswordHasher().hash(password)
    if len(password.encode()) > BCRYPT_MAX:
        raise ValueError(f"bcrypt takes no more than {BCRYPT_MAX} bytes")
    return str(bcrypt.hashpw(password.encode(), bcrypt.gensalt()), "ascii")
