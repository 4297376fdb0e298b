"""A call as a conversation: what to send and how long to pause, until there is an answer.

It has no socket and no loop. Whoever drives it sends what it yields, throws in what went wrong,
and so both clients have one set of rules.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator
from math import inf
from time import monotonic
from typing import Final, TypeVar

from attrs import field, frozen
from msgspec import Struct

from jobyard.dialing import Backoff
from jobyard.errors import ConnectionLost, InvalidValue, NotFound, ReservationLost, Unreachable
from jobyard.http import hearing
from jobyard.http.asking import Asked, Request, ask
from jobyard.http.hearing import Heard
from jobyard.http.paths import PREFIX
from jobyard.job import OVER, read
from jobyard.resp import Value
from jobyard.words import Call

T = TypeVar("T")
PIECE: Final = 30.0
"""Seconds of one request for what may take long; a server takes 60 unless it is told otherwise."""
_SHORTEST: Final = 0.05
MOST_HELD: Final = 100_000
"""Reservations remembered; those of jobs that are never spoken of again are forgotten first."""
HELLO: Final = Request("GET", f"{PREFIX}/groups/own")


@frozen
class Pause:
    """Wait before going on."""

    seconds: float


Talk = Generator[Request | Pause, Heard | None, T]


@frozen
class Patience:
    """How long to go on trying."""

    seconds: float = 30.0
    backoff: Backoff = field(factory=Backoff)
    clock: Callable[[], float] = monotonic


class _OwnGroup(Struct):
    name: str


class _OwnGroups(Struct):
    groups: tuple[_OwnGroup, ...]


class Talker:
    """What one client remembers between calls."""

    def __init__(self, group: str, patience: Patience) -> None:
        """Speak in a group; empty: the only one there is."""
        self._group = group
        self._patience = patience
        self._held = OrderedDict[str, str]()
        """Reservations by job, as a connection of lines knows them."""
        self._piece = PIECE

    def hello(self) -> Talk[None]:
        """Find out, trying once, whether we are let in.

        Raises:
            Refusal: the login is refused, or there is no such group for us.
        """
        heard = yield HELLO
        assert heard is not None
        found: _OwnGroups = read(hearing.value(heard), _OwnGroups)
        if self._group and self._group not in {one.name for one in found.groups}:
            raise NotFound("unknown-group", "there is no such group, or it is not open to you")

    def talk(self, call: Call[T]) -> Talk[T]:
        """Say one command until it is answered.

        Raises:
            Refusal: the server said no.
            ConnectionLost: it may or may not have been done.
            Unreachable: no connection came back in time.
            BadArgument: it cannot be said over HTTP.
        """
        held = self._held.get(call.job)
        asked = ask(call.words, held)
        over = held is not None and asked.said.get("reservation", held.encode()) == held.encode()
        try:
            answer = yield from self._wait(asked, repeatable=call.repeatable)
        except (ReservationLost, NotFound):
            if over:
                self._held.pop(call.job, None)
            raise
        if over and call.ends:
            self._held.pop(call.job, None)
        if call.takes:
            self._note(answer)
        return call.read(answer)

    def _note(self, answer: Value) -> None:
        jobs = answer.get("jobs") if isinstance(answer, dict) else None
        for job in jobs if isinstance(jobs, list) else ():
            if isinstance(job, dict):
                self._held[str(job.get("id"))] = str(job.get("reservation"))
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)

    def _wait(self, asked: Asked, *, repeatable: bool) -> Talk[Value]:
        """A wait in pieces, as one request may not be as long as a whole one."""
        clock = self._patience.clock
        whole = asked.wait
        until = clock() + (whole or 0.0)
        while True:
            left = max(0.0, until - clock())
            piece = None if whole is None else min(left, self._piece)
            request = asked.request(self._group, piece)
            try:
                heard = yield from self.until_answered(request, repeatable=repeatable)
                answer = hearing.value(heard)
            except InvalidValue as error:
                if not error.sentence.startswith("wait: ") or (piece or 0.0) < _SHORTEST:
                    raise
                self._piece = (piece or 0.0) / 2  # this server is told to take less
                continue
            if piece is None or piece >= left or not _goes_on(answer):
                return answer

    def until_answered(self, request: Request, *, repeatable: bool) -> Talk[Heard]:
        """One request, sent again as long as that does no harm and patience lasts.

        Raises:
            ConnectionLost: it may or may not have been done.
            Unreachable: no connection came back in time.
        """
        waits = self._patience.backoff.waits()
        until = inf
        while True:
            wait = next(waits)
            try:
                heard = yield request
                assert heard is not None
                after = hearing.again_after(heard)
                failed = None if 200 <= heard.status < 300 else hearing.error(heard)
                if after is None and not isinstance(failed, ConnectionLost):
                    return heard
                assert failed is not None
            except (Unreachable, ConnectionLost) as lost:
                failed, after = lost, None
            if isinstance(failed, ConnectionLost) and after is None and not repeatable:
                raise failed
            now = self._patience.clock()
            until = min(until, now + self._patience.seconds)
            wait += after or 0.0
            if now + wait > until:
                raise failed
            yield Pause(wait)


def _goes_on(answer: Value) -> bool:
    """Whether what was waited for is not there yet."""
    if not isinstance(answer, dict):
        return False
    if "jobs" in answer:
        return not answer["jobs"]
    job = answer.get("job")
    return isinstance(job, dict) and job.get("state") not in OVER
