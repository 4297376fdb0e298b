"""Rights of those added by command: by name, as flags, and as principals."""

from collections.abc import Iterable

from engine.access import MEMBER, Principal, Right
from engine.account_rows import StoredToken, StoredUser
from engine.commands.administering import RIGHT_NAMES, RightName


def principal_of(stored: StoredUser | StoredToken) -> Principal:
    """Whom the engine knows it as."""
    if isinstance(stored, StoredUser):
        return Principal(stored.name, stored.groups, stored.admin)
    return Principal(stored.name, {stored.group: stored.rights})


def rights_of(names: Iterable[RightName]) -> Right:
    """Rights by their names."""
    rights = Right(0)
    for name in names:
        rights |= Right[name.upper()]
    return rights


def names_of(rights: Right) -> tuple[RightName, ...]:
    """The names of rights, in their order."""
    return tuple(name for name in RIGHT_NAMES if rights & MEMBER & Right[name.upper()])
