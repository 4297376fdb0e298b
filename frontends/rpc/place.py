"""What RPC connections are given of the server they are part of."""

from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from config.settings import Settings
from engine.access import MEMBER, Caller, Peer, Principal
from engine.job import JobPolicy
from engine.replies import ReplyTo
from frontends.engine_settings import default_policy
from frontends.login import Login, Verdict


class Engine(Protocol):
    """The part of the engine that RPC uses."""

    def submit(
        self, who: Caller, command: object, to: ReplyTo, request_id: str | None = None
    ) -> None:
        """Authorize, route and queue a command; `to` gets exactly one answer, later."""

    def gone(self, peer: Peer, *, for_good: bool = True) -> None:
        """A connection closed: its queues give back or keep for a while what it held."""

    def half_closed(self, peer: Peer) -> None:
        """A connection sends no more: what it waits for is answered now, with what there is."""


@frozen
class Place:
    """One server, as its RPC connections see it."""

    engine: Engine
    login: Login
    settings: Settings
    now: Callable[[], float]
    """Unix seconds of the engine's clock."""

    @property
    def policy(self) -> JobPolicy:
        """How jobs are treated that come in here."""
        return default_policy(self.settings)

    def resident(self) -> Principal | None:
        """Whoever connects from this machine, without a login; None: `rpc.user` is nobody."""
        rpc = self.settings.rpc
        if rpc.user is None:
            return Principal("rpc", {rpc.group: MEMBER})
        return self.login.principal(rpc.user)

    async def admit(self, name: str, password: str, address: str) -> Principal | str:
        """Whoever logs in, or the code of the refusal."""
        if not self.login.remembered(name, password, address):
            verdict = await self.login.check(name, password, address)
            if verdict is not Verdict.WELCOME:
                return verdict.value
        return self.login.principal(name) or Verdict.INVALID_CREDS.value

    def bearer(self, token: str) -> Principal | str:
        """Whoever has this token, or the code of the refusal."""
        return self.login.principal_of_token(token) or Verdict.INVALID_CREDS.value
