"""Everybody who may log in: users of the settings, and users and tokens added by command.

A name of the settings counts before one that was added, so that whoever writes the file decides.
"""

from collections.abc import Callable, Collection, Sequence
from hmac import compare_digest
from math import inf

import trio

from config.users import Account
from engine.access import Principal
from engine.account_rows import StoredToken, StoredUser
from engine.directory import Directory
from engine.grants import names_of, principal_of
from frontends.login import Login
from frontends.principals import principal

Tell = Callable[[Collection[str], Sequence[str]], None]
"""Names whose sessions are to be closed, and every group there is now."""


class Users:
    """Keeps a `Login` and the doors up to date."""

    def __init__(
        self, engine: Directory, login: Login, configured: Sequence[Account], groups: Sequence[str]
    ) -> None:
        """Take over who the settings name, and who was added before."""
        self.on_change: list[Tell] = []
        self._clock = engine.clock
        self._office = engine.office
        self._login = login
        self._configured = tuple(configured)
        self._may: dict[str, Principal] = {}
        self._changed = trio.Event()
        login.tokens = self
        self.configure(None, groups)
        engine.office.on_change = self._feed

    def __len__(self) -> int:
        """How many users may log in."""
        return len(self._login.accounts())

    def groups(self) -> list[str]:
        """Every group: those of the settings in their order, then the others."""
        return self._office.accounts.all_groups()

    def configure(self, configured: Sequence[Account] | None, groups: Sequence[str]) -> list[str]:
        """Take over what the settings say now; whose sessions are closed for it.

        Args:
            configured: their users; None leaves those there are.
            groups: their groups.
        """
        if configured is not None:
            self._configured = tuple(configured)
        self._office.accounts.configure(map(principal, self._configured), groups)
        return self._feed()

    async def run(self) -> None:
        """Close the sessions of each token at its end."""
        while True:
            self._changed = trio.Event()
            with trio.move_on_after(self._next_end()):
                await self._changed.wait()
            if not self._changed.is_set():  # an end came
                self._feed()

    # -- tokens, as `Login` asks for them ------------------------------------------------------

    def is_right(self, name: str, token: str) -> bool:
        """Whether this is that token, and it has not ended."""
        kept = self._token(name)
        return kept is not None and compare_digest(
            kept.fingerprint, self._office.fingerprint(token)
        )

    def principal(self, name: str) -> Principal | None:
        """Whom a token of that name stands for."""
        kept = self._token(name)
        return None if kept is None else principal_of(kept)

    def principal_of_token(self, token: str, now: float | None = None) -> Principal | None:
        """Whom a token stands for by itself."""
        at = self._clock.now() if now is None else now
        found = self._office.accounts.principal_of_token(token, self._office.fingerprint, at)
        return None if found is None or self._login.account(found.name) is not None else found

    def _token(self, name: str) -> StoredToken | None:
        kept = self._office.accounts.tokens.get(name)
        lives = kept is not None and self._clock.now() < kept.ends_at
        return kept if lives and self._login.account(name) is None else None

    # -- changes -------------------------------------------------------------------------------

    def _feed(self) -> list[str]:
        accounts = self._office.accounts
        known = {account.name for account in self._configured}
        added = [user for user in accounts.users.values() if user.name not in known]
        self._login.replace_users([*self._configured, *map(_account, added)])
        now = {account.name: principal(account) for account in self._login.accounts()}
        living = [name for name in accounts.tokens if self._token(name) is not None]
        now |= {name: principal_of(accounts.tokens[name]) for name in living}
        closed = [name for name, could in self._may.items() if now.get(name) != could]
        self._may = now
        for tell in self.on_change:
            tell(closed, self.groups())
        self._changed.set()
        return closed

    def _next_end(self) -> float:
        """Seconds until a token that lives ends."""
        now = self._clock.now()
        ends = (token.ends_at for token in self._office.accounts.tokens.values())
        return min((end - now for end in ends if end > now), default=inf)


def _account(user: StoredUser) -> Account:
    rights = {group: frozenset(names_of(rights)) for group, rights in user.groups.items()}
    return Account(user.name, None, user.password_hash, rights, user.admin)
