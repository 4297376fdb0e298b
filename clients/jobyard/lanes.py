"""The connections a client keeps for calls that wait, and which of them holds which job.

A held job is ended over the connection that took it: the server gives back what a connection
held when it goes, and takes no word about it from another one that is alive.
"""

from functools import partial
from typing import Final, TypeVar

import anyio
from anyio.abc import TaskGroup

from jobyard import calls
from jobyard.errors import JobyardError
from jobyard.job import Job
from jobyard.link import Link, Terms
from jobyard.resp import Failure, Value
from jobyard.words import Call

T = TypeVar("T")
LANES_MAX: Final = 32
"""Calls that wait at once; more of them wait for one of these first."""


class _Lane:
    """One such connection."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.busy = True
        self.holding = 0


class Lanes:
    """Connections made when they are needed, kept until the client closes."""

    def __init__(self, terms: Terms, tasks: TaskGroup) -> None:
        self._terms = terms
        self._tasks = tasks
        self._lanes: list[_Lane] = []
        self._room = anyio.Semaphore(LANES_MAX)
        self._held: dict[str, tuple[str | None, Link]] = {}
        """By job: under which reservation, and who holds it."""

    def holding(self, job: str, otherwise: Link) -> Link:
        """The connection that holds a job, or the other one."""
        found = self._held.get(job)
        return otherwise if found is None else found[1]

    def let_go(self, job: str, reservation: str | None) -> None:
        """A job is not held any more, unless it is under a newer reservation than this one."""
        found = self._held.get(job)
        if found is None or reservation not in {None, found[0]}:
            return
        del self._held[job]
        for lane in self._lanes:
            if lane.link is found[1]:
                lane.holding -= 1

    def note(self, job: Job, link: Link) -> None:
        """A connection holds a job."""
        self._held[job.id] = job.reservation, link

    def forget(self, link: Link) -> None:
        """A connection ended for good."""
        self._held = {job: by for job, by in self._held.items() if by[1] is not link}

    async def ask(self, call: Call[T]) -> T:
        """Say a command that may wait, over a connection where nothing waits behind it."""
        await self._room.acquire()
        lane = self._free()
        try:
            answer = await lane.link.ask(call, partial(self._late, lane, call))
        except anyio.get_cancelled_exc_class():
            raise  # the connection is busy until the answer came
        except BaseException:
            self._release(lane)
            raise
        self._release(lane)
        if call.takes and isinstance(answer, tuple):
            for job in answer:
                self._held[job.id] = job.reservation, lane.link
                lane.holding += 1
        return answer

    def _free(self) -> _Lane:
        idle = [lane for lane in self._lanes if not lane.busy]
        if idle:
            lane = min(idle, key=lambda lane: lane.holding)
            if not lane.holding or len(self._lanes) == LANES_MAX:
                lane.busy = True
                return lane
        lane = _Lane(Link(self._terms, first="always"))
        self._tasks.start_soon(lane.link.run)
        self._lanes.append(lane)
        return lane

    def _release(self, lane: _Lane) -> None:
        lane.busy = False
        self._room.release()

    def _late(self, lane: _Lane, call: Call[T], answer: Value | None) -> None:
        """An answer nobody waits for: jobs in it go back untried."""
        self._release(lane)
        connection = lane.link.connection
        if not call.takes or connection is None or answer is None or isinstance(answer, Failure):
            return
        try:
            jobs = call.read(answer)
        except JobyardError:
            return
        if isinstance(jobs, tuple):
            for job in jobs:
                connection.post(calls.release(job).words)
