"""Passwords as hashes. Everything here computes for long and belongs in a thread.

argon2id with OWASP's figures: 19 MiB, two passes, one lane. Pure but for the salt, which argon2
draws by itself.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

DRAWN_BYTES: Final = 20
TOKEN_ID: Final = 8
"""Signs of five bits each."""
TOKEN_SECRET: Final = 26
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs that nobody takes for one another."""

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

DUMMY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$46KXSi58FK2T+aS3ZARxrQ$Ql5hcdo1Gs2qokT6mKdiZADycXC6p9JxvwKq28Oz3MI"
)
"""A hash of nobody's password: checking it costs what checking a real one costs."""


def hash_password(password: str) -> str:
    """A hash to be kept; blocks for tens of milliseconds."""
    return _HASHER.hash(_bytes(password))


def verify(password_hash: str, password: str) -> bool:
    """Whether this is the password; blocks as long whether it is or not."""
    try:
        return _HASHER.verify(password_hash, _bytes(password))
    except (Argon2Error, ValueError):
        return False


def is_hash(text: str) -> bool:
    """Whether this is an argon2id hash."""
    try:
        return extract_parameters(text).type is Type.ID
    except (InvalidHashError, UnicodeError):
        return False


def keyed(key: bytes, name: str, password: str) -> bytes:
    """A quick fingerprint of a name and its password, worthless without the key."""
    return blake2b(_bytes(f"{len(name)}:{name}{password}"), key=key, digest_size=32).digest()


def draw_password(draw: Callable[[int], bytes]) -> str:
    """A new password of 100 random bits, in groups of five for the eye."""
    signs = [_ALPHABET[byte % 32] for byte in draw(DRAWN_BYTES)]
    return "-".join("".join(signs[at : at + 5]) for at in range(0, DRAWN_BYTES, 5))


def draw_token(draw: Callable[[int], bytes]) -> str:
    """A new token: `jy_<id>_<secret>`, 40 random bits that name it and 130 that prove it."""
    which, secret = (
        "".join(_ALPHABET[byte % 32] for byte in draw(size)) for size in (TOKEN_ID, TOKEN_SECRET)
    )
    return f"jy_{which}_{secret}"


def _bytes(password: str) -> bytes:
    """Any text, lone surrogates too, as bytes: a strange password is wrong, not a crash."""
    return password.encode(errors="surrogatepass")
