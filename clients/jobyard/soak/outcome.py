"""What came of a seed: what was broken, how it went, and how much was tried."""

from collections.abc import Iterable

from attrs import astuple, frozen

from jobyard.soak.history import Closing, Ending, Event, Got, Killing, Publishing
from jobyard.soak.plan import Fault


@frozen
class Figures:
    """How much was tried: what a zero is worth."""

    kills: int = 0
    """Of the whole server."""
    crashes: int = 0
    """Of one queue."""
    cuts: int = 0
    """Connections that ended, whoever ended them."""
    acknowledged: int = 0
    """Jobs whose publisher got an answer."""
    grants: int = 0
    repeats: int = 0
    """Grants of a job that had been granted before."""
    accepted: int = 0
    """Ends of a hold that the server took for good."""
    done: int = 0
    """Those of them that said done."""
    delays: int = 0
    """Publishes and ends, answered, that asked for a delay."""

    def plus(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def figures_of(events: Iterable[Event], crashes: int) -> Figures:
    """Count a history; crashes are not in it, for no client sees them."""
    kills = cuts = acknowledged = grants = accepted = done = delays = 0
    jobs = set[str]()
    for event in events:
        match event:
            case Publishing(answered=float(), delay=delay):
                acknowledged += 1
                delays += delay > 0
            case Got(job=job):
                grants += 1
                jobs.add(job)
            case Ending(accepted=True, how=how, delay=delay):
                accepted += 1
                done += how == "done"
                delays += delay > 0
            case Killing():
                kills += 1
            case Closing():
                cuts += 1
            case _:
                pass
    repeats = grants - len(jobs)
    return Figures(kills, crashes, cuts, acknowledged, grants, repeats, accepted, done, delays)


@frozen
class Outcome:
    """What a run came to."""

    seed: int
    faults: tuple[Fault, ...]
    complaints: tuple[str, ...]
    """Broken promises, the kind first; none is what everybody hopes for."""
    trace: str
    """Of two runs that went the same way it is the same."""
    figures: Figures
    seconds: float
    """Virtual ones."""

    @property
    def kinds(self) -> frozenset[str]:
        """Which promises were broken: the first word of each complaint."""
        return frozenset(map(kind_of, self.complaints))

    def is_like(self, other: "Outcome") -> bool:
        """Whether another run of the same seed went the same way."""
        mine = self.trace, self.figures, self.seconds, self.kinds
        return mine == (other.trace, other.figures, other.seconds, other.kinds)


def kind_of(complaint: str) -> str:
    """The promise that a complaint is about."""
    return complaint.partition(" ")[0].rstrip(":")
