"""JSON-RPC over a connection: calls in, answers out as they come.

Every command of the engine's table is a method under its name; `login` comes first where the
listener does not know who is there. Calls without a version are Go's codec, which has qmanager's
methods.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import msgspec
import trio
from msgspec import Struct

from engine import commands
from engine.access import Caller, Principal, caller
from engine.commands import CommandRow
from engine.replies import CancelAsked, Pushed, Refused, Reply
from frontends.dialects.answers import Denied
from frontends.dialects.json_values import JsonValues, NotJson
from frontends.dialects.jsonrpc import (
    UNREADABLE,
    Asked,
    Call,
    Mistake,
    batch,
    notification,
    read,
    refusal,
    success,
)
from frontends.dialects.jsonrpc_commands import METHODS, Bound, bound, closed
from frontends.dialects.native_json import render
from frontends.dialects.qmanager import PREFIX
from frontends.rpc.go_json_calls import GoCalls
from frontends.rpc.peer import RpcPeer
from frontends.rpc.place import Place

LOGIN: Final = "login"
UNKNOWN: Final = Denied("unknown-command", "there is no such method")
NOT_LOGGED: Final = Denied("not-logged", "log in first: `login` with user and password, or a token")
IN_CLEAR: Final = Denied("plaintext-refused", "a password is not taken in clear from elsewhere")
NO_GROUP: Final = Denied("forbidden-group", "you have no rights in this group")
_BY_PLACE: Final = ("user", "password", "group")
_LOGIN_SHAPE: Final = Denied("invalid-value", "login: user and password, or token; and a group")
_SENTENCES: Final = {
    "invalid-creds": "wrong user or password",
    "try-later": "too many failed logins; wait a while",
}
_HOLDING: Final = (commands.Reserve, commands.ReserveAny, commands.Subscribe)

Then = Callable[[bytes], None]


class _Login(Struct, forbid_unknown_fields=True):
    user: str = ""
    password: str = ""
    token: str | None = None
    group: str | None = None

    def __repr__(self) -> str:
        return f"_Login({self.user!r})"


class JsonTalk:
    """One connection, without its socket."""

    def __init__(
        self,
        place: Place,
        peer: RpcPeer,
        say: Callable[[bytes], None],
        resident: Principal | None,
        *,
        safe: bool,
    ) -> None:
        """Begin.

        Args:
            place: the server.
            peer: what holds jobs for this connection.
            say: takes whole answers.
            resident: whoever is there without a login; None: nobody is.
            safe: whether a password may be sent here.
        """
        self._place = place
        self._peer = peer
        self._say = say
        self._safe = safe
        self._values: JsonValues[Asked] = JsonValues(
            read, place.settings.limits.payload + place.settings.limits.line
        )
        self._policy = place.policy
        self._who: Caller | None = None
        self._go: GoCalls | None = None
        self._login: Callable[[], Awaitable[None]] | None = None
        self.waiting = 0
        """Calls that have no answer yet."""
        self.over = False
        """Nothing more can be read."""
        if resident is not None:
            self._become(resident, place.settings.rpc.group)

    def receive(self, chunk: bytes) -> None:
        """Bytes came in."""
        self._values.feed(chunk)

    def turn(self, most: int) -> bool:
        """Begin calls until `most` are unanswered, or one is a login; True: there may be more."""
        while self.waiting < most and self._login is None:
            try:
                found = self._values.next()
            except NotJson:
                self._put(UNREADABLE)
                self.over = True
                return False
            if found is None:
                return False
            self._take(found[0])
        return True

    async def settle(self) -> None:
        """Wait for a login, which no call may overtake."""
        if self._login is not None:
            login, self._login = self._login, None
            await login()

    def push(self, said: Pushed | CancelAsked) -> None:
        """Tell what nobody asked for: a job, or to stop working on one."""
        name = "job" if isinstance(said, Pushed) else "cancel"
        self._put(notification(name, render(said)))

    def _put(self, whole: bytes) -> None:
        self._say(whole + b"\n")

    def _take(self, asked: Asked | None) -> None:
        match asked:
            case None:
                self._put(UNREADABLE)
            case Mistake(answer):
                self._put(answer)
            case Call():
                self.waiting += 1
                self._call(asked, self._one_answered(asked))
            case _:
                self._take_batch(asked)

    def _one_answered(self, call: Call) -> Then:
        def then(answer: bytes) -> None:
            self.waiting -= 1
            if not call.is_notification:
                self._put(answer)

        return then

    def _take_batch(self, asked: list[Call | Mistake]) -> None:
        """Begin all calls of a batch; its answer leaves when the last of them is answered."""
        answers: list[bytes | None] = [None] * len(asked)
        self.waiting += len(asked)
        left = len(asked)

        def answered(place: int, silent: bool, answer: bytes) -> None:  # noqa: FBT001 - bound below
            nonlocal left
            left -= 1
            self.waiting -= 1
            answers[place] = None if silent else answer
            told = [one for one in answers if one is not None]
            if not left and told:
                self._put(batch(told))

        for place, one in enumerate(asked):
            if isinstance(one, Mistake):
                answered(place, False, one.answer)  # noqa: FBT003 - as above
            else:
                self._call(one, partial(answered, place, one.is_notification))

    def _call(self, call: Call, then: Then) -> None:
        row = METHODS.get(call.method)
        if row is not None and self._who is not None:
            self._command(call, row, self._who, then)
        elif call.method == LOGIN:
            self._log_in(call, then)
        elif self._who is None:
            then(refusal(call, NOT_LOGGED))
        elif call.method.startswith(PREFIX) and self._go is not None:
            self._go.call(call, then)
        else:
            then(refusal(call, UNKNOWN))

    def _command(self, call: Call, row: CommandRow, who: Caller, then: Then) -> None:
        settings = self._place.settings
        denied = closed(row, test_mode=settings.test_mode, dispatch=settings.allow_dispatch)
        found = bound(call, row, self._policy) if denied is None else denied
        if not isinstance(found, Bound):
            then(refusal(call, found))
            return
        if row.kind in _HOLDING:
            self._hold(row)
        self._place.engine.submit(who, found.command, _Slot(call, then), found.request_id)

    def _hold(self, row: CommandRow) -> None:
        """Hold jobs as native clients do from now on."""
        self._peer.grace = self._place.settings.reconnect.grace
        if row.kind is commands.Subscribe:
            self._peer.told = True
            self._peer.push = self.push

    # -- logging in ------------------------------------------------------------------------------

    def _log_in(self, call: Call, then: Then) -> None:
        said = _login_of(call.params)
        if said is None:
            then(refusal(call, _LOGIN_SHAPE))
        elif not self._safe:
            then(refusal(call, IN_CLEAR))
        else:
            self._login = partial(self._check, call, said, then)

    async def _check(self, call: Call, said: _Login, then: Then) -> None:
        place, group = self._place, said.group
        if said.token is None:
            found = await place.admit(said.user, said.password, self._peer.address)
        else:
            await trio.lowlevel.checkpoint()
            found = place.bearer(said.token)
        if isinstance(found, str):
            then(refusal(call, Denied(found, _SENTENCES.get(found, ""))))
            return
        wanted = group if group is not None else self._usual(found)
        if not found.rights(wanted):
            then(refusal(call, NO_GROUP))
            return
        self._become(found, wanted)
        then(success(call, b'{"ok":true}'))

    def _usual(self, who: Principal) -> str:
        """The group of whoever names none."""
        usual = self._place.settings.rpc.group
        return next(iter(who.groups)) if not who.rights(usual) and len(who.groups) == 1 else usual

    def _become(self, who: Principal, group: str) -> None:
        if self._who is not None and self._peer.queues and who != self._who.principal:
            # What the user before holds is not theirs.
            self._place.engine.gone(self._peer, for_good=False)
        self._peer.name = who.name
        self._who = caller(who, group, self._peer)
        self._go = GoCalls(self._place, self._who)


class _Slot:
    """One call's place for the engine's answer."""

    __slots__ = ("_call", "_then")

    def __init__(self, call: Call, then: Then) -> None:
        self._call = call
        self._then: Then | None = then

    def send(self, reply: Reply) -> None:
        """Take the answer; a second one changes nothing."""
        then, self._then = self._then, None
        if then is not None:
            call = self._call
            if isinstance(reply, Refused):
                then(refusal(call, reply))
            else:
                then(success(call, render(reply)))


def _login_of(params: Any) -> _Login | None:
    if isinstance(params, list) and len(params) <= len(_BY_PLACE):
        params = dict(zip(_BY_PLACE, params, strict=False))
    try:
        said = msgspec.convert(params, _Login)
    except msgspec.ValidationError:
        return None
    return said if said.token is not None or said.user else None
