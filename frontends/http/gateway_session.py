"""A session of the line protocol for one request, and the place it has there."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, cast

import trio
from attrs import evolve

from engine.access import Peer, Principal, caller
from frontends.dialects.answers import Denied, Unframed
from frontends.http.exchange import Request
from frontends.http.site import Site
from frontends.lines.line_settings import LineSettings
from frontends.lines.session import Session
from frontends.login import Verdict

_NOT_HERE: Final = frozenset({b"SUBSCRIBE", b"STOP_SERVER"})
_FORBIDDEN: Final = Denied("forbidden", "not through the gateway")
_CLOSED: Final = Denied("session-closed", "the session ended before this command")
_NOBODY: Final = Principal("")

Open = dict[Peer, None]
"""Sessions of the requests that are being answered, oldest first."""


class GatewaySession(Session):
    """The session of one request.

    Queues do not know it as a connection: what is reserved here is held by the user, and does not
    come back when the request ends.
    """

    def select(self, group: str) -> None:
        """Work in this group from now on; empty: in none."""
        self.group = group
        self.caller = caller(self.principal or _NOBODY, group)

    def say(self, words: list[bytes]) -> None:
        """Run one command, unless it is one that a request cannot have."""
        if self.deaf:
            self.refuse(_CLOSED)
        elif words and words[0].upper() in _NOT_HERE:
            self.refuse(_FORBIDDEN)
        else:
            self.ask(words)


class GatewayDoor:
    """Where that session takes place."""

    def __init__(self, site: Site, sessions: Open) -> None:
        self._site = site
        self._sessions = sessions
        self._told = trio.Event()
        self._login: Callable[[], Awaitable[None]] | None = None

    async def converse(
        self, facts: LineSettings, request: Request, commands: Sequence[list[bytes]]
    ) -> list[Unframed]:
        """Run commands in a session of their own, and give their answers in order.

        All go in at once, but for logins: what follows one waits for it.
        """
        session = GatewaySession(
            self, self._site.engine, evolve(facts, unanswered=len(commands)), request.address,
            local=request.local, encrypted=request.encrypted, now=self._site.now,
        )  # fmt: skip
        self._sessions[session] = None
        try:
            for words in commands:
                session.say(words)
                if self._login is not None:
                    login, self._login = self._login, None
                    await login()
            answers = session.box.unframed()
            while len(answers) < len(commands):
                await self._told.wait()
                self._told = trio.Event()
                answers += session.box.unframed()
            return answers
        finally:
            del self._sessions[session]
            session.closed()

    def dirty(self, session: object) -> None:
        """As `Door` says."""
        del session
        self._told.set()

    def start_login(
        self, session: object, name: str, password: bytes, then: Callable[[Principal | str], None]
    ) -> None:
        """As `Door` says; what takes time waits for `converse`."""
        address = cast("GatewaySession", session).address
        text = password.decode(errors="surrogateescape")
        if self._site.login.remembered(name, text, address):
            then(self._known(name))
        else:
            self._login = partial(self._check, name, text, address, then)

    async def _check(
        self, name: str, password: str, address: str, then: Callable[[Principal | str], None]
    ) -> None:
        verdict = await self._site.login.check(name, password, address)
        then(self._known(name) if verdict is Verdict.WELCOME else verdict.value)

    def _known(self, name: str) -> Principal | str:
        return self._site.login.principal(name) or Verdict.INVALID_CREDS.value

    def sessions(self) -> list[Peer]:
        """As `Door` says: those of connections, then those of requests."""
        return [*self._site.lines(), *self._sessions]

    def groups(self) -> list[str]:
        """As `Door` says."""
        return list(self._site.groups())

    def stop_server(self) -> None:
        """Never asked for: a web page must not stop the server."""
        raise AssertionError
