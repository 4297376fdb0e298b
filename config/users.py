"""Users and groups as settings say them, and the plain accounts that front-ends work with."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from attrs import field, frozen

from config.bounds import Name, Password, PasswordHash, RightName

RIGHTS: Final[tuple[RightName, ...]] = get_args(RightName)
EVERY_GROUP: Final = "*"


@frozen
class Group:
    """A group: `mail` or `{slug: mail}`."""

    slug: Name


@frozen
class Grant:
    """What a user may do in one group: `mail` (everything) or `{slug: mail, rights: [read]}`."""

    slug: Name
    rights: tuple[RightName, ...] = RIGHTS

    def problem(self) -> str | None:
        """What cannot be meant, if anything."""
        if self.slug == EVERY_GROUP and set(self.rights) != set(RIGHTS):
            return "`*` is administrator and cannot have fewer rights"
        return None if self.rights else "expected at least one right"


@frozen
class User:
    """Somebody who may log in. Exactly one of `password` and `password_hash` is there."""

    username: Name
    password: Password | None = field(default=None, repr=False)
    password_hash: PasswordHash | None = field(default=None, repr=False)
    groups: tuple[Grant, ...] = ()

    def problem(self) -> str | None:
        """What cannot be meant, if anything."""
        if self.password is None and self.password_hash is None:
            return "expected `password` or `password_hash`, got neither"
        if self.password is not None and self.password_hash is not None:
            return "expected `password` or `password_hash`, got both"
        return None


@frozen
class Account:
    """A user as plain values, whatever it came from."""

    name: str
    password: str | None = field(default=None, repr=False)
    """As it is typed (legacy files), or None."""
    password_hash: str | None = field(default=None, repr=False)
    """argon2id, or None."""
    rights: Mapping[str, frozenset[RightName]] = field(factory=dict[str, frozenset[RightName]])
    """Group -> rights there."""
    admin: bool = False
    """Every right in every group, and the server's own commands."""


def account(user: User) -> Account:
    """One user as plain values; two grants of one group add up."""
    rights: dict[str, frozenset[RightName]] = {}
    for grant in user.groups:
        if grant.slug != EVERY_GROUP:
            rights[grant.slug] = rights.get(grant.slug, frozenset()) | frozenset(grant.rights)
    admin = any(grant.slug == EVERY_GROUP for grant in user.groups)
    return Account(user.username, user.password, user.password_hash, rights, admin)


def accounts(users: Sequence[User]) -> tuple[Account, ...]:
    """All of them, in order."""
    return tuple(account(user) for user in users)
