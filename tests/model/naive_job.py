"""A job and its reservation as the naive queue sees them."""

from collections.abc import Mapping
from math import inf
from typing import Any

from attrs import define, field

WAITING = ("scheduled", "ready")
OVER = ("done", "failed", "canceled", "expired")
STATES = ("scheduled", "ready", "reserved", *OVER)


class Broken(AssertionError):
    """A promise was broken; the sentence says which."""


def must(truth: object, promise: str) -> None:
    if not truth:
        raise Broken(promise)


@define(eq=False)
class Hold:
    """A reservation, and when time ends it. Nothing runs before the grant is durable."""

    id: str
    owner: str
    peer: Any
    lease: float
    since: float = 0.0
    step: int = 0
    bound: bool = field(default=False)
    """It belongs to a connection, also after that one went."""
    kept_lease: float = 0.0
    """As it was last written: a touch alone is not."""
    written: bool = True
    """The step that is being made writes it."""
    lease_until: float = inf
    run_until: float = inf
    back_at: float = inf
    grace: float = -1.0
    """Of the connection it was given to; below 0: not looked up yet."""
    cancel_at: float = inf

    def __attrs_post_init__(self) -> None:
        self.bound = self.bound or self.peer is not None
        if self.grace < 0:
            self.grace = 0.0 if self.peer is None else self.peer.grace

    def renew(self, now: float, lease: float | None) -> None:
        """A sign of life; the clock runs anew if it runs at all."""
        self.lease = self.lease if lease is None else lease
        if self.lease_until < inf:
            self.lease_until = now + self.lease


@define(eq=False)
class Job:
    seq: int
    id: str
    kind: str
    payload: bytes
    priority: int
    policy: Any
    ready_at: float
    made_at: float
    state: str = "ready"
    expires_at: float = inf
    key: str = ""
    scope: Any = ""
    attempts: int = 0
    lapses: int = 0
    disconnects: int = 0
    releases: int = 0
    resets: int = 0
    streak: int = 0
    spent: int = 0
    grants: int = 0
    failed: bool = False
    over_at: float = inf
    hold: Hold | None = None
    tick: tuple[int, float] = (0, 0.0)

    @property
    def place(self) -> tuple[int, int]:
        return (self.priority, self.seq)

    @property
    def until(self) -> float:
        """When a job that is over is forgotten; a window keeps its key that long."""
        keep = self.policy.keep_failed if self.state == "failed" else self.policy.keep_done
        window = self.made_at + self.scope if isinstance(self.scope, float) else 0.0
        return max(self.over_at + float(keep), window)

    def accounts(self) -> bool:
        """Every time it was handed out stands under exactly one cause."""
        counted = self.attempts + self.lapses + self.disconnects + self.releases
        return self.grants == counted


Shown = Mapping[int, Any]
"""By seq, the jobs as the engine shows them after the step."""


def pauses(job: Job) -> tuple[float, float]:
    """The shortest and the longest pause before the next attempt."""
    rule, failures = job.policy.backoff, max(1, job.attempts - job.spent)
    if rule.delays:
        middle = rule.delays[min(failures, len(rule.delays)) - 1]
    else:
        middle = min(rule.minimum * rule.factor ** (failures - 1), rule.maximum)
    return middle * (1 - rule.jitter), min(middle * (1 + rule.jitter), rule.maximum)


def is_twin(job: Job, now: float) -> bool:
    if isinstance(job.scope, float):
        return now < job.made_at + job.scope
    return job.state in (WAITING if job.scope == "queued" else (*WAITING, "reserved"))
