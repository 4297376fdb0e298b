"""The states of a job as a drawing: where it is, where it was, the moves it made. Pure.

Places are units of a box that is `WIDTH` by `HEIGHT`; the template turns them into SVG.
"""

from typing import Final

from attrs import evolve, frozen

from engine.job import TERMINAL, JobState
from engine.replies import JobView

WIDTH: Final = 760
HEIGHT: Final = 262
BOX: Final = (108, 36)
"""Width and height of a state's box."""

_S: Final = JobState
_PLACES: Final = {
    _S.SCHEDULED: (6, 92), _S.READY: (206, 92), _S.RESERVED: (406, 92),
    _S.DONE: (646, 28), _S.FAILED: (646, 92), _S.CANCELED: (646, 156), _S.EXPIRED: (646, 220),
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
        ways = [f"{edge.label} {edge.times} times" for edge in self.edges if edge.times]
        said = f"The job is {now.state.name.lower()}."
        return f"{said} It was {', '.join(ways)}." if ways else said


_EDGES: Final = (
    Edge(_S.SCHEDULED, _S.READY, "M114 110H206", "due", 160, 104),
    Edge(_S.READY, _S.RESERVED, "M314 110H406", "handed out", 360, 104),
    Edge(_S.RESERVED, _S.SCHEDULED, "M450 92C430 36 90 36 64 92", "failed, tried again", 256, 44),
    Edge(_S.RESERVED, _S.READY, "M430 128C410 156 310 156 290 128", "given back", 360, 144),
    Edge(_S.RESERVED, _S.DONE, "M514 104C570 104 590 46 646 46", "finished", 596, 66),
    Edge(_S.RESERVED, _S.FAILED, "M514 110H646", "given up", 596, 104),
    Edge(_S.RESERVED, _S.CANCELED, "M514 116C570 116 590 168 646 168", "stopped", 602, 144),
    Edge(_S.READY, _S.CANCELED, "M264 128C300 190 520 180 646 180", "canceled", 500, 178),
    Edge(_S.READY, _S.EXPIRED, "M246 128C250 240 520 238 646 238", "came too late", 480, 230),
)
_BACK: Final = "M{x} {y}H746V10H252V92"
"""From the right of a state that is over, round the others, to the top of `ready`."""


def diagram(job: JobView) -> Diagram:
    """The drawing of one job."""
    times = _times(job)
    edges = tuple(evolve(edge, times=times.get((edge.start, edge.end), 0)) for edge in _EDGES)
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
    return Edge(start, _S.READY, path, "reset", 500, 6, job.more.resets)
