"""Methods of administrators: users, groups, tokens, the audit log, copies of the store."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobyard.calls import changing
from jobyard.words import Call, anything, names, words

Rights = Sequence[str]
Groups = Sequence[str] | Mapping[str, Rights]
"""Groups with all rights in them, or for each the rights: `{"shop": ["read"]}`."""


def users() -> Call[Any]:
    """Who may log in, those of the settings file too."""
    return Call(words("USERS"), anything)


def add_user(name: str, password: str, groups: Groups = (), *, admin: bool = False) -> Call[None]:
    """Let somebody log in."""
    return changing("ADD_USER", name, password, groups=_grants(groups), admin=admin)


def change_user(
    name: str,
    *,
    password: str | None = None,
    groups: Groups | None = None,
    admin: bool | None = None,
) -> Call[None]:
    """Change the password or the rights of a user; what is not said stays."""
    grants = None if groups is None else _grants(groups)
    return changing("CHANGE_USER", name, password=password, groups=grants, admin=admin)


def drop_user(name: str) -> Call[None]:
    """Let a user log in no more."""
    return changing("DROP_USER", name)


def groups() -> Call[Any]:
    """Every group, those of the settings file too."""
    return Call(words("GROUPS"), anything)


def add_group(name: str) -> Call[None]:
    """Make a group."""
    return changing("ADD_GROUP", name)


def drop_group(name: str) -> Call[None]:
    """Remove a group that has no queues, and in which nobody has rights."""
    return changing("DROP_GROUP", name)


def tokens() -> Call[Any]:
    """Every token, without what is secret."""
    return Call(words("TOKENS"), anything)


def add_token(
    name: str,
    group: str,
    rights: Rights = (),
    *,
    ends_at: float | None = None,
    lifetime: float | None = None,
) -> Call[Any]:
    """Make a token for one group, with all rights unless some are said; shown this once."""
    named = words(
        "ADD_TOKEN", name, group, rights=names(rights), ends_at=ends_at, lifetime=lifetime
    )
    return Call(named, anything, repeatable=False)


def drop_token(name: str) -> Call[None]:
    """End a token."""
    return changing("DROP_TOKEN", name)


def audit(
    after: int = 0,
    limit: int = 100,
    *,
    newest: bool = False,
    who: str | None = None,
    word: str | None = None,
) -> Call[Any]:
    """Who changed accounts or took queues away, a page at a time; oldest first unless `newest`."""
    named = words("AUDIT", after=after, limit=limit, newest=newest or None, who=who, word=word)
    return Call(named, anything)


def backup(name: str) -> Call[Any]:
    """Copy the store into the folder `backups` beside it, on the server's machine."""
    return Call(words("BACKUP", name), anything, repeatable=False)


def _grants(groups: Groups) -> list[dict[str, object]]:
    if isinstance(groups, Mapping):
        return [{"group": group, "rights": names(rights) or []} for group, rights in groups.items()]
    return [{"group": group} for group in names(groups) or []]
