"""One client of an RPC port, whatever it speaks; queues know it as a peer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import trio

from engine.access import Principal, caller
from frontends.dialects.gob import Bounds
from frontends.dialects.qmanager_page import CONNECTED, METHODS_PAGE, NOT_CONNECT
from frontends.dialects.rpc_opening import GO_PATH, Head, Json, opening
from frontends.guard import report
from frontends.rpc.answering import response, text_page
from frontends.rpc.gob_talk import GobTalk
from frontends.rpc.handler import Handler
from frontends.rpc.json_talk import JsonTalk
from frontends.rpc.peer import RpcPeer
from frontends.rpc.place import Place
from frontends.rpc.wire import Wire

HEAD_TIME: Final = 10.0
"""Seconds for the rest of a request once it has begun."""
_GONE: Final = (trio.BrokenResourceError, trio.ClosedResourceError)
_DENIED: Final = {
    "invalid-creds": (401, "401 log in: Basic with user and password\n"),
    "try-later": (429, "429 too many wrong passwords: wait\n"),
    "plaintext-refused": (403, "403 a password is not taken in clear from another machine\n"),
}


class Talk(Protocol):
    """A conversation of calls and answers, without its socket."""

    waiting: int
    over: bool
    """Nothing more can be read."""

    def receive(self, chunk: bytes) -> None:
        """Bytes came in."""

    def turn(self, most: int) -> bool:
        """Begin calls until `most` are unanswered; True: there may be more."""

    async def settle(self) -> None:
        """Wait for what no call may overtake: a login."""


class Connection:
    """The life of one client."""

    def __init__(
        self,
        place: Place,
        stream: trio.SocketStream,
        address: str,
        *,
        local: bool,
        dirty: Callable[[Wire], None],
    ) -> None:
        """`local`: the listener is bound where only this machine reaches it."""
        self.address = address
        self._scope = trio.CancelScope()
        self._stopped = False
        self._life = trio.CancelScope()
        self._place = place
        self._local = local
        self._peer = RpcPeer(address)
        self._wire = Wire(stream, dirty)
        self._stream = stream

    async def run(self) -> None:
        """Serve it until it is gone. Never fails."""
        try:
            with self._life:
                await self._serve()
        except* _GONE:
            pass
        except* Exception as error:  # noqa: BLE001 - the guard
            report(self.address, error)
        finally:
            self._place.engine.gone(self._peer)
            with trio.CancelScope(shield=True, deadline=trio.current_time()):
                await self._stream.aclose()

    @property
    def name(self) -> str:
        """Of its user; empty before a login."""
        return self._peer.name

    def abort(self) -> None:
        """End now."""
        self._life.cancel()

    def stop_reading(self) -> None:
        """Take nothing more; what is unanswered is still answered."""
        self._stopped = True
        self._scope.cancel()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with trio.CancelScope() as self._scope:
            if self._stopped:
                self._scope.cancel()
            yield

    async def _serve(self) -> None:
        received = b""
        with self._reading():
            received = await self._first()
        match opening(received):
            case Json():
                resident = self._place.resident() if self._local else None
                talk: Talk = JsonTalk(
                    self._place, self._peer, self._wire.say, resident, safe=self._is_safe
                )
                await self._converse(talk, received)
            case Head() as head:
                await self._answer(head, received[head.size :])
            case _:
                pass

    async def _first(self) -> bytes:
        """Enough to tell what is spoken."""
        received = await self._wire.read()
        with trio.move_on_after(HEAD_TIME):
            while opening(received) is None and (chunk := await self._wire.read()):
                received += chunk
        return received

    @property
    def _is_safe(self) -> bool:
        """Whether a password may be sent here."""
        return self._local or self._place.settings.plaintext_auth

    async def _answer(self, head: Head, rest: bytes) -> None:
        who = await self._admitted(head)
        if isinstance(who, str):
            await self._wire.answer(response(*_DENIED[who], head_only=head.method == "HEAD"))
        elif head.path != GO_PATH:
            await self._wire.answer(await self._page(head, who))
        elif head.method != "CONNECT":
            await self._wire.answer(response(405, NOT_CONNECT, head_only=head.method == "HEAD"))
        else:
            self._wire.say(CONNECTED)
            self._wire.flush()
            await self._converse(self._go(who), rest)

    async def _admitted(self, head: Head) -> Principal | str:
        """Whoever it is, or the code of the refusal."""
        if head.login is None:
            resident = self._place.resident() if self._local else None
            return "invalid-creds" if resident is None else resident
        if not self._is_safe:
            return "plaintext-refused"
        return await self._place.admit(*head.login, self.address)

    async def _page(self, head: Head, who: Principal) -> bytes:
        head_only = head.method == "HEAD"
        if head.path == "/debug/rpc":
            return response(200, METHODS_PAGE, "text/html; charset=utf-8", head_only=head_only)
        text = await text_page(self._place, caller(who, self._place.settings.rpc.group))
        return response(200, text, "text/plain", head_only=head_only)

    def _go(self, who: Principal) -> GobTalk:
        settings = self._place.settings
        self._peer.name = who.name
        handler = Handler(
            self._place.engine,
            caller(who, settings.rpc.group, self._peer),
            settings.rpc,
            self._place.policy,
        )
        return GobTalk(
            handler, self._wire.say, Bounds(value=settings.limits.payload + settings.limits.line)
        )

    async def _converse(self, talk: Talk, received: bytes) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._wire.write)
            with self._reading():
                await self._listen(talk, received)
            if not self._stopped:
                self._place.engine.half_closed(self._peer)
            while talk.waiting:
                await self._wire.wait_changed()
            self._wire.end()

    async def _listen(self, talk: Talk, received: bytes) -> None:
        most = self._place.settings.limits.unanswered
        while True:
            talk.receive(received)
            more = True
            while more:
                more = talk.turn(most)
                self._wire.flush()
                await talk.settle()
                while self._wire.full or (more and talk.waiting >= most):
                    await self._wire.wait_changed()
            received = b"" if talk.over else await self._wire.read()
            if not received:
                return
