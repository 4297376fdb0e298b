"""What clients saw, judged: lost, unexpected, held twice, stale, redelivered, early, unexplained.

Every judgement errs towards silence: a fault is reported only when no order of events inside the
server could explain what was seen. Times are seconds of one clock shared by all clients.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Literal

from attrs import field, frozen

Kind = Literal[
    "lost", "unexpected", "double-held", "stale-accepted", "redelivered", "undone", "early",
    "unexplained", "renamed",
]  # fmt: skip


@frozen
class Publishing:
    """One attempt to publish. `key` stands in the payload and is the client's own."""

    key: str
    sent: float
    answered: float | None = None
    """None: no answer came, so the job may or may not be there."""
    job: str = ""
    delay: float = 0.0


@frozen
class Got:
    """A job arrived at a worker."""

    key: str
    job: str
    holder: str
    """The connection, or whoever else a reservation belongs to."""
    at: float
    number: int | None = None
    """The reservation's number, where the protocol shows it."""
    lapse: float = math.inf
    """The earliest instant at which the server may take it back for silence."""


@frozen
class Ending:
    """A holder said it is over: well, badly, or given back."""

    job: str
    holder: str
    how: Literal["done", "failed", "released"]
    sent: float
    answered: float | None = None
    accepted: bool | None = None
    """None: no answer came."""
    number: int | None = None
    delay: float = 0.0
    """Before it may be handed out again."""


@frozen
class Closing:
    """A connection was closed by its client; what it held may come back from then on."""

    holder: str
    at: float


@frozen
class Killing:
    """The server was about to be killed: every connection ends from then on."""

    at: float


@frozen
class Resetting:
    """Somebody asked for a job that was over to be ready again."""

    job: str
    sent: float
    answered: float | None = None
    """It may have had its effect up to then; None: at once."""


@frozen
class Taking:
    """Somebody else ended a hold, or may have: canceled the job, or sent its holder away."""

    sent: float
    answered: float = math.inf
    job: str = ""
    """Empty: whatever `holder` held."""
    holder: str = ""
    """Empty: whoever held `job`."""


Event = Publishing | Got | Ending | Closing | Killing | Resetting | Taking


@frozen
class Remaining:
    """A job that the server has at the end."""

    key: str
    job: str
    state: str
    counted: int | None = None
    """Grants the job accounts for: attempts, lapses, disconnects, releases; None: not shown."""


@frozen
class Fault:
    """A promise that was broken, and where."""

    kind: Kind
    key: str
    why: str


@frozen
class _Hold:
    got: Got
    until: float


@frozen
class History:
    """A finished run, arranged for judging."""

    events: Sequence[Event]
    remaining: Sequence[Remaining]
    publishings: dict[str, Publishing] = field(init=False)
    grants: dict[str, list[Got]] = field(init=False)
    endings: dict[str, list[Ending]] = field(init=False)
    resets: dict[str, list[float]] = field(init=False)
    kills: list[float] = field(init=False)
    closings: dict[str, list[float]] = field(init=False)
    """By holder."""
    takings: dict[str, list[Taking]] = field(init=False)
    """By job and by holder: no name is both."""

    def __attrs_post_init__(self) -> None:
        publishings: dict[str, Publishing] = {}
        grants, endings = defaultdict[str, list[Got]](list), defaultdict[str, list[Ending]](list)
        resets, closings = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
        kills, takings = list[float](), defaultdict[str, list[Taking]](list)
        for event in self.events:
            match event:
                case Publishing(key=key):
                    assert key not in publishings, f"{key} was published twice by its client"
                    publishings[key] = event
                case Got(job=job):
                    grants[job].append(event)
                case Ending(job=job):
                    endings[job].append(event)
                case Resetting(job=job, sent=sent, answered=answered):
                    resets[job].append(sent if answered is None else answered)
                case Killing(at=at):
                    kills.append(at)
                case Closing(holder=holder, at=at):
                    closings[holder].append(at)
                case Taking(job=job, holder=holder):
                    takings[job or holder].append(event)
        for name, value in (
            ("publishings", publishings), ("grants", grants), ("endings", endings),
            ("resets", resets), ("kills", kills), ("closings", closings), ("takings", takings),
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    def holds(self, job: str) -> list[_Hold]:
        """Every grant of a job with the instant up to which it was certainly live."""
        found = []
        for got in self.grants[job]:
            ends = [e.sent for e in self.endings[job] if _same(e, got)]
            ends += self.closings[got.holder]
            ends += self.kills
            takings = *self.takings[job], *self.takings[got.holder]
            ends += [max(e.sent, got.at) for e in takings if e.answered >= got.at]
            later = [end for end in ends if end >= got.at]
            found.append(_Hold(got, min([*later, got.lapse])))
        return found


def _same(ending: Ending, got: Got) -> bool:
    if ending.number is not None and got.number is not None:
        return ending.number == got.number
    return ending.holder == got.holder


def judge(events: Iterable[Event], remaining: Iterable[Remaining]) -> list[Fault]:
    """Every broken promise in a run that was drained: empty means none was seen."""
    history = History(list(events), list(remaining))
    return [
        fault
        for rule in (_lost, _unexpected, _held_twice, _stale, _after_done, _early, _unexplained)
        for fault in rule(history)
    ]


def _lost(history: History) -> Iterator[Fault]:
    there = {one.key for one in history.remaining}
    for key, publishing in history.publishings.items():
        if publishing.answered is None or key in there:
            continue
        done = [e for e in history.endings[publishing.job] if e.how == "done"]
        if not any(e.accepted is not False for e in done):
            yield Fault("lost", key, f"published as {publishing.job}, never done, not there")


def _unexpected(history: History) -> Iterator[Fault]:
    known: dict[str, str] = {p.job: p.key for p in history.publishings.values() if p.job}
    seen = [(g.key, g.job) for grants in history.grants.values() for g in grants]
    for key, job in [*seen, *((one.key, one.job) for one in history.remaining)]:
        if key not in history.publishings:
            yield Fault("unexpected", key, f"{job} was never published")
        elif known.setdefault(job, key) != key:
            yield Fault("renamed", key, f"{job} was published as {known[job]}")
        elif (first := history.publishings[key].job) not in {"", job}:
            yield Fault("unexpected", key, f"{job} is a second job for one publish ({first})")
    for key, count in Counter(one.key for one in history.remaining).items():
        if count > 1:
            yield Fault("unexpected", key, f"{count} jobs remain of one publish")


def _held_twice(history: History) -> Iterator[Fault]:
    for job in list(history.grants):
        for one, other in combinations(history.holds(job), 2):
            if max(one.got.at, other.got.at) < min(one.until, other.until):
                names = f"{one.got.holder} and {other.got.holder}"
                yield Fault("double-held", one.got.key, f"{job} is with {names} at once")


def _stale(history: History) -> Iterator[Fault]:
    for job, endings in list(history.endings.items()):
        holds = history.holds(job)
        for ending in endings:
            if not ending.accepted or ending.answered is None:
                continue
            for hold in holds:
                others = not _same(ending, hold.got) and hold.got.at < ending.sent
                if others and hold.until > ending.answered:
                    why = f"{ending.how} by {ending.holder} while {hold.got.holder} held {job}"
                    yield Fault("stale-accepted", hold.got.key, why)


def _after_done(history: History) -> Iterator[Fault]:
    states = {one.job: one.state for one in history.remaining}
    for job, endings in list(history.endings.items()):
        for ending in endings:
            if ending.how != "done" or not ending.accepted or ending.answered is None:
                continue
            answered = ending.answered
            if any(reset > ending.sent for reset in history.resets[job]):
                continue
            for got in history.grants[job]:
                if got.at > answered:
                    yield Fault("redelivered", got.key, f"{job} to {got.holder} after its done")
            if states.get(job, "done") != "done":
                key = history.grants[job][0].key if history.grants[job] else ""
                yield Fault("undone", key, f"{job} was done and is {states[job]}")


def _early(history: History) -> Iterator[Fault]:
    for job, grants in history.grants.items():
        for got in grants:
            publishing = history.publishings.get(got.key)
            if publishing and got.at < publishing.sent + publishing.delay:
                early = publishing.sent + publishing.delay - got.at
                yield Fault("early", got.key, f"{job} by {early:.6f} s before its delay was over")
    for job, endings in list(history.endings.items()):
        for ending in endings:
            # Refused or unanswered, it may have had no effect; then it delays nothing.
            if not ending.accepted or ending.answered is None:
                continue
            for got in history.grants[job]:
                if ending.answered < got.at < ending.sent + ending.delay:
                    yield Fault("early", got.key, f"{job} came back before its {ending.how} delay")


def _unexplained(history: History) -> Iterator[Fault]:
    for one in history.remaining:
        seen = len(history.grants[one.job])
        if one.counted is not None and seen > one.counted:
            why = f"{one.job} was handed out {seen} times and accounts for {one.counted}"
            yield Fault("unexplained", one.key, why)
