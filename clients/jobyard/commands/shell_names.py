"""Names that a shell met in commands and answers: what it completes."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from engine.commands import BY_WORD, Route
from jobyard.blocking import BlockingClient
from jobyard.job import Job, Page, Published
from jobyard.words import Call

T = TypeVar("T")
QUEUES_MAX: Final = 1_000
JOBS_MAX: Final = 100


class Names:
    """The queues there are and the jobs spoken of last, newest first."""

    def __init__(self) -> None:
        self._queues: dict[str, None] = {}
        self._jobs: deque[str] = deque(maxlen=JOBS_MAX)

    @property
    def queues(self) -> list[str]:
        """In the order of the alphabet."""
        return sorted(self._queues)

    @property
    def jobs(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(reversed(self._jobs)))

    def met(self, words: Sequence[bytes], answer: object) -> None:
        """A command was said and answered."""
        row = BY_WORD.get(words[0].decode("utf-8", "replace").upper())
        if row is not None and len(words) > 1:
            name = words[1].decode("utf-8", "replace")
            if row.route is Route.JOB:
                self._jobs.append(name)
            elif row.route is not Route.SERVER:
                self._queue(name)
        for kind, name in _named(answer):
            if kind == "queue":
                self._queue(name)
            else:
                self._jobs.append(name)

    def forget(self) -> None:
        """Another group has other queues and jobs."""
        self._queues.clear()
        self._jobs.clear()

    def _queue(self, name: str) -> None:
        if len(self._queues) < QUEUES_MAX:
            self._queues[name] = None


def _named(answer: Any) -> Iterator[tuple[str, str]]:
    match answer:
        case Published(job=str() as job) | Job(id=job) | {"job": {"id": str() as job}}:
            yield "job", job
        case {"job": str() as job}:
            yield "job", job
        case Page(jobs=several) | {"jobs": tuple() | list() as several}:
            yield from _named(several)
        case tuple() | list():
            for one in answer[-JOBS_MAX:]:
                yield from _named({"job": one} if isinstance(one, dict) and "id" in one else one)
        case {"queues": list() as queues}:
            for queue in queues:
                if isinstance(queue, dict):
                    yield "queue", str(queue.get("name", ""))
        case _:
            pass


class Remembering(BlockingClient):
    """A client that remembers names."""

    names: Names

    def call(self, call: Call[T]) -> T:
        """Say one command and block until its answer came."""
        answer = super().call(call)
        self.names.met(call.words, answer)
        return answer
