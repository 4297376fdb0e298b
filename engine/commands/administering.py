"""Commands of administrators: users, groups, tokens, the audit log, copies of the store.

They speak of what is added by command; what stands in the settings file is changed there.
"""

from typing import Annotated, Final, Literal

from attrs import field, frozen
from msgspec import Meta, Struct

from engine.access import Right
from engine.commands.fields import Instant, Limit, Name, Seconds
from engine.commands.table import Route, command

RightName = Literal["publish", "work", "read", "manage"]
RIGHT_NAMES: Final[tuple[RightName, ...]] = ("publish", "work", "read", "manage")
Rights = Annotated[tuple[RightName, ...], Meta(min_length=1, max_length=len(RIGHT_NAMES))]
Password = Annotated[str, Meta(min_length=1, max_length=512)]
FileName = Annotated[str, Meta(min_length=1, max_length=100)]
"""Letters, digits, dots, dashes and underscores, the first one a letter or a digit."""
Word = Annotated[str, Meta(min_length=1, max_length=50)]
"""Of a command, as in `DROP_USER`."""
TOKEN_LIFETIME: Final = 90 * 86_400.0
"""Seconds a token lives, when nothing else is said."""


class Grant(Struct, frozen=True, forbid_unknown_fields=True):
    """What a user may do in one group; all four rights, unless fewer are named."""

    group: Name
    rights: Rights = RIGHT_NAMES


Grants = Annotated[tuple[Grant, ...], Meta(max_length=1_000)]


@command("ADD_USER", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class AddUser:
    """Let somebody log in; the store keeps the password hashed."""

    name: Name
    password: Password = field(repr=False)
    groups: Grants = ()
    admin: bool = False
    """Every right in every group, and these commands."""


@command("CHANGE_USER", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class ChangeUser:
    """Change the password or the rights of a user. None leaves as it is."""

    name: Name
    password: Password | None = field(default=None, repr=False)
    groups: Grants | None = None
    """In place of all that the user had."""
    admin: bool | None = None


@command("DROP_USER", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class DropUser:
    """Let a user log in no more; open sessions are closed."""

    name: Name


@command("USERS", Right.ADMIN, Route.SERVER)
@frozen
class ListUsers:
    """Show who may log in, those of the settings file too."""


@command("ADD_GROUP", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class AddGroup:
    """Make a group."""

    name: Name


@command("DROP_GROUP", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class DropGroup:
    """Remove a group that has no queues, and in which nobody added by command has rights."""

    name: Name


@command("GROUPS", Right.ADMIN, Route.SERVER)
@frozen
class ListGroups:
    """Show every group, those of the settings file too."""


@command("ADD_TOKEN", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class AddToken:
    """Make a token for one group; the answer shows it, and nothing ever again."""

    name: Name
    group: Name
    rights: Rights = RIGHT_NAMES
    ends_at: Instant | None = None
    lifetime: Seconds | None = None
    """Instead of the end: seconds from now. Neither: 90 days."""


@command("DROP_TOKEN", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class DropToken:
    """End a token; open sessions are closed."""

    name: Name


@command("TOKENS", Right.ADMIN, Route.SERVER)
@frozen
class ListTokens:
    """Show every token, without what is secret."""


@command("AUDIT", Right.ADMIN, Route.SERVER)
@frozen
class Audit:
    """Show who changed accounts or took queues away, a page at a time, oldest first or newest."""

    after: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    """Cursor: the number the page before ended with."""
    limit: Limit = 100
    newest: bool = False
    """Newest first."""
    who: Name | None = None
    """Only what that user or token did."""
    word: Word | None = None
    """Only commands of that word."""


@command("BACKUP", Right.ADMIN, Route.SERVER, audited=True)
@frozen
class Backup:
    """Copy the store into the folder `backups` beside it, while it goes on."""

    name: FileName
