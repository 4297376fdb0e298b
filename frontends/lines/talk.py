"""Who talks on a connection: the user, the group selected, and what the engine is asked for."""

from collections.abc import Callable
from functools import partial
from typing import Final

from engine.access import Caller, Peer, Principal, caller
from engine.replies import CancelAsked, Pushed, Refused
from frontends.dialects.answers import Denied
from frontends.lines.door import Door, Engine
from frontends.lines.line_settings import LineSettings
from frontends.lines.outbox import Answer, Outbox, Slot

_NOBODY: Final = Principal("")
_NOBODY_HERE: Final = Caller(_NOBODY, "", 0)
_WRONG: Final = Denied("invalid-creds", "wrong user or password")
_IN_CLEAR: Final = Denied("plaintext-refused", "log in over TLS, or from this machine")
_SENTENCES: Final = {
    "invalid-creds": _WRONG.sentence,
    "try-later": "too many failed logins; wait a while",
}


class Talk(Peer):
    """One connection as the words of the protocol see it; queues know it as a peer."""

    def __init__(
        self,
        door: Door,
        engine: Engine,
        settings: LineSettings,
        address: str,
        *,
        local: bool,
        encrypted: bool,
        now: Callable[[], float],
    ) -> None:
        """Begin, with nobody logged in.

        Args:
            door: where it takes place.
            engine: what answers its commands.
            settings: bounds and switches.
            address: host and port of the other side.
            local: the other side is on this machine.
            encrypted: nobody in between can read along.
            now: unix seconds of the engine's clock.
        """
        super().__init__("", address, 0.0, single=True)
        self.door = door
        self.engine = engine
        self.settings = settings
        self.now = now
        self.number = next(settings.numbers)
        self.safe = local or encrypted or settings.plaintext_auth
        """Whether a password may be sent here."""
        self.principal: Principal | None = None
        self.group = ""
        """The group selected; empty: none."""
        self.protocol = 2
        """Version of RESP that the array form is answered in."""
        self.logging_in = False
        self.deaf = False
        """Nothing more is read."""
        self.caller: Caller = Caller(_NOBODY, "", 0, self)
        self.box = Outbox(settings.terms, partial(door.dirty, self), settings.answered)
        self._cancel_form = 2
        """Version of RESP in which cancellations are told."""
        self._gone = False

    def send(self, reply: object) -> None:
        """Take a job that the engine pushes, or word of a cancellation."""
        if isinstance(reply, Pushed):
            self.box.push(reply.job)
        elif isinstance(reply, CancelAsked):
            self.box.push_cancel(reply, self._cancel_form)

    def submit(self, command: object, slot: Slot, request_id: str | None = None) -> None:
        """Have the engine answer a slot, or answer it with what is no command."""
        if isinstance(command, Denied | Refused):
            slot.send(command)
        elif request_id is None:
            self.engine.submit(self.caller, command, slot)
        else:
            self.engine.submit(self.caller, command, slot, request_id)

    def be_native(self, form: int, *, subscribes: bool) -> None:
        """Hold jobs as native words do from now on: as many as asked, kept through a reconnect.

        It is told of cancellations where that cannot be taken for an answer: in RESP 3, and
        where jobs are pushed anyway.
        """
        self.single = False
        self.grace = self.settings.grace
        if subscribes or form == 3:
            self.told = True
            self._cancel_form = form

    def log_in(
        self, name: bytes, password: bytes, slot: Slot, welcome: Callable[[], Answer]
    ) -> None:
        """Check a password; `welcome` gives the answer to the right one."""
        try:
            text = name.decode()
        except UnicodeDecodeError:
            text = ""
        if not self.safe or not text:
            slot.send(_WRONG if self.safe else _IN_CLEAR)
            return
        self.logging_in = True
        self.door.start_login(self, text, password, partial(self._logged_in, slot, welcome))

    def select(self, group: str) -> None:
        """Work in this group from now on; empty: in none."""
        assert self.principal is not None
        self.group = group
        self.caller = caller(self.principal, group, self)

    def half_closed(self) -> None:
        """Nothing more is sent, and all that was has begun."""
        self.engine.half_closed(self)

    def closed(self) -> None:
        """The connection is gone."""
        self.deaf = True
        if not self._gone:
            self._gone = True
            self.engine.gone(self)
            # What names this connection would be garbage with it, for a collector that may rest.
            self.caller = _NOBODY_HERE
            self.box.deafen()

    def logout(self, reason: str) -> None:
        """Close the session with a line that names the reason, a code."""
        self.deaf = True
        self.box.cut(Denied(reason))

    def _logged_in(
        self, slot: Slot, welcome: Callable[[], Answer], outcome: Principal | str
    ) -> None:
        self.logging_in = False
        if self._gone:
            return
        if isinstance(outcome, str):
            slot.send(Denied(outcome, _SENTENCES.get(outcome, "")))
        else:
            self._adopt(outcome)
            slot.send(welcome())
        self.box.mark()  # even when others are before it: the connection is read again

    def _adopt(self, principal: Principal) -> None:
        if self.queues and principal != self.principal:
            # What the user before subscribed to and holds is not theirs.
            self.engine.gone(self, for_good=False)
        self.principal, self.name = principal, principal.name
        self.select(self.group if principal.rights(self.group) else "")


def member_of(user: Principal | None) -> tuple[str, ...] | None:
    """The groups a user has, as this protocol lists them; `*` is an administrator."""
    if user is None:
        return None
    return ("*",) if user.admin else tuple(user.groups) or None
