"""For tests of programs that publish or work: engines and scripts with the clients' methods.

Nothing here opens a socket or sleeps. The fixtures of `jobyard.pytest_plugin` are made of these.
"""

from concurrent.futures import CancelledError
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, overload

import anyio
import anyio.to_thread

from engine.replies import Reply
from jobyard import calls
from jobyard.draining import Drain
from jobyard.errors import BadArgument
from jobyard.job import Job
from jobyard.local import bind, hear
from jobyard.published import Watched
from jobyard.verbs import BlockingVerbs, Verbs
from jobyard.virtual import Stuck, VirtualLoop
from jobyard.words import Call
from jobyard.worker import Worker

if TYPE_CHECKING:
    from engine import Caller
    from engine.testing import Answer

T = TypeVar("T")
GROUP: Final = "default"


def _caller() -> "Caller":
    from engine import Principal, Right, caller  # noqa: PLC0415 - only tests load it

    rights = Right.PUBLISH | Right.WORK | Right.READ | Right.MANAGE
    return caller(Principal("test", {GROUP: rights}), GROUP)


class VirtualEngine(Watched, BlockingVerbs):
    """A real engine whose time stands still; its methods are those of `BlockingClient`.

    A call that waits, `reserve(..., wait=30)` with nothing there, takes no real time: time moves
    on to what happens next. `client` has the methods of the asynchronous client; those never move
    time, so that other tasks can act meanwhile: `advance` does.
    """

    def __init__(self, **settings: Any) -> None:
        """Use it as a context manager, or call `start` and `close`.

        Args:
            settings: fields of `engine.EngineSettings`, by name.
        """
        super().__init__()
        self._loop = VirtualLoop(**settings)
        self._who = _caller()

    def start(self) -> Self:
        """Run."""
        self._loop.start()
        return self

    def close(self) -> None:
        """Stop; calls that wait are cancelled."""
        self._loop.stop()

    def __enter__(self) -> Self:
        """Run."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Stop."""
        self.close()

    @property
    def now(self) -> float:
        """Unix seconds of the engine; whole at the start."""
        return self._loop.now()

    def advance(
        self, *, days: float = 0.0, hours: float = 0.0, minutes: float = 0.0, seconds: float = 0.0
    ) -> None:
        """Let time pass; all that is due meanwhile happens in its order, at its own instant."""
        passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if passed < timedelta():
            raise BadArgument("time does not run backwards")
        self._loop.advance(passed.total_seconds())

    def call(self, call: Call[T]) -> T:
        """Run one command, moving time while it waits.

        Raises:
            Refusal: the engine said no, in the class of its code's family.
        """
        return self._loop.ask(partial(self.perform, call))

    @overload
    def drain(self, queue: str) -> None: ...
    @overload
    def drain(self, queue: Worker, *, scheduled: bool = ..., raising: bool = ...) -> list[Job]: ...
    def drain(
        self, queue: str | Worker, *, scheduled: bool = False, raising: bool = False
    ) -> list[Job] | None:
        """Run a worker's functions, here and now, until no job is ready for them.

        Nothing is connected: of the worker only its tasks count. In a test that is asynchronous
        itself: `await engine.client.drain(worker)`. Of a queue's name it is the client's `drain`.

        Args:
            queue: the worker, as it is given to `jobyard work`.
            scheduled: move time on to jobs that wait for theirs, retries too, until none does.
            raising: let out what a function raises, its job given back, instead of failing the job.

        Returns:
            Every attempt, as its job was afterwards.

        Raises:
            Stuck: there is no end of jobs.
        """
        if isinstance(queue, str):
            return self.call(calls.drain(queue))
        drain = Drain(queue, DirectFace(self), self, raising)
        anyio.run(partial(self.work_off, drain, scheduled=scheduled))
        return drain.worked

    async def work_off(self, drain: Drain, *, scheduled: bool) -> None:
        """Drain, and go on to what is due later."""
        await drain.run()
        while scheduled and (due := await drain.due()) is not None:
            self._loop.advance(max(0.0, due - self.now))
            await drain.run()

    async def perform(self, call: Call[T]) -> T:
        """Run one command in the engine's own loop."""
        bound = bind(call.words)
        reply = await self._loop.engine.execute(self._who, bound.command, bound.request_id)
        self.record.note(bound.command, reply)
        return hear(call, reply)

    @property
    def client(self) -> "AsyncFace":
        """The asynchronous methods, for programs on trio and on asyncio."""
        return AsyncFace(self._loop, self)


class DirectFace(Verbs):
    """The asynchronous methods of a client that never really waits."""

    def __init__(self, client: BlockingVerbs) -> None:
        """Answer what that client answers."""
        self._client = client

    async def call(self, call: Call[T]) -> T:
        """Run one command."""
        return self._client.call(call)


class AsyncFace(Verbs):
    """The asynchronous methods on an engine in virtual time; whoever waits does not move it."""

    def __init__(self, loop: VirtualLoop, engine: VirtualEngine) -> None:
        """Have calls performed in that loop."""
        self._loop = loop
        self._engine = engine

    async def __aenter__(self) -> Self:
        """Nothing to connect."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Nothing to close."""

    async def call(self, call: Call[T]) -> T:
        """Run one command; cancelled, it takes nothing."""
        future = self._loop.begin(partial(self._engine.perform, call), partial(self._drop, call))
        try:
            answer: T = await anyio.to_thread.run_sync(future.result, abandon_on_cancel=True)
        except CancelledError:
            raise Stuck("the engine was closed before the answer") from None
        except BaseException:
            if not future.cancel() and future.exception() is None:
                self._drop(call, future.result())
            raise
        return answer

    def _drop(self, call: Call[Any], answer: Any) -> None:
        """Nobody takes the answer: what it grants goes back."""
        for job in answer if call.takes else ():
            self._loop.begin(partial(self._engine.perform, calls.release(job)))

    @overload
    async def drain(self, queue: str) -> None: ...
    @overload
    async def drain(
        self, queue: Worker, *, scheduled: bool = ..., raising: bool = ...
    ) -> list[Job]: ...
    async def drain(
        self, queue: str | Worker, *, scheduled: bool = False, raising: bool = False
    ) -> list[Job] | None:
        """The same as `VirtualEngine.drain`, in the event loop that runs."""
        if isinstance(queue, str):
            return await self.call(calls.drain(queue))
        drain = Drain(queue, self, self._engine, raising)
        await self._engine.work_off(drain, scheduled=scheduled)
        return drain.worked


class _Box:
    """An address for one answer, which is there at once or never."""

    def __init__(self) -> None:
        self.reply: Reply | None = None

    def send(self, reply: Reply) -> None:
        """Keep it."""
        self.reply = reply


class ScriptedClient(Watched, BlockingVerbs):
    """Answers what it is told to, in order, and remembers what was asked.

    Replies are those of `engine.replies`, or functions that make one of the command. Rights and
    arguments are checked as ever; `client` has the asynchronous methods.
    """

    def __init__(self, *replies: "Answer") -> None:
        """Answer the first command with the first of `replies`, and so on."""
        from engine.testing import ScriptedEngine  # noqa: PLC0415 - only tests load it

        super().__init__()
        self._engine = ScriptedEngine(*replies)
        self._who = _caller()

    def script(self, *replies: "Answer") -> None:
        """Add replies at the end."""
        self._engine.script(*replies)

    @property
    def asked(self) -> list[object]:
        """The commands, oldest first; see `engine.commands`."""
        return self._engine.commands

    @property
    def remaining(self) -> int:
        """Replies that nobody asked for yet."""
        return self._engine.remaining

    def call(self, call: Call[T]) -> T:
        """Answer with the next reply.

        Raises:
            NotScripted: there is none.
            Refusal: it is one.
        """
        bound, box = bind(call.words), _Box()
        self._engine.submit(self._who, bound.command, box, bound.request_id)
        if box.reply is None:
            raise Stuck(f"the script leaves {bound.command} unanswered")
        self.record.note(bound.command, box.reply)
        return hear(call, box.reply)

    @property
    def client(self) -> "DirectFace":
        """The asynchronous methods, for programs on trio and on asyncio."""
        return DirectFace(self)
