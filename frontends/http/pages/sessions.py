"""Who is logged in with a browser: sessions of the server, known by an unguessable cookie.

A session ends by logging out, when it was idle for `http.session`, and as soon as the account it
was opened with is not what it was: other rights, another password, or gone.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from config.users import Account
from engine.access import Principal
from frontends.login import Login

MOST: Final = 10_000
"""Sessions of all users together; past it the one idle longest ends."""
MOST_OF_ONE: Final = 50
"""Sessions of one user."""
MOST_SAID: Final = 5
ID_BYTES: Final = 32


@frozen
class Said:
    """A sentence for the next page somebody sees."""

    text: str
    bad: bool = False


@define(eq=False)
class Session:
    """One browser of one user."""

    id: str = field(repr=False)
    name: str
    address: str
    """Where it logged in from."""
    account: Account | None
    """None: it came with a token."""
    principal: Principal
    group: str
    """The one selected; empty: there is none it may see."""
    since: float
    used: float
    said: list[Said] = field(factory=list[Said])

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show this on the next page."""
        self.said.append(Said(text, bad))
        del self.said[:-MOST_SAID]

    def heard(self) -> list[Said]:
        """What is to be shown, once."""
        said, self.said = self.said, []
        return said


class Sessions:
    """Every session there is."""

    def __init__(
        self,
        login: Login,
        *,
        idle: float,
        now: Callable[[], float],
        secret: Callable[[int], bytes],
    ) -> None:
        """Begin without any.

        Args:
            login: who may be logged in.
            idle: seconds without a request after which a session ends.
            now: seconds that only go forward.
            secret: so many unguessable bytes.
        """
        self._login = login
        self._idle = idle
        self._now = now
        self._secret = secret
        self._open: OrderedDict[str, Session] = OrderedDict()
        """The one idle longest is the first."""

    def __len__(self) -> int:
        """How many are open."""
        return len(self._open)

    def open(self, name: str, address: str, group: str) -> Session | None:
        """A new session of somebody whose password was right; None: there is no such user now."""
        principal = self._login.principal(name)
        if principal is None:
            return None
        own = [each.id for each in self._open.values() if each.name == name]
        for old in own[: len(own) - MOST_OF_ONE + 1]:
            del self._open[old]
        while len(self._open) >= MOST:
            self._open.popitem(last=False)
        now = self._now()
        session = Session(
            self._secret(ID_BYTES).hex(), name, address, self._login.account(name), principal,
            group, now, now,
        )  # fmt: skip
        self._open[session.id] = session
        return session

    def find(self, key: str) -> Session | None:
        """The session of that cookie, if it still counts; asking for it is using it."""
        session = self.peek(key)
        if session is not None:
            session.used = self._now()
            self._open.move_to_end(key)
        return session

    def peek(self, key: str) -> Session | None:
        """The same without using it."""
        session = self._open.get(key)
        if session is None:
            return None
        if self._now() - session.used >= self._idle or not self._is_as_it_was(session):
            del self._open[key]
            return None
        return session

    def close(self, session: Session) -> None:
        """Log out."""
        self._open.pop(session.id, None)

    def close_all(self, name: str) -> int:
        """Log a user out of every browser; how many those were."""
        own = [each.id for each in self._open.values() if each.name == name]
        for key in own:
            del self._open[key]
        return len(own)

    def count(self, name: str) -> int:
        """How many a user has."""
        return sum(each.name == name for each in self._open.values())

    def _is_as_it_was(self, session: Session) -> bool:
        name, login = session.name, self._login
        return login.principal(name) == session.principal and login.account(name) == session.account
