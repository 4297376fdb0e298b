"""Who plays: connections, calls without one, and those who only think that they hold a job."""

from typing import Any, Final

from attrs import define, field

from engine.access import Caller, caller
from tests.model.addresses import Address, FakePeer
from tests.model.naive_job import Job
from tests.model.values import ADA, CALLS, GRACES
from tests.model.world import World

HANDLES: Final = 5
WHO: Final = len(GRACES) + len(CALLS)


@define
class Cast:
    """The world, and everybody in it."""

    world: World = field(factory=World)
    peers: list[FakePeer] = field(factory=list[FakePeer])
    parked: list[Address] = field(factory=list[Address])
    made: int = 0

    def __attrs_post_init__(self) -> None:
        for place in range(len(GRACES)):
            self.peers.append(self._peer(place))

    # -- who and what -------------------------------------------------------------------------

    def _peer(self, place: int) -> FakePeer:
        self.made += 1
        grace, single = GRACES[place]
        made = FakePeer("ada", f"host:{self.made}", grace, single=single)
        made.told = grace > 0
        return made

    def _who(self, number: int) -> Caller:
        if number < len(self.peers):
            return caller(ADA, "g", self.peers[number])
        return CALLS[number - len(self.peers)]

    def _job(self, number: int) -> Job | None:
        jobs = self.world.naive.jobs
        return jobs[number % len(jobs)] if jobs else None

    def _held(self, number: int) -> Job | None:
        held = [job for job in self.world.naive.jobs if job.hold]
        return held[number % len(held)] if held else self._job(number)

    def _handle(self, job: Job, number: int, who: int) -> tuple[str | None, Caller]:
        """How a holder, or somebody who thinks he is, speaks of a job."""
        hold = job.hold
        if number == 0 or hold is None:
            return (None if number % 2 else "1-999999"), self._who(who)
        if number == 1:
            return hold.id, CALLS[1 if hold.owner == "ada" else 0]
        if number == 2:
            return f"{hold.id}0", self._owner(job, who)
        return (hold.id if number == 3 else None), self._owner(job, who)

    def _owner(self, job: Job, who: int) -> Caller:
        """Whoever holds the job; anybody when that connection is gone."""
        hold = job.hold
        assert hold is not None
        if hold.peer is not None and hold.peer in self.peers:
            return caller(ADA, "g", hold.peer)
        if hold.bound:
            return self._who(who)
        return next(one for one in CALLS if one.principal.name == hold.owner)

    def _tell(self, command: Any, who: Caller, to: Address | None = None) -> None:
        self.world.tell(command, who, to)
