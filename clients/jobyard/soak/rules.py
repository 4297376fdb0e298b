"""Promises that are about no hold: what is over stays over, gone is gone, a tick fires once."""

from collections.abc import Iterator, Sequence

from engine.testing import START
from jobyard.soak.guests import FINAL
from jobyard.soak.history import Got, Publishing, Remaining, Resetting
from jobyard.soak.story import Bulk, Emptied, Over, Story, Tick

Shift = tuple[float, float]
"""When, and how far from then on the wall clock is off; virtual seconds."""


def broken(story: Story, left: Sequence[Remaining], shifts: Sequence[Shift]) -> Iterator[str]:
    """Every one of them that was broken, as a sentence."""
    yield from story.complaints
    yield from _over(story, left)
    there = {one.job for one in left}
    for seen in story.witnessed:
        if isinstance(seen, Emptied):
            for job in there.intersection(seen.jobs):
                yield f"unpurged: {job} is there though its queue was emptied at {seen.at:.3f}"
    yield from _torn(story, left)
    yield from _ticks([seen for seen in story.witnessed if isinstance(seen, Tick)], shifts)


def _over(story: Story, left: Sequence[Remaining]) -> Iterator[str]:
    states = {one.job: one.state for one in left}
    resets: dict[str, float] = {}
    grants: dict[str, float] = {}
    for event in story.events:
        match event:
            case Resetting(job=job, sent=sent, answered=answered):
                until = sent if answered is None else answered
                resets[job] = max(resets.get(job, until), until)
            case Got(job=job, at=at):
                grants[job] = at
            case _:
                pass
    for seen in story.witnessed:
        if not isinstance(seen, Over) or resets.get(seen.job, -1.0) >= seen.sent:
            continue
        if grants.get(seen.job, -1.0) > seen.at:
            yield f"undone: {seen.job} was {seen.state} for all to see and was handed out again"
        state = states.get(seen.job, seen.state)
        if state != seen.state:
            word = "turned" if state in FINAL else "is"
            yield f"undone: {seen.job} was {seen.state} for all to see and {word} {state}"


def _torn(story: Story, left: Sequence[Remaining]) -> Iterator[str]:
    known = {one.key for one in left}
    for event in story.events:
        if isinstance(event, Got) or (isinstance(event, Publishing) and event.job):
            known.add(event.key)
    for seen in story.witnessed:
        if isinstance(seen, Bulk) and 0 < len(known.intersection(seen.keys)) < len(seen.keys):
            missing = ", ".join(key for key in seen.keys if key not in known)
            yield f"torn: of the bulk {seen.keys} there is no {missing}"


def _ticks(ticks: Sequence[Tick], shifts: Sequence[Shift]) -> Iterator[str]:
    made: dict[tuple[int, float], str] = {}
    for one in ticks:
        if not one.tick:
            continue
        first = made.setdefault((one.recurrence, one.tick), one.job)
        if first != one.job:
            yield f"ticked: {one.job} and {first} are both of {one.recurrence} at {one.tick}"
        ahead = [shift for at, shift in shifts if START + at <= one.created_at]
        if one.tick > one.created_at + max(ahead, default=0.0):
            early = one.tick - one.created_at
            yield f"early: {one.job} was made {early:.6f} s before its tick"
