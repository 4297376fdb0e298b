"""The task of one request: told when its client goes away, and guarded."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import trio
from hypercorn.config import Config
from hypercorn.typing import AppWrapper, ASGIFramework, ASGIReceiveEvent, ASGISendEvent, Scope

from frontends.guard import report
from frontends.http.statistics import Counters

GONE: Final = "jobyard.gone"
"""Extension of the ASGI scope: a cancel scope that is cancelled when the client is gone."""
LISTENS: Final = "jobyard.listens"
"""Extension of the ASGI scope: tells whether the client surely listens, its last not said."""
LOCAL: Final = "jobyard.local"
"""Extension of the ASGI scope: only this machine reaches the listener."""
WHOLE: Final = "jobyard.whole"
"""Extension of the ASGI scope: sends a whole answer in one piece, given status, headers, body."""

Send = Callable[[ASGISendEvent | None], Awaitable[None]]


class Gone(OSError):
    """The client cannot be sent anything any more."""


class Inbox:
    """What an application is told: the body of its request, then that the client went away."""

    __slots__ = ("_left", "_messages", "gone")

    def __init__(self) -> None:
        self.gone = trio.CancelScope()
        self._left = trio.Event()
        self._messages: deque[ASGIReceiveEvent] = deque()

    async def put(self, message: ASGIReceiveEvent) -> None:
        """Tell it. Never waits."""
        self._messages.append(message)
        if message["type"] == "http.disconnect":
            self._left.set()
            self.gone.cancel()

    async def receive(self) -> ASGIReceiveEvent:
        """Give what was told next, or wait for the end."""
        if not self._messages:
            await self._left.wait()
        if len(self._messages) > 1:
            return self._messages.popleft()
        return self._messages[0] if self._left.is_set() else self._messages.popleft()


class Tasks:
    """Starts applications, as hypercorn's task group does; no error leaves a task of them."""

    def __init__(self, nursery: trio.Nursery, address: str, counters: Counters) -> None:
        self._nursery = nursery
        self._address = address
        self._counters = counters
        self.said_last = False
        """The client closed its side: nobody knows whether it still listens."""

    async def spawn_app(
        self, app: AppWrapper, config: Config, scope: Scope, send: Send
    ) -> Callable[[ASGIReceiveEvent], Awaitable[None]]:
        """Start an ASGI application; what it is told goes to the callable that this returns."""
        del config
        inbox = Inbox()
        extensions = cast("dict[str, Any]", scope)["extensions"]
        extensions[GONE], extensions[LISTENS] = inbox.gone, self._listens
        self._nursery.start_soon(self._run, cast("ASGIFramework", app), scope, inbox, send)
        return inbox.put

    def _listens(self) -> bool:
        return not self.said_last

    async def _run(self, app: ASGIFramework, scope: Scope, inbox: Inbox, send: Send) -> None:
        try:
            await app(scope, inbox.receive, send)
        except Gone:
            pass
        except BaseExceptionGroup as group:
            cancelled, errors = group.split(trio.Cancelled)
            self._judge(errors)
            if cancelled is not None:
                raise cancelled from None
        except Exception as error:  # noqa: BLE001 - the guard: one request's bug is its own end
            self._judge(error)
        finally:
            await self._end(send)

    async def _end(self, send: Send) -> None:
        try:
            await send(None)
        except Gone:
            pass
        except Exception as error:  # noqa: BLE001 - the guard
            self._judge(error)

    def _judge(self, error: BaseException | None) -> None:
        if isinstance(error, BaseExceptionGroup):
            error = error.split(Gone)[1]
        if error is not None:
            self._counters.broken += 1
            report(self._address, error)
