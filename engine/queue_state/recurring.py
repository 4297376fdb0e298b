"""Jobs made on schedule. Ticks are told in corrected wall time, alarms in queue time."""

from math import inf

from engine.access import Caller
from engine.commands import PLAIN, DropRecurrence, PauseRecurrence, RunRecurrence, SetRecurrence
from engine.commands.fields import is_name
from engine.events import What
from engine.job import Job, Rare
from engine.queue_state.alarms import AlarmKind
from engine.queue_state.core import QueueCore
from engine.queue_state.publishing import DRAINING, new_job
from engine.queue_state.queue_rows import RecurrenceSpec
from engine.queue_state.recurrences import Recurrence
from engine.recurrence import BadCron, Missed, Schedule
from engine.replies import OK, Code, Published, RecurrenceSet, Refused, Reply, ReplyTo

UNKNOWN = Refused(Code.UNKNOWN_RECURRENCE)


def set_recurrence(q: QueueCore, c: SetRecurrence, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Declare, or update what has this type; a text that cannot be read changes nothing."""
    try:
        schedule = Schedule.parse(c.cron, zone=c.zone, seconds=c.seconds)
    except BadCron as error:
        return Refused(Code.INVALID_CRON, str(error))
    made_now = c.once_now and c.since is None
    refusal = _refusal(q, c) or (DRAINING if q.draining and made_now else None)
    if refusal is not None:
        return refusal
    q.make(now)
    found = next((r for r in q.recurrences.values() if r.spec.type == c.type), None)
    wall = now + q.wall_shift
    spec = _spec(c, found, wall)
    if found is None:
        found = Recurrence(q.source.next_recurrence(), spec, schedule)
        q.recurrences[found.number] = found
        q.keep_numbers()
        if made_now:
            make_job(q, found, now, tick=0.0)
    if found.spec.paused and not spec.paused:
        found.skip_to(wall)
    if c.last_tick is not None:
        found.skip_to(c.last_tick)
    found.spec = spec
    found.schedule = schedule
    arm(q, found, now)
    q.keep_recurrence(found)
    if q.storage.heard:
        q.news.queue(What.RECURRENCE_SET, now, who.principal.name, kind=c.type)
    return RecurrenceSet(found.number)


def _refusal(q: QueueCore, c: SetRecurrence) -> Refused | None:
    if c.type and not is_name(c.type):
        return Refused(Code.INVALID_NAME)
    if len(c.payload or b"") > q.limits.payload:
        return Refused(Code.PAYLOAD_TOO_LARGE)
    return q.storage.refusing


def _spec(c: SetRecurrence, found: Recurrence | None, wall: float) -> RecurrenceSpec:
    """What is declared; what is not said is as it was."""
    payload, paused, since = b"", False, wall
    if found is not None:
        payload, paused = found.spec.payload, found.spec.paused
        since = wall if found.spec.cron != c.cron else found.spec.since
    return RecurrenceSpec(
        c.type, c.cron, c.zone, payload if c.payload is None else c.payload, c.missed, c.overlap,
        c.seconds, not c.once_now, paused if c.paused is None else c.paused,
        since if c.since is None else c.since,
    )  # fmt: skip


def drop(q: QueueCore, c: DropRecurrence, who: Caller, to: ReplyTo, now: float) -> Reply:
    """End a recurrence; the jobs it made stay."""
    if c.number not in q.recurrences:
        return UNKNOWN
    drop_one(q, c.number, who, now)
    return OK


def drop_one(q: QueueCore, number: int, who: Caller, now: float) -> None:
    """Forget a recurrence."""
    if q.storage.heard:
        kind = q.recurrences[number].spec.type
        q.news.queue(What.RECURRENCE_DROPPED, now, who.principal.name, kind=kind)
    q.drop_recurrence(number)


def pause(q: QueueCore, c: PauseRecurrence, who: Caller, to: ReplyTo, now: float) -> Reply:
    """Fire no more, or again from now on: what passed meanwhile is not made up for."""
    found = q.recurrences.get(c.number)
    if found is None:
        return UNKNOWN
    if found.spec.paused and not c.paused:
        found.skip_to(now + q.wall_shift)
    found.spec.paused = c.paused
    arm(q, found, now)
    q.keep_recurrence(found)
    return OK


def run_now(q: QueueCore, c: RunRecurrence, who: Caller, to: ReplyTo, now: float) -> Reply:
    """One job beside the schedule."""
    found = q.recurrences.get(c.number)
    if found is None:
        return UNKNOWN
    if q.draining:
        return DRAINING
    return q.storage.refusing or Published(make_job(q, found, now, tick=0.0).id)


def arm(q: QueueCore, found: Recurrence, now: float) -> None:
    """Set the alarm of the next tick after the last one that fired."""
    if found.alarm != inf:
        q.alarms.live -= 1
        found.alarm = inf
    if found.spec.paused or not found.spec.fires or q.draining:
        return
    after = max(found.last_tick or 0.0, found.spec.since)
    tick = found.schedule.next_after(after, found.spec.since)
    if tick is not None:
        found.alarm = max(tick - q.wall_shift, now)
        q.alarms.set(found.alarm, AlarmKind.RECURRENCE, found.number)


def arm_all(q: QueueCore, now: float) -> None:
    """Set every alarm anew: the queue began or ended to drain, or the wall clock was corrected."""
    for found in q.recurrences.values():
        arm(q, found, now)


def fire(q: QueueCore, found: Recurrence, now: float) -> None:
    """Its alarm went: make the job of the newest tick that is due, if any, and arm it again."""
    found.alarm = inf
    wall = now + q.wall_shift
    missed: Missed = "once" if found.spec.missed == "once" else "skip"
    due = found.schedule.due(found.last_tick or 0.0, wall, found.spec.since, missed)
    if due.tick is not None and not _overlaps(found):
        make_job(q, found, now, due.tick)
    if due.last != (found.last_tick or 0.0):
        found.last_tick = due.last
        q.keep_recurrence(found)
    if due.next is not None:
        found.alarm = max(due.next - q.wall_shift, now)
        q.alarms.set(found.alarm, AlarmKind.RECURRENCE, found.number)


def _overlaps(found: Recurrence) -> bool:
    return found.spec.overlap == "skip" and bool(found.open)


def make_job(q: QueueCore, found: Recurrence, now: float, tick: float) -> Job:
    """The job of one tick carries the recurrence's number and the tick."""
    job = new_job(q, found.spec.type, found.spec.payload, q.recurrence_options or PLAIN, now)
    rare = job.rare = job.rare or Rare()
    rare.recurrence = found.number
    rare.tick = tick
    found.open.add(job.seq)
    return job
