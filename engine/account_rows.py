"""Users, groups, tokens and audit entries as rows and back.

A field added at the end reads old rows.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from attrs import field, frozen
from msgspec import Struct

from engine.access import MEMBER, Right
from engine.account_replies import AuditEntry
from engine.store.tables import Row

USER: Final = "user:"
GROUP: Final = "group:"
TOKEN: Final = "token:"  # noqa: S105 - what keys of rows begin with

_encode = msgspec.msgpack.Encoder().encode


@frozen
class StoredUser:
    """A user added by command."""

    name: str
    password_hash: str = field(repr=False)
    groups: Mapping[str, Right]
    admin: bool
    created_at: float


@frozen
class StoredToken:
    """A token; what it is compared by, not what it is."""

    name: str
    id: str
    """The part of the token that says which one it is."""
    fingerprint: bytes = field(repr=False)
    group: str
    rights: Right
    created_at: float
    ends_at: float


@frozen
class StoredGroup:
    """A group added by command."""

    name: str
    created_at: float


Stored = StoredUser | StoredToken | StoredGroup


class _User(Struct, array_like=True):
    password_hash: str
    groups: dict[str, int]
    admin: bool
    created_at: float


class _Token(Struct, array_like=True):
    id: str
    fingerprint: bytes
    group: str
    rights: int
    created_at: float
    ends_at: float


class _Group(Struct, array_like=True):
    created_at: float


class _Entry(Struct, array_like=True):
    who: str
    group: str
    word: str
    target: str
    outcome: str


def key_of(stored: Stored) -> str:
    """The key of its row."""
    match stored:
        case StoredUser():
            return USER + stored.name
        case StoredToken():
            return TOKEN + stored.name
        case StoredGroup():
            return GROUP + stored.name


def row_of(stored: Stored) -> Row:
    """It as a row."""
    packed: _User | _Token | _Group
    match stored:
        case StoredUser(_, password_hash, groups, admin, created_at):
            numbers = {group: int(rights) for group, rights in groups.items()}
            packed = _User(password_hash, numbers, admin, created_at)
        case StoredToken(_, id_, fingerprint, group, rights, created_at, ends_at):
            packed = _Token(id_, fingerprint, group, int(rights), created_at, ends_at)
        case StoredGroup():
            packed = _Group(stored.created_at)
    return key_of(stored), _encode(packed)


def stored_of(row: Row) -> Stored:
    """What a row keeps."""
    key, more = row
    assert isinstance(key, str)
    assert isinstance(more, bytes)
    kind, _, name = key.partition(":")
    match f"{kind}:":
        case "user:":
            user = msgspec.msgpack.decode(more, type=_User)
            rights = {group: Right(number) & MEMBER for group, number in user.groups.items()}
            return StoredUser(name, user.password_hash, rights, user.admin, user.created_at)
        case "token:":
            found = msgspec.msgpack.decode(more, type=_Token)
            return StoredToken(
                name, found.id, found.fingerprint, found.group, Right(found.rights) & MEMBER,
                found.created_at, found.ends_at,
            )  # fmt: skip
        case _:
            assert kind == "group"
            return StoredGroup(name, msgspec.msgpack.decode(more, type=_Group).created_at)


def entry_row(entry: AuditEntry) -> Row:
    """An audit entry as a row."""
    packed = _Entry(entry.who, entry.group, entry.word, entry.target, entry.outcome)
    return entry.number, entry.at, _encode(packed)


def entry_of(row: Row) -> AuditEntry:
    """The audit entry that a row keeps."""
    number, at, more = row
    assert isinstance(number, int)
    assert isinstance(at, float)
    assert isinstance(more, bytes)
    entry = msgspec.msgpack.decode(more, type=_Entry)
    return AuditEntry(number, at, entry.who, entry.group, entry.word, entry.target, entry.outcome)
