"""An engine in virtual time, in a thread of its own: for tests, whatever they run on.

Time stands still but for `advance` and for calls that wait: a blocking call that waits moves time
itself, as nobody else could, straight to the next instant at which something happens.
"""

import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from jobyard.errors import JobyardError

if TYPE_CHECKING:
    from engine import Directory

T = TypeVar("T")
TICK: Final = 1e-6
"""The least that time moves: engine time is unix seconds, and a float of those ends there."""
START_WITHIN: Final = 60.0
"""Real seconds for the thread to come up."""


class Stuck(JobyardError):
    """A call waits for something that no passing of time brings about."""


class VirtualLoop:
    """The thread, its trio run with a clock that stands, and the engine in it."""

    def __init__(self, **settings: Any) -> None:
        """Nothing runs before `start`.

        Args:
            settings: fields of `engine.EngineSettings`, by name.
        """
        self.engine: Directory
        self._clock = MockClock()
        self._settings = settings
        self._up: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="jobyard-virtual", daemon=True)
        self._token: trio.lowlevel.TrioToken
        self._nursery: trio.Nursery
        self._over: trio.Event

    def start(self) -> Self:
        """Begin; return when the engine runs."""
        self._thread.start()
        self._up.result(START_WITHIN)
        return self

    def stop(self) -> None:
        """End; what waits is cancelled."""
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self._over.set)
        self._thread.join()

    def now(self) -> float:
        """Unix seconds of the engine."""
        return self.begin(self._now).result()

    async def _now(self) -> float:
        return self.engine.clock.now()

    def _run(self) -> None:
        try:
            trio.run(self._main, clock=self._clock)
        except BaseException as error:
            if self._up.done():
                raise
            self._up.set_exception(error)

    async def _main(self) -> None:
        from engine.testing import memory_engine  # noqa: PLC0415 - only tests load it

        async with memory_engine(**self._settings) as self.engine, trio.open_nursery() as nursery:
            self._token = trio.lowlevel.current_trio_token()
            self._nursery = nursery
            self._over = trio.Event()
            self._up.set_result(None)
            await self._over.wait()
            nursery.cancel_scope.cancel()

    # -- asking --------------------------------------------------------------------------------

    def begin(
        self, act: Callable[[], Awaitable[T]], drop: Callable[[T], object] | None = None
    ) -> "Future[T]":
        """Run `act` in the loop; cancelling the future cancels it there.

        A result that comes all the same goes to `drop`, called in the loop.
        """
        future: Future[T] = Future()
        self._token.run_sync_soon(self._nursery.start_soon, self._act, act, future, drop)
        return future

    async def _act(
        self,
        act: Callable[[], Awaitable[T]],
        future: "Future[T]",
        drop: Callable[[T], object] | None,
    ) -> None:
        try:
            with trio.CancelScope() as scope:
                future.add_done_callback(partial(self._done, scope))
                result = await act()
                try:
                    future.set_result(result)
                except InvalidStateError:
                    if drop is not None:
                        drop(result)
        except Exception as error:  # noqa: BLE001 - it is raised where the future is read
            with suppress(InvalidStateError):
                future.set_exception(error)
        finally:
            future.cancel()  # the loop ends; without effect on one that is done

    def _done(self, scope: trio.CancelScope, future: "Future[Any]") -> None:
        if future.cancelled():
            with suppress(trio.RunFinishedError):
                self._token.run_sync_soon(scope.cancel)

    def ask(self, act: Callable[[], Awaitable[T]]) -> T:
        """Run `act` and wait for its end, moving time while it waits for that.

        Raises:
            Stuck: it never ends.
        """
        future = self.begin(act)
        self.begin(partial(self._move_until, future)).result()
        try:
            return future.result()
        except CancelledError:
            raise Stuck("this call waits for something that time does not bring") from None

    # -- time ----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let that much time pass; everything due happens at its own instant, in order."""
        self.begin(partial(self._pass, seconds)).result()

    async def _pass(self, seconds: float) -> None:
        target = trio.current_time() + seconds
        await wait_all_tasks_blocked()
        while (wake := self._next_wake()) < target:
            self._clock.jump(max(TICK, wake - trio.current_time()))
            await wait_all_tasks_blocked()
        self._clock.jump(max(0.0, target - trio.current_time()))
        await wait_all_tasks_blocked()

    def _next_wake(self) -> float:
        """When a queue has something to do next, on trio's clock."""
        wakes = [actor.state.next_wake() for actor in self.engine.actors()]
        return self.engine.clock.deadline(min(wakes, default=inf))

    async def _move_until(self, future: "Future[Any]") -> None:
        await wait_all_tasks_blocked()
        while not future.done():
            wake = self._next_wake()
            if wake == inf:
                future.cancel()
                return
            self._clock.jump(max(TICK, wake - trio.current_time()))
            await wait_all_tasks_blocked()
