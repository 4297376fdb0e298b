"""Who may come in: names and passwords, the same for every door.

A door asks `remembered` first, which costs microseconds; only who is not remembered needs a task
for `check`. A wrong password costs one argon2 in a thread whoever it is said to be, so neither the
answer nor the time it takes tells whether a user exists. A pair of user and address that failed
too often pauses; the right password is not taken then either, or guessing would go on at full
speed.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Final, Protocol

import trio
from attrs import evolve, frozen

from config.sections import LoginLimits
from config.users import Account
from engine import passwords
from engine.access import Principal
from frontends.attempts import Attempts, Pair
from frontends.principals import principal

KEY_BYTES: Final = 32

Verify = Callable[[str, str], Awaitable[bool]]
"""Hash and password -> whether they belong together."""


class Tokens(Protocol):
    """Tokens, which log in as users do. Checking one costs microseconds."""

    def is_right(self, name: str, token: str) -> bool:
        """Whether this is the token of that name, and it has not ended."""

    def principal(self, name: str) -> Principal | None:
        """Whom a token of that name stands for."""

    def principal_of_token(self, token: str, now: float | None = None) -> Principal | None:
        """Whom a token stands for by itself; None: it is none, or has ended."""


class Verdict(StrEnum):
    """What a door is told; the refusals are the codes that clients see."""

    WELCOME = "welcome"
    INVALID_CREDS = "invalid-creds"
    TRY_LATER = "try-later"


def in_threads(checks: int) -> Verify:
    """Verify in worker threads, so many at one time."""
    limiter = trio.CapacityLimiter(checks)

    async def verify(password_hash: str, password: str) -> bool:
        return await trio.to_thread.run_sync(
            partial(passwords.verify, password_hash, password), limiter=limiter
        )

    return verify


@frozen
class LoginStatistics:
    """Figures since the start."""

    users: int
    remembered: int
    """Users whose right password is known and costs nothing now."""
    watched: int
    """Pairs of user and address that failed lately."""
    refused: int
    paused: int


class Login:
    """The users and what is known of their passwords."""

    def __init__(
        self,
        accounts: Sequence[Account],
        limits: LoginLimits,
        *,
        key: bytes,
        clock: Callable[[], float],
        verify: Verify | None = None,
    ) -> None:
        """Take the users.

        Args:
            accounts: everybody who may log in.
            limits: the settings of section `login`.
            key: 32 random bytes, new with each process.
            clock: seconds that only go forward.
            verify: how a password is held against a hash; None: in threads.
        """
        assert len(key) == KEY_BYTES
        self.tokens: Tokens | None = None
        """Those there are beside the users."""
        self._key = key
        self._verify = verify or in_threads(limits.checks)
        self._attempts = Attempts(limits, clock)
        self._accounts: dict[str, Account] = {}
        """Without plain passwords: of those, `_right` has the fingerprints."""
        self._principals: dict[str, Principal] = {}
        self._right: dict[str, bytes] = {}
        """Fingerprints of what is right: the plain ones, and those that were shown to be."""
        self._refused = 0
        self._paused = 0
        self.replace_users(accounts)

    def accounts(self) -> Sequence[Account]:
        """Everybody who may log in now; without passwords."""
        return tuple(self._accounts.values())

    def account(self, name: str) -> Account | None:
        """The user of that name, as the settings have it now."""
        return self._accounts.get(name)

    def principal(self, name: str) -> Principal | None:
        """Whom the engine knows a user or a token of that name as."""
        found = self._principals.get(name)
        if found is not None:
            return found
        return None if self.tokens is None else self.tokens.principal(name)

    def principal_of_token(self, token: str, now: float | None = None) -> Principal | None:
        """Whom a token stands for by itself; None: it is none, or has ended.

        Args:
            token: as it was shown when it was made.
            now: unix seconds of the engine's clock; None: now.
        """
        return None if self.tokens is None else self.tokens.principal_of_token(token, now)

    def remembered(self, name: str, password: str, address: str) -> bool:
        """Whether this is right and known to be. Neither waits nor hashes for long."""
        return self._is_right(name, password) and not self._attempts.paused(name, address)

    async def check(self, name: str, password: str, address: str) -> Verdict:
        """Whether this user may come in from there."""
        with self._attempts.entered(name, address) as pair:
            async with pair.turn:
                verdict = await self._judge(pair, password)
        self._refused += verdict is Verdict.INVALID_CREDS
        self._paused += verdict is Verdict.TRY_LATER
        return verdict

    def replace_users(self, accounts: Sequence[Account]) -> frozenset[str]:
        """Take new users in place of the old; answers the names that are gone.

        A user whose password changed has to show the new one; who is logged in stays so.
        """
        hashes = {name: account.password_hash for name, account in self._accounts.items()}
        self._accounts = {each.name: evolve(each, password=None) for each in accounts}
        self._principals = {each.name: principal(each) for each in accounts}
        plain = {
            each.name: self._fingerprint(each.name, each.password)
            for each in accounts
            if each.password is not None
        }
        shown = {
            name: right
            for name, right in self._right.items()
            if (account := self._accounts.get(name)) is not None
            and account.password_hash is not None
            and account.password_hash == hashes[name]
        }
        self._right = shown | plain
        return frozenset(hashes.keys() - self._accounts.keys())

    def statistics(self) -> LoginStatistics:
        """How it stands."""
        return LoginStatistics(
            len(self._accounts),
            len(self._right),
            len(self._attempts),
            self._refused,
            self._paused,
        )

    async def _judge(self, pair: Pair, password: str) -> Verdict:
        if self._attempts.pauses(pair):
            return Verdict.TRY_LATER
        if self._is_right(pair.name, password):
            self._attempts.passed(pair)
            return Verdict.WELCOME
        account = self._accounts.get(pair.name)
        kept = account.password_hash if account else None
        holds = await self._verify(kept or passwords.DUMMY, password)
        if holds and kept is not None and self._accounts.get(pair.name) == account:
            self._right[pair.name] = self._fingerprint(pair.name, password)
            self._attempts.passed(pair)
            return Verdict.WELCOME
        self._attempts.failed(pair)
        return Verdict.INVALID_CREDS

    def _is_right(self, name: str, password: str) -> bool:
        if self.tokens is not None and self.tokens.is_right(name, password):
            return True
        right = self._right.get(name)
        return right is not None and hmac.compare_digest(right, self._fingerprint(name, password))

    def _fingerprint(self, name: str, password: str) -> bytes:
        return passwords.keyed(self._key, name, password)
