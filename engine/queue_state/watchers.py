"""Who waits for a job to be over, by the job they wait for."""

from typing import TypeVar

from attrs import define

from engine.access import Peer
from engine.replies import ReplyTo

_K = TypeVar("_K")


@define(eq=False)
class Watcher:
    """Somebody who asked to be answered when a job is over."""

    number: int
    job: str
    """Its id."""
    to: ReplyTo
    peer: Peer | None
    """The connection that asked."""


class Watchers:
    """All of one queue."""

    def __init__(self) -> None:
        self._last = 0
        self._watchers: dict[int, Watcher] = {}
        self._jobs: dict[str, dict[int, Watcher]] = {}
        self._askers: dict[int, dict[int, Watcher]] = {}
        """By the id of the address, and of the connection."""

    def __len__(self) -> int:
        return len(self._watchers)

    def has(self, number: int) -> bool:
        """Whether this one still waits."""
        return number in self._watchers

    def all(self) -> tuple[Watcher, ...]:
        """Everybody, longest waiting first."""
        return tuple(self._watchers.values())

    def join(self, job: str, to: ReplyTo, peer: Peer | None) -> Watcher:
        """Begin to wait."""
        self._last += 1
        watcher = self._watchers[self._last] = Watcher(self._last, job, to, peer)
        self._jobs.setdefault(job, {})[watcher.number] = watcher
        for asker in {id(to), id(peer)}:
            self._askers.setdefault(asker, {})[watcher.number] = watcher
        return watcher

    def of_job(self, job: str) -> tuple[Watcher, ...]:
        """Those who wait for this job."""
        return tuple(self._jobs.get(job, {}).values())

    def of(self, asker: object) -> tuple[Watcher, ...]:
        """Those that a connection asked for, or the one of an address."""
        return tuple(self._askers.get(id(asker), {}).values())

    def leave(self, number: int) -> Watcher:
        """Wait no more."""
        watcher = self._watchers.pop(number)
        _drop(self._jobs, watcher.job, number)
        for asker in {id(watcher.to), id(watcher.peer)}:
            _drop(self._askers, asker, number)
        return watcher


def _drop(index: dict[_K, dict[int, Watcher]], key: _K, number: int) -> None:
    mine = index[key]
    del mine[number]
    if not mine:
        del index[key]
