"""The states of a job as a drawing: where it is, where it was, the moves it made. Pure.

Places are units of a box that is `WIDTH` by `HEIGHT`; the template turns them into SVG.
"""

from typing import Final

from attrs import evolve, frozen

from engine.job import TERMINAL, JobState
from engine.replies import JobView
from frontends.http.pages.words import times

WIDTH: Final = 800
HEIGHT: Final = 272
BOX: Final = (108, 36)
"""Width and height of a state's box."""

_S: Final = JobState
_PLACES: Final = {
    _S.SCHEDULED: (6, 102), _S.READY: (196, 102), _S.RESERVED: (436, 102),
    _S.DONE: (676, 38), _S.FAILED: (676, 102), _S.CANCELED: (676, 166), _S.EXPIRED: (676, 230),
}  # fmt: skip
_NOT_TRIED: Final = frozenset({"lapsed", "quarantined"})
"""Reasons of a failure without a last failed attempt."""
_SOON: Final = 0.001
"""Seconds of waiting that are none."""


@frozen
class Node:
    """A state."""

    state: JobState
    x: int
    y: int
    now: bool
    """The job is there."""
    been: bool
    """It is, or surely was."""


@frozen
class Edge:
    """A way from state to state."""

    start: JobState
    end: JobState
    path: str
    """As SVG draws it."""
    label: str
    x: int
    y: int
    """Middle of the label."""
    times: int = 0
    """How often it was gone, as far as the job remembers."""


@frozen
class Diagram:
    """All of it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def words(self) -> str:
        """The same for who cannot see it."""
        now = next(node for node in self.nodes if node.now)
        ways = [f"{edge.label} {times(edge.times)}" for edge in self.edges if edge.times]
        said = f"The job is {now.state.name.lower()}."
        return f"{said} It was {', '.join(ways)}." if ways else said


_EDGES: Final = (
    Edge(_S.SCHEDULED, _S.READY, "M114 120H196", "due", 152, 114),
    Edge(_S.READY, _S.RESERVED, "M304 120H436", "handed out", 366, 114),
    Edge(_S.RESERVED, _S.SCHEDULED, "M476 102C456 44 86 44 64 102", "failed, tried again", 344, 52),
    Edge(_S.RESERVED, _S.READY, "M456 138C430 168 310 168 284 138", "given back", 370, 154),
    Edge(_S.RESERVED, _S.DONE, "M544 114C600 114 620 56 676 56", "finished", 600, 78),
    Edge(_S.RESERVED, _S.FAILED, "M544 120H676", "given up", 618, 114),
    Edge(_S.RESERVED, _S.CANCELED, "M544 126C600 126 620 178 676 178", "stopped", 622, 152),
    Edge(_S.READY, _S.CANCELED, "M262 138C300 200 520 190 676 190", "canceled", 500, 184),
    Edge(_S.READY, _S.EXPIRED, "M236 138C244 252 520 248 676 248", "came too late", 480, 238),
)
_BACK: Final = "M{x} {y}H792V22H242V102"
"""From the right of a state that is over, round the others, to the top of `ready`."""


def diagram(job: JobView) -> Diagram:
    """The drawing of one job."""
    gone = _times(job)
    edges = tuple(evolve(edge, times=gone.get((edge.start, edge.end), 0)) for edge in _EDGES)
    been = {job.state} | {state for e in edges if e.times for state in (e.start, e.end)}
    if job.more.resets:
        been.add(_S.READY)
    nodes = tuple(
        Node(state, x, y, state is job.state, state in been) for state, (x, y) in _PLACES.items()
    )
    return Diagram(nodes, (*edges, _reset(job)))


def _times(job: JobView) -> dict[tuple[JobState, JobState], int]:
    """How often each way was gone; of what is not counted, whether it was."""
    more, state = job.more, job.state
    untried = more.lapses + more.disconnects + more.releases
    handed = job.attempts + untried
    ends = [ended for _, _, _, ended in job.history]
    late = state is _S.FAILED and more.reason in _NOT_TRIED
    gave_up = state is _S.FAILED and not late
    stopped = state is _S.CANCELED and ends[-1:] == ["canceled"]
    waited = job.ready_at - job.created_at > _SOON and state is not _S.SCHEDULED
    return {
        (_S.SCHEDULED, _S.READY): int(waited and (not handed or job.failures > 0)),
        (_S.READY, _S.RESERVED): handed,
        (_S.RESERVED, _S.SCHEDULED): max(0, job.failures - gave_up),
        (_S.RESERVED, _S.READY): max(0, untried - late),
        (_S.RESERVED, _S.DONE): max(ends.count("done"), state is _S.DONE),
        (_S.RESERVED, _S.FAILED): int(state is _S.FAILED),
        (_S.RESERVED, _S.CANCELED): int(stopped),
        (_S.READY, _S.CANCELED): int(state is _S.CANCELED and not stopped),
        (_S.READY, _S.EXPIRED): int(state is _S.EXPIRED),
    }


def _reset(job: JobView) -> Edge:
    start = job.state if job.state in TERMINAL else _S.FAILED
    x, y = _PLACES[start]
    path = _BACK.format(x=x + BOX[0], y=y + BOX[1] // 2)
    return Edge(start, _S.READY, path, "reset", 500, 16, job.more.resets)
