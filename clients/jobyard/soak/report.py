"""What a soak found, as values: every promise beside how often it was tried, and what failed."""

import platform
from collections.abc import Mapping
from typing import Final

import trio
from attrs import asdict, frozen

from jobyard import __version__
from jobyard.soak.shrink import again
from jobyard.soak.soaking import Failure, Soak

OF: Final[Mapping[str, tuple[str, str]]] = {
    "lost": ("acknowledged", "jobs acknowledged"),
    "double-held": ("grants", "grants"),
    "stale-accepted": ("accepted", "ends accepted"),
    "early": ("delays", "delays asked for"),
    "redelivered": ("done", "jobs done"),
}
"""Promise -> the figure that says how often it was tried, and its name. All others go by seeds."""
COMPLAINTS: Final = 20
"""Of a seed, for programs."""
REST: Final = "anything else"
UNLIKE: Final = "unlike itself"


@frozen
class Promise:
    """A promise, how often it was broken, and out of how many chances."""

    promise: str
    broken: int
    of: int
    what: str


def promises(soak: Soak) -> list[Promise]:
    """All of them, those that hold too."""
    broken = soak.broken
    found = [
        Promise(kind, broken[kind], getattr(soak.figures, figure), what)
        for kind, (figure, what) in OF.items()
    ]
    rest = [kind for kind in sorted(broken) if kind not in OF]
    found += [Promise(kind, broken[kind], soak.played, "seeds") for kind in rest]
    if not rest:
        found.append(Promise(REST, 0, soak.played, "seeds"))
    found.append(Promise(UNLIKE, len(soak.unlike), soak.twice, "seeds played twice"))
    return found


def figures(soak: Soak) -> dict[str, float]:
    """How much was tried, by name."""
    said: dict[str, int] = asdict(soak.figures)
    return {"seeds": soak.played, "virtual_hours": round(soak.seconds / 3600, 2), **said}


def made_of() -> dict[str, str]:
    """The versions that a seed depends on."""
    return {
        "jobyard": __version__,
        "python": platform.python_version(),
        "trio": trio.__version__,
    }


def as_values(soak: Soak, took: float) -> dict[str, object]:
    """The whole report, for programs."""
    course = soak.course
    return {
        "fine": soak.fine,
        "interrupted": soak.interrupted,
        "seconds": course.seconds,
        "processes": course.processes,
        "took": round(took, 1),
        "made_of": made_of(),
        **figures(soak),
        "promises": [asdict(promise) for promise in promises(soak)],
        "unlike": soak.unlike,
        "failing": soak.failing,
        "failures": [_failure(one, course.seconds) for one in in_order(soak)],
    }


def in_order(soak: Soak) -> list[Failure]:
    """What failed, by seed."""
    return sorted(soak.failures, key=lambda failure: failure.first.seed)


def _failure(failure: Failure, seconds: float) -> dict[str, object]:
    least = failure.least
    return {
        "seed": least.seed,
        "exact": failure.exact,
        "complaints": list(least.complaints[:COMPLAINTS]),
        "faults": [str(fault) for fault in least.faults],
        "again": again(least, seconds),
    }
