"""Users, groups and tokens added by command, as arithmetic.

Rule 1: nothing here waits, hashes or reads a clock; what takes long is done before and handed in.
Rule 2: `decide` is the only code that changes an account; a refusal changed nothing.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from attrs import evolve, field, frozen

from engine import commands as c
from engine.access import Principal, Right
from engine.account_replies import (
    GrantView,
    Groups,
    GroupView,
    TokenMade,
    Tokens,
    TokenView,
    Users,
    UserView,
)
from engine.account_rows import Stored, StoredGroup, StoredToken, StoredUser, key_of
from engine.commands.administering import TOKEN_LIFETIME
from engine.commands.fields import is_name
from engine.grants import names_of, principal_of, rights_of
from engine.replies import OK, Code, Refused, Reply

BOUND: Final = 10_000
"""Users, tokens and groups, of each so many."""
TOKEN_MAX: Final = 200
"""Characters of what may be a token."""

Change = (
    c.AddUser | c.ChangeUser | c.DropUser
    | c.AddGroup | c.DropGroup | c.AddToken | c.DropToken
)  # fmt: skip
CHANGES: Final = (
    c.AddUser, c.ChangeUser, c.DropUser, c.AddGroup, c.DropGroup, c.AddToken, c.DropToken
)  # fmt: skip
_S = TypeVar("_S", StoredUser, StoredToken, StoredGroup)


@frozen
class Drawn:
    """What a change is given that is not its own to make."""

    password_hash: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """A new one: `jy_<id>_<secret>`."""
    fingerprint: bytes = field(default=b"", repr=False)
    """Of that token."""


@frozen
class Decision:
    """The answer to a change, and the rows it leaves: key -> what is kept, None: nothing."""

    reply: Reply
    rows: Mapping[str, Stored | None] = field(factory=dict[str, Stored | None])


class _Refusal(Exception):
    """Leaves `decide` early."""

    def __init__(self, code: Code, detail: str = "") -> None:
        self.reply = Refused(code, detail)


class Accounts:
    """What was added by command, beside the names that the settings have."""

    def __init__(self, has_queues: Callable[[str], bool]) -> None:
        """`has_queues` says whether a group has any."""
        self.users: dict[str, StoredUser] = {}
        self.groups: dict[str, StoredGroup] = {}
        self.tokens: dict[str, StoredToken] = {}
        self._by_id: dict[str, StoredToken] = {}
        self._has_queues = has_queues
        self._configured: dict[str, Principal] = {}
        self._configured_groups: tuple[str, ...] = ()

    def configure(self, users: Iterable[Principal], groups: Collection[str]) -> None:
        """Take over who and what stands in the settings file now."""
        self._configured = {user.name: user for user in users}
        self._configured_groups = tuple(groups)

    def keep(self, stored: Stored) -> None:
        """Have it, in place of one of that name; it is on disk, or about to be."""
        match stored:
            case StoredUser():
                self.users[stored.name] = stored
            case StoredGroup():
                self.groups[stored.name] = stored
            case StoredToken():
                self.tokens[stored.name] = stored
                self._by_id[stored.id] = stored

    def all_groups(self) -> list[str]:
        """Every group: those of the settings in their order, then the others by name."""
        return list(dict.fromkeys((*self._configured_groups, *sorted(self.groups))))

    def principal_of_token(
        self, token: str, fingerprint: Callable[[str], bytes], now: float
    ) -> Principal | None:
        """Whose token this is; None: nobody's, or it has ended."""
        parts = token.split("_", 2) if len(token) <= TOKEN_MAX else []
        found = self._by_id.get(parts[1]) if len(parts) == 3 else None
        if found is None or not hmac.compare_digest(found.fingerprint, fingerprint(token)):
            return None
        return principal_of(found) if now < found.ends_at else None

    # -- changes -------------------------------------------------------------------------------

    def decide(self, command: Change, drawn: Drawn, now: float) -> Decision:
        """Make a change, or say why not; with nothing drawn, only whether it would be refused."""
        try:
            reply, rows = self._decided(command, drawn, now)
        except _Refusal as refusal:
            return Decision(refusal.reply)
        return Decision(reply, rows)

    def apply(self, decision: Decision) -> None:
        """Have what was decided."""
        for key, stored in decision.rows.items():
            if stored is not None:
                self.keep(stored)
                continue
            kind, _, name = key.partition(":")
            if kind == "user":
                del self.users[name]
            elif kind == "group":
                del self.groups[name]
            else:
                del self._by_id[self.tokens.pop(name).id]

    def _decided(
        self, command: Change, drawn: Drawn, now: float
    ) -> tuple[Reply, dict[str, Stored | None]]:
        match command:
            case c.AddUser(name, _, grants, admin):
                self._new_name(name, self.users)
                rights = self._rights(grants)
                return _kept(StoredUser(name, drawn.password_hash, rights, admin, now))
            case c.ChangeUser():
                return _kept(self._changed(command, drawn))
            case c.DropUser(name):
                return _dropped(self._stored(name, self.users, Code.UNKNOWN_USER))
            case c.AddGroup(name):
                if name == "*":
                    raise _Refusal(Code.INVALID_NAME, "`*` stands for every group")
                self._new_group(name)
                return _kept(StoredGroup(name, now))
            case c.DropGroup(name):
                return _dropped(self._unused_group(name))
            case c.AddToken():
                made = self._token(command, drawn, now)
                return TokenMade(made.name, drawn.token, made.ends_at), {key_of(made): made}
            case c.DropToken(name):
                return _dropped(self._stored(name, self.tokens, Code.UNKNOWN_TOKEN))

    def _changed(self, command: c.ChangeUser, drawn: Drawn) -> StoredUser:
        user = self._stored(command.name, self.users, Code.UNKNOWN_USER)
        if command.password is not None:
            user = evolve(user, password_hash=drawn.password_hash)
        if command.groups is not None:
            user = evolve(user, groups=self._rights(command.groups))
        return user if command.admin is None else evolve(user, admin=command.admin)

    def _token(self, command: c.AddToken, drawn: Drawn, now: float) -> StoredToken:
        self._new_name(command.name, self.tokens)
        self._known_group(command.group)
        if command.ends_at is not None and command.lifetime is not None:
            raise _Refusal(Code.INVALID_VALUE, "a token has an end or a lifetime, not both")
        lifetime = TOKEN_LIFETIME if command.lifetime is None else command.lifetime
        ends_at = now + lifetime if command.ends_at is None else command.ends_at
        if ends_at <= now:
            raise _Refusal(Code.INVALID_VALUE, "that token would have ended already")
        rights = rights_of(command.rights)
        which = drawn.token.split("_", 2)[1] if drawn.token else ""
        return StoredToken(
            command.name, which, drawn.fingerprint, command.group, rights, now, ends_at
        )

    def _new_name(self, name: str, of: Collection[str]) -> None:
        """Users and tokens log in by the same word, so no two have one name."""
        _check_name(name)
        if name in self._configured:
            raise _Refusal(Code.IN_SETTINGS)
        if name in self.users or name in self.tokens:
            raise _Refusal(Code.ALREADY_EXISTS, "a user or a token has that name")
        if len(of) >= BOUND:
            raise _Refusal(Code.TOO_MANY_ACCOUNTS)

    def _new_group(self, name: str) -> None:
        _check_name(name)
        if name in self._configured_groups:
            raise _Refusal(Code.IN_SETTINGS)
        if name in self.groups:
            raise _Refusal(Code.ALREADY_EXISTS)
        if len(self.groups) >= BOUND:
            raise _Refusal(Code.TOO_MANY_ACCOUNTS)

    def _stored(self, name: str, of: Mapping[str, _S], unknown: Code) -> _S:
        found = of.get(name)
        if found is not None:
            return found
        raise _Refusal(Code.IN_SETTINGS if name in self._configured else unknown)

    def _known_group(self, name: str) -> None:
        if name not in self._configured_groups and name not in self.groups:
            raise _Refusal(Code.UNKNOWN_GROUP)

    def _unused_group(self, name: str) -> StoredGroup:
        group = self.groups.get(name)
        if group is None:
            in_settings = name in self._configured_groups
            raise _Refusal(Code.IN_SETTINGS if in_settings else Code.UNKNOWN_GROUP)
        if self._has_queues(name):
            raise _Refusal(Code.GROUP_IN_USE, "the group has queues: delete them first")
        holders = [user.name for user in self.users.values() if name in user.groups]
        holders += [token.name for token in self.tokens.values() if token.group == name]
        if holders:
            raise _Refusal(
                Code.GROUP_IN_USE, f"{holders[0]!r} has rights in it: take those away first"
            )
        return group

    def _rights(self, grants: Iterable[c.Grant]) -> dict[str, Right]:
        rights: dict[str, Right] = {}
        for grant in grants:
            self._known_group(grant.group)
            rights[grant.group] = rights.get(grant.group, Right(0)) | rights_of(grant.rights)
        return rights

    # -- listings ------------------------------------------------------------------------------

    def list_users(self) -> Users:
        """Everybody with a password, by name."""
        stored = map(principal_of, self.users.values())
        views = [_user_view(user, settings=False) for user in stored]
        views += [_user_view(user, settings=True) for user in self._configured.values()]
        return Users(tuple(sorted(views, key=lambda view: view.name)))

    def list_groups(self) -> Groups:
        """Every group."""
        configured = self._configured_groups
        return Groups(tuple(GroupView(name, name in configured) for name in self.all_groups()))

    def list_tokens(self) -> Tokens:
        """Every token, by name."""
        return Tokens(
            tuple(
                TokenView(one.name, one.group, names_of(one.rights), one.created_at, one.ends_at)
                for _, one in sorted(self.tokens.items())
            )
        )


def _user_view(user: Principal, *, settings: bool) -> UserView:
    grants = tuple(GrantView(group, names_of(rights)) for group, rights in user.groups.items())
    return UserView(user.name, grants, user.admin, settings)


def _check_name(name: str) -> None:
    if not is_name(name):
        raise _Refusal(Code.INVALID_NAME)


def _kept(stored: Stored) -> tuple[Reply, dict[str, Stored | None]]:
    return OK, {key_of(stored): stored}


def _dropped(stored: Stored) -> tuple[Reply, dict[str, Stored | None]]:
    return OK, {key_of(stored): None}
