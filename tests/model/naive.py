"""One queue, as simply as it can be written: a list of jobs, sorting, and no memory of work done.

Written from the promises, not from the engine. Where a promise leaves a choice (jitter, which of
two causes that are due at once) the model takes over what it is shown, after checking that it is
one of the choices.
"""

from math import inf
from typing import Any

from attrs import define, evolve, field

from engine.queue_access import NO_ACCESS, QueueAccess
from tests.model.naive_job import OVER, STATES, WAITING, Hold, Job, Shown, is_twin, must, pauses

QUARANTINE = 3
CANCEL_GRACE = 10.0


@define
class Queue:
    jobs: list[Job] = field(factory=list[Job])
    exists: bool = False
    paused: bool = False
    draining: bool = False
    access: QueueAccess = NO_ACCESS
    last_seq: int = 0
    numbers: set[str] = field(factory=set[str])
    keep_done_count: int = 1_000_000
    lapsed: dict[Any, tuple[float, frozenset[int]]] = field(factory=dict)
    """By connection: when it was silent last, and about which jobs."""

    def just_lapsed(self, peer: object) -> frozenset[int]:
        return self.lapsed.get(peer, (0.0, frozenset[int]()))[1]

    def copy(self) -> "Queue":
        jobs = [evolve(job, hold=evolve(job.hold) if job.hold else None) for job in self.jobs]
        return evolve(self, jobs=jobs, numbers=set(self.numbers))

    # -- looking ------------------------------------------------------------------------------

    def find(self, job_id: str) -> Job | None:
        return next((job for job in self.jobs if job.id == job_id), None)

    def ready_at(self, kinds: tuple[str, ...], now: float) -> list[Job]:
        """What a worker may be given now, the first first."""
        return [job for job in self.ready(kinds) if now < job.expires_at]

    def ready(self, kinds: tuple[str, ...] = ()) -> list[Job]:
        fit = [j for j in self.jobs if j.state == "ready" and (not kinds or j.kind in kinds)]
        return sorted(fit, key=lambda job: job.place)

    def counts(self, kind: str | None = None) -> tuple[int, ...]:
        counted = [job.state for job in self.jobs if kind is None or job.kind == kind]
        return tuple(counted.count(state) for state in STATES)

    def held_by(self, peer: object) -> list[Job]:
        return [job for job in self.jobs if job.hold and job.hold.peer is peer]

    # -- publishing ---------------------------------------------------------------------------

    def twins(self, key: str, now: float) -> list[Job]:
        """The jobs an equal key finds, each by the scope its own publish gave it."""
        return [job for job in self.jobs if key and job.key == key and is_twin(job, now)]

    def publish(self, job: Job, now: float) -> None:
        must(job.seq > self.last_seq, "seq rises with every publish")
        must(self.find(job.id) is None, "an id names one job")
        self.exists = True
        self.last_seq = job.seq
        job.state = "scheduled" if job.ready_at > now else "ready"
        self.jobs.append(job)

    # -- holding ------------------------------------------------------------------------------

    def grant(self, job: Job, hold: Hold, now: float) -> None:
        must(job.state == "ready", f"only a ready job is handed out, not one {job.state}")
        must(now < job.expires_at, "nothing is handed out after expires_at")
        must(job.ready_at <= now, "nothing is handed out early")
        must(not self.paused, "a paused queue hands nothing out")
        self.hold(job, hold)

    def hold(self, job: Job, hold: Hold) -> None:
        must(hold.id not in self.numbers, "a reservation number is used once")
        must(job.hold is None, "one live reservation")
        self.numbers.add(hold.id)
        job.state, job.hold = "reserved", hold
        job.attempts += 1
        job.grants += 1

    def handed_over(self, step: int) -> None:
        """What was handed out since the last step belongs to this one."""
        for job in self.jobs:
            if job.hold and not job.hold.step:
                job.hold.step = step
            if job.hold and job.hold.written:
                job.hold.kept_lease, job.hold.written = job.hold.lease, False

    def durable(self, step: int, now: float) -> None:
        """The clocks of what was handed out in a step start."""
        for job in self.jobs:
            if job.hold and job.hold.step == step and job.hold.lease_until == inf:
                limit = job.policy.run_limit
                job.hold.lease_until = now + job.hold.lease
                job.hold.run_until = inf if limit is None else now + limit

    # -- how a hold ends ----------------------------------------------------------------------

    def done(self, job: Job, now: float, shown: Shown) -> None:
        self.end(job, "done", now)
        self.trim(shown)

    def trim(self, shown: Shown) -> None:
        """Of what is done, the oldest go when there are too many."""
        done = [other for other in self.jobs if other.state == "done"]
        while len(done) > self.keep_done_count:
            first = min(other.over_at for other in done)
            oldest = [other for other in done if other.over_at == first]
            gone = [other for other in oldest if other.seq not in shown]
            done.remove((gone or oldest)[0])
            self.jobs.remove((gone or oldest)[0])

    def failure(
        self, job: Job, now: float, shown: Shown, *, retry: bool = True,
        delay: float | None = None,
    ) -> None:  # fmt: skip
        """The attempt stays counted; the job comes back at its own place, or is over."""
        if self._canceled(job, now):
            return
        job.hold, job.streak, job.failed = None, 0, True
        most = job.policy.max_attempts
        if not retry or (most is not None and job.attempts - job.spent >= most):
            self.end(job, "failed", now)
            return
        low, high = (delay, delay) if delay is not None else pauses(job)
        self.back(job, now, shown, low, high)

    def _canceled(self, job: Job, now: float) -> bool:
        """A job that is to be canceled is, however its hold ends but by done."""
        if job.hold is None or job.hold.cancel_at == inf:
            return False
        self.end(job, "canceled", now)
        return True

    def back(self, job: Job, now: float, shown: Shown, low: float, high: float) -> None:
        """In line again, at its own place, now or after a pause from this range."""
        job.hold = None
        pause = shown[job.seq].ready_at - now if job.seq in shown else low
        must(low - 1e-6 <= pause <= high + 1e-6, f"a pause of {low}..{high} s, not {pause}")
        job.state, job.ready_at = ("scheduled" if high > 0 else "ready"), now + pause
        if job.seq in shown:
            job.ready_at = shown[job.seq].ready_at

    def release(self, job: Job, now: float, shown: Shown, delay: float = 0.0) -> None:
        if self._canceled(job, now):
            return
        job.attempts -= 1
        job.releases += 1
        job.streak = 0
        self.back(job, now, shown, delay, delay)

    def lapse(self, job: Job, now: float, shown: Shown) -> None:
        if self._canceled(job, now):
            return
        job.attempts -= 1
        job.lapses += 1
        self._remember_lapse(job, now)
        job.streak += job.policy.lapses_count
        if job.policy.on_lapse.value == "fail" or job.streak >= QUARANTINE:
            self.end(job, "failed", now)
        else:
            self.back(job, now, shown, 0.0, 0.0)

    def _remember_lapse(self, job: Job, now: float) -> None:
        peer = job.hold.peer if job.hold else None
        if peer is not None:
            at, seqs = self.lapsed.get(peer, (now, frozenset()))
            self.lapsed[peer] = (now, frozenset({job.seq}) | (seqs if at == now else frozenset()))

    def disconnect(self, job: Job, now: float, shown: Shown) -> None:
        if self._canceled(job, now):
            return
        job.attempts -= 1
        job.disconnects += 1
        job.streak += 1
        if job.streak >= QUARANTINE:
            self.end(job, "failed", now)
        else:
            self.back(job, now, shown, 0.0, 0.0)

    # -- over, and back -----------------------------------------------------------------------

    def end(self, job: Job, state: str, now: float) -> None:
        must(job.state not in OVER, "what is over stays over")
        job.hold, job.state, job.over_at = None, state, now

    def reset(self, job: Job, now: float) -> None:
        job.resets += 1
        job.state, job.streak, job.spent, job.over_at = "ready", 0, job.attempts, inf
        job.ready_at, job.expires_at = min(job.ready_at, now), inf

    # -- time ---------------------------------------------------------------------------------

    def due(self, job: Job) -> list[tuple[float, str]]:
        """When time alone changes a job, and how."""
        hold = job.hold
        if hold is not None:
            return [
                (hold.cancel_at, "cancel"), (hold.back_at, "disconnect"),
                (hold.run_until, "too-long"), (hold.lease_until, "lapse"),
            ]  # fmt: skip
        if job.state in OVER:
            return [(job.until, "forget")]
        if job.state == "scheduled":
            return [(job.expires_at, "expire"), (job.ready_at, "ready")]
        return [(job.expires_at, "expire")]

    def next_due(self) -> float:
        return min((at for job in self.jobs for at, _ in self.due(job)), default=inf)

    def overdue(self, now: float, shown: Shown) -> None:
        """A job given back after its time to wait is over may expire now or with its alarm."""
        for job in self.jobs:
            seen = shown.get(job.seq)
            if (
                job.state in WAITING
                and job.expires_at <= now
                and seen
                and seen.state.name == "EXPIRED"
            ):
                self.end(job, "expired", now)

    def fire(self, now: float, shown: Shown) -> None:
        """Everything that is due, each job as long as anything of it is."""
        for job in list(self.jobs):
            while job in self.jobs:
                causes = [cause for at, cause in self.due(job) if at <= now]
                if not causes:
                    break
                self._happen(job, _cause(job, causes, shown), now, shown)

    def _happen(self, job: Job, cause: str, now: float, shown: Shown) -> None:
        match cause:
            case "ready":
                job.state = "ready"
            case "expire":
                self.end(job, "expired", now)
            case "forget":
                self.jobs.remove(job)
            case "cancel":
                self.end(job, "canceled", now)
            case "lapse":
                self.lapse(job, now, shown)
            case "disconnect":
                self.disconnect(job, now, shown)
            case _:
                self.failure(job, now, shown)


def _cause(job: Job, causes: list[str], shown: Shown) -> str:
    """Which of several causes that are due at once it was: any may be, the counters tell."""
    after = shown.get(job.seq)
    if len(causes) > 1 and after is not None:
        if "disconnect" in causes and after.more.disconnects > job.disconnects:
            return "disconnect"
        if "lapse" in causes and after.more.lapses > job.lapses:
            return "lapse"
    return causes[0]
