"""Answers about users, groups, tokens, the audit log and copies of the store."""

from attrs import field, frozen


@frozen
class GrantView:
    """What somebody may do in one group."""

    group: str
    rights: tuple[str, ...]


@frozen
class UserView:
    """Somebody who may log in."""

    name: str
    groups: tuple[GrantView, ...]
    admin: bool
    settings: bool
    """It stands in the settings file, and no command changes it."""


@frozen
class Users:
    """Everybody who may log in with a password, by name."""

    users: tuple[UserView, ...]


@frozen
class GroupView:
    """One group."""

    name: str
    settings: bool


@frozen
class Groups:
    """Every group: first those of the settings in their order, then the others by name."""

    groups: tuple[GroupView, ...]


@frozen
class TokenView:
    """One token, without what is secret. Times are unix seconds."""

    name: str
    group: str
    rights: tuple[str, ...]
    created_at: float
    ends_at: float


@frozen
class Tokens:
    """Every token, by name; also those that have ended."""

    tokens: tuple[TokenView, ...]


@frozen
class TokenMade:
    """A new token. Shown this once."""

    name: str
    token: str = field(repr=False)
    ends_at: float


@frozen
class AuditEntry:
    """One thing that somebody did."""

    number: int
    at: float
    who: str
    group: str
    """In which that user was; empty: in none."""
    word: str
    target: str
    """The queue, user, group, token or file it was about."""
    outcome: str
    """`ok`, or the code of the refusal."""


@frozen
class AuditEntries:
    """A page of the audit log; `next` continues it, None: that was all."""

    entries: tuple[AuditEntry, ...]
    next: int | None = None


@frozen
class BackedUp:
    """A copy of the store was made and checked."""

    path: str
    bytes: int
    jobs: int


AccountReply = Users | Groups | Tokens | TokenMade | AuditEntries | BackedUp
