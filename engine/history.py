"""A day of figures in bounded memory: each ten seconds of an hour, each five minutes of a day.

Kept are the engine as a whole, its busiest groups and its busiest queues: what did less in an hour
than another in one sample gives its place to that. Packed, it is one row of less than a megabyte.
"""

from collections.abc import Mapping
from heapq import nlargest
from typing import Final, Self, TypeVar

import msgspec
from msgspec import Struct, field

FINE: Final = 10.0
"""Seconds between two samples."""
PER_COARSE: Final = 30
"""Samples in one of the coarse ones."""
FINE_KEPT: Final = 360
COARSE_KEPT: Final = 288
MOST_QUEUES: Final = 20
MOST_GROUPS: Final = 20
HOUR: Final = FINE * FINE_KEPT
DAY: Final = FINE * PER_COARSE * COARSE_KEPT
K = TypeVar("K")


class Tally(Struct, frozen=True, array_like=True, gc=False):
    """What one queue has counted since it was made or loaded, and what waits in it now."""

    published: int = 0
    finished: int = 0
    failed: int = 0
    """Of those finished."""
    backlog: int = 0
    """Jobs that are scheduled, ready or reserved."""

    @property
    def is_idle(self) -> bool:
        """Nothing came, nothing ended, nothing waits."""
        return not (self.published or self.finished or self.backlog)

    @property
    def work(self) -> int:
        """Jobs that came, and jobs that ended."""
        return self.published + self.finished

    def since(self, before: "Tally") -> "Tally":
        """What happened between the two; one that counts less than before began anew."""
        if self.published < before.published or self.finished < before.finished:
            return self
        return Tally(
            self.published - before.published,
            self.finished - before.finished,
            self.failed - before.failed,
            self.backlog,
        )

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.published + other.published,
            self.finished + other.finished,
            self.failed + other.failed,
            self.backlog + other.backlog,
        )


class Point(Struct, frozen=True, array_like=True, gc=False):
    """One sample: what happened up to that time, and what waited then."""

    at: float
    """Unix seconds of the engine clock."""
    did: Tally


class Track(Struct, array_like=True):
    """The samples of one queue or of all, oldest first."""

    fine: list[Point] = field(default_factory=list)
    coarse: list[Point] = field(default_factory=list)
    open: list[Point] = field(default_factory=list)
    """What the next coarse one is made of."""

    @property
    def work(self) -> int:
        """Jobs that came and that ended in the last hour."""
        return sum(point.did.work for point in self.fine)

    def add(self, point: Point) -> None:
        """One more."""
        self.fine.append(point)
        del self.fine[:-FINE_KEPT]
        self.open.append(point)
        if len(self.open) == PER_COARSE:
            did = sum((each.did for each in self.open), Tally())
            self.coarse.append(Point(point.at, msgspec.structs.replace(
                did, backlog=point.did.backlog
            )))  # fmt: skip
            del self.coarse[:-COARSE_KEPT]
            self.open.clear()

    def hour(self, now: float) -> list[Point]:
        """The fine samples that are not too old."""
        return [point for point in self.fine if point.at > now - HOUR]

    def day(self, now: float) -> list[Point]:
        """The coarse ones."""
        return [point for point in self.coarse if point.at > now - DAY]


class _Kept(Struct, array_like=True):
    totals: Track
    queues: list[tuple[str, str, Track]]
    groups: list[tuple[str, Track]] = field(default_factory=list)


class History:
    """The samples of an engine."""

    def __init__(self) -> None:
        """Begin empty."""
        self.totals = Track()
        self.queues: dict[tuple[str, str], Track] = {}
        """By group and name."""
        self.groups: dict[str, Track] = {}
        """Each with all of its queues."""
        self.latest: dict[tuple[str, str], Tally] = {}
        """What every queue did between the last two samples, if it did anything."""
        self._before: dict[tuple[str, str], Tally] = {}

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """What an earlier boot kept; what cannot be read is no loss worth a refusal."""
        found = cls()
        try:
            kept = msgspec.msgpack.decode(packed, type=_Kept)
        except msgspec.MsgspecError:
            return found
        found.totals = kept.totals
        found.queues = {(group, name): track for group, name, track in kept.queues[:MOST_QUEUES]}
        found.groups = dict(kept.groups[:MOST_GROUPS])
        return found

    def pack(self) -> bytes:
        """All of it, to be kept."""
        queues = [(group, name, track) for (group, name), track in self.queues.items()]
        return msgspec.msgpack.encode(_Kept(self.totals, queues, list(self.groups.items())))

    def sample(self, seen: dict[tuple[str, str], Tally], now: float) -> None:
        """Take one sample of every queue there is."""
        did = {key: tally.since(self._before.get(key, Tally())) for key, tally in seen.items()}
        self._before = seen
        self.latest = {key: each for key, each in did.items() if each.work}
        groups: dict[str, Tally] = {}
        for (group, _), each in did.items():
            groups[group] = groups.get(group, Tally()) + each
        self.totals.add(Point(now, sum(groups.values(), Tally())))
        _add(self.groups, groups, now, MOST_GROUPS)
        _add(self.queues, did, now, MOST_QUEUES)


def _add(tracks: dict[K, Track], did: Mapping[K, Tally], now: float, most: int) -> None:
    """Take one sample of those that have a track, and of the busiest others while there is room."""
    busy = ((each.work, key) for key, each in did.items() if not each.is_idle)
    fresh = nlargest(most, (one for one in busy if one[1] not in tracks), key=_work)
    quiet = sorted(((track.work, key) for key, track in tracks.items()), key=_work, reverse=True)
    for work, key in fresh:
        if len(tracks) == most:
            if not quiet or quiet[-1][0] >= work:
                break
            del tracks[quiet.pop()[1]]
        tracks[key] = Track()
    for key, track in tracks.items():
        track.add(Point(now, did.get(key, Tally())))


def _work(one: tuple[int, object]) -> int:
    return one[0]
