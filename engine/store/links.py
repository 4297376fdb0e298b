"""How a store reaches its database: called in place, or in a thread."""

from typing import Any, Protocol

import trio

from engine.store.database import Database


class Call:
    """A call under way."""

    __slots__ = ("answer", "arguments", "name", "unsent")

    def __init__(self, name: str, arguments: tuple[object, ...] = ()) -> None:
        self.name = name
        self.arguments = arguments
        self.unsent: memoryview | None = None
        self.answer: tuple[str, Any] | None = None


class Link(Protocol):
    """The way to one database. Calls are done in the order they were started."""

    def start(self, name: str, *arguments: object) -> Call:
        """Begin a call to a method of Database."""

    async def finish(self, call: Call) -> Any:
        """Wait for its result. Not to be cancelled: shield it."""

    async def aclose(self) -> None:
        """Finish what runs and close the database."""


class InlineLink:
    """Calls straight through, for simulation: no thread, so one seed gives one trace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, name: str, *arguments: object) -> Call:
        """Remember the call."""
        return Call(name, arguments)

    async def finish(self, call: Call) -> Any:
        """Make the call."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        return perform(self._database, call)

    async def aclose(self) -> None:
        """Close the database."""
        await trio.lowlevel.cancel_shielded_checkpoint()
        self._database.close()


class ThreadLink:
    """Calls in a thread, one at a time; SQLite works without the interpreter's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one = trio.CapacityLimiter(1)

    def start(self, name: str, *arguments: object) -> Call:
        """Remember the call."""
        return Call(name, arguments)

    async def finish(self, call: Call) -> Any:
        """Make the call when its turn comes."""
        return await trio.to_thread.run_sync(perform, self._database, call, limiter=self._one)

    async def aclose(self) -> None:
        """Close the database."""
        await trio.to_thread.run_sync(self._database.close, limiter=self._one)


def perform(database: Database, call: Call) -> Any:
    """Do one call, and after a commit look after the log."""
    result = getattr(database, call.name)(*call.arguments)
    if call.name == "apply":
        database.tend()
    return result
