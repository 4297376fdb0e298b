"""The history checker finds what it is for, and is silent about what can be explained."""

import pytest

from jobyard.soak.history import (
    Closing,
    Ending,
    Event,
    Got,
    Killing,
    Publishing,
    Remaining,
    Resetting,
    Taking,
    judge,
)

PUBLISHED = Publishing("k", sent=1.0, answered=1.1, job="j")
OTHER = Publishing("o", sent=1.0, answered=1.1, job="i")


def got(at: float, holder: str = "ada", number: int | None = None, lapse: float = 1e9) -> Got:
    return Got("k", "j", holder, at, number, lapse)


def done(
    sent: float, holder: str = "ada", number: int | None = None, accepted: bool | None = True
) -> Ending:
    return Ending("j", holder, "done", sent, sent + 0.1, accepted, number)


def failed(sent: float, holder: str = "ada", delay: float = 0.0) -> Ending:
    return Ending("j", holder, "failed", sent, sent + 0.1, True, None, delay)


WRONG: list[tuple[str, list[Event], list[Remaining]]] = [
    ("lost", [PUBLISHED], []),
    ("lost", [PUBLISHED, got(2.0)], []),
    ("lost", [PUBLISHED, got(2.0), done(3.0, accepted=False)], []),
    ("lost", [PUBLISHED, got(2.0), failed(3.0)], []),
    ("unexpected", [], [Remaining("k", "j", "ready")]),
    ("unexpected", [got(2.0), done(3.0)], []),
    ("unexpected", [PUBLISHED], [Remaining("k", "j", "ready"), Remaining("k", "i", "ready")]),
    (
        "unexpected",
        [Publishing("k", 1.0)],
        [Remaining("k", "j", "ready"), Remaining("k", "i", "ready")],
    ),
    ("renamed", [PUBLISHED, OTHER, Got("k", "i", "ada", 2.0)], [Remaining("k", "j", "ready")]),
    ("double-held", [PUBLISHED, got(2.0), got(3.0, "bob"), done(4.0)], []),
    ("double-held", [PUBLISHED, got(2.0), got(3.0), done(4.0, number=2)], []),
    ("double-held", [PUBLISHED, got(2.0), Closing("bob", 2.5), got(3.0, "bob"), done(4.0)], []),
    ("double-held", [PUBLISHED, got(2.0, lapse=5.0), got(4.9, "bob"), done(6.0, "bob")], []),
    ("double-held", [PUBLISHED, Killing(1.5), got(2.0), got(3.0, "bob"), done(4.0)], []),
    (
        "double-held",
        [PUBLISHED, got(2.0), Taking(2.1, 2.2, holder="eve"), got(3.0, "bob"), done(4.0)],
        [],
    ),
    (
        "double-held",
        [PUBLISHED, Taking(1.8, 1.9, job="j"), got(2.0), got(3.0, "bob"), done(4.0)],
        [],
    ),
    ("stale-accepted", [PUBLISHED, got(2.0, lapse=3.0), got(4.0, "bob"), done(5.0)], []),
    (
        "stale-accepted",
        [PUBLISHED, got(2.0, number=1, lapse=3.0), got(4.0, number=2), done(5.0, number=1)],
        [],
    ),
    ("redelivered", [PUBLISHED, got(2.0), done(3.0), got(4.0, "bob")], []),
    ("undone", [PUBLISHED, got(2.0), done(3.0)], [Remaining("k", "j", "ready")]),
    ("early", [Publishing("k", 1.0, 1.1, "j", delay=5.0), got(5.999), done(7.0)], []),
    (
        "early",
        [PUBLISHED, got(2.0), failed(3.0, delay=5.0), got(7.999), done(9.0)],
        [],
    ),
    (
        "unexplained",
        [PUBLISHED, got(2.0), failed(3.0), got(4.0), done(5.0)],
        [Remaining("k", "j", "done", counted=1)],
    ),
]

RIGHT: dict[str, tuple[list[Event], list[Remaining]]] = {
    "done and kept": ([PUBLISHED, got(2.0), done(3.0)], [Remaining("k", "j", "done", 1)]),
    "done and forgotten": ([PUBLISHED, got(2.0), done(3.0)], []),
    "done, the answer lost": (
        [PUBLISHED, got(2.0), Ending("j", "ada", "done", 3.0)],
        [],
    ),
    "done, the answer lost and the commit too": (
        [PUBLISHED, got(2.0), Ending("j", "ada", "done", 3.0), Killing(3.1), got(4.0, "bob")],
        [Remaining("k", "j", "reserved", 2)],
    ),
    "a publish without answer that was not kept": ([Publishing("k", 1.0)], []),
    "a publish without answer that was kept": (
        [Publishing("k", 1.0)],
        [Remaining("k", "j", "ready", 0)],
    ),
    "back after its connection closed": (
        [PUBLISHED, got(2.0), Closing("ada", 2.5), got(3.0, "bob"), done(4.0, "bob")],
        [Remaining("k", "j", "done", 2)],
    ),
    "back after a kill": (
        [PUBLISHED, got(2.0), Killing(2.5), got(3.0, "bob"), done(4.0, "bob")],
        [],
    ),
    "back after a lapse, the old holder refused": (
        [PUBLISHED, got(2.0, lapse=3.0), got(3.0, "bob"), done(3.5, accepted=False)],
        [Remaining("k", "j", "reserved")],
    ),
    "a late done of a job that came back and waits again": (
        [
            PUBLISHED,
            got(2.0, number=1, lapse=3.0),
            got(3.0, "bob", number=2),
            Ending("j", "bob", "released", 3.2, 3.3, True, 2),
        ],
        [Remaining("k", "j", "ready", 2)],
    ),
    "a retry after its delay, to the millisecond": (
        [PUBLISHED, got(2.0), failed(3.0, delay=5.0), got(8.0), done(9.0)],
        [],
    ),
    "done, reset, done again": (
        [PUBLISHED, got(2.0), done(3.0), Resetting("j", 3.5), got(4.0), done(5.0)],
        [Remaining("k", "j", "done", 2)],
    ),
    "done, a reset that took its time, done again": (
        [PUBLISHED, got(2.0), done(3.0), Resetting("j", 2.5, 3.5), got(4.0), done(5.0)],
        [Remaining("k", "j", "done", 2)],
    ),
    "a holder that was sent away": (
        [PUBLISHED, got(2.0), Taking(2.1, 2.2, holder="ada"), got(2.3, "bob"), done(3.0, "bob")],
        [Remaining("k", "j", "done", 2)],
    ),
    "a cancellation that nobody answered, and a reset": (
        [PUBLISHED, Taking(1.8, job="j"), got(2.0), got(2.3, "bob"), done(3.0, "bob")],
        [Remaining("k", "j", "done", 2)],
    ),
}


@pytest.mark.parametrize(("kind", "events", "remaining"), WRONG)
def test_a_wrong_history_is_found(
    kind: str, events: list[Event], remaining: list[Remaining]
) -> None:
    assert kind in {fault.kind for fault in judge(events, remaining)}


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_an_explained_history_is_not(name: str) -> None:
    events, remaining = RIGHT[name]
    assert judge(events, remaining) == []


def test_a_fault_names_the_job_and_says_why() -> None:
    (fault,) = judge([PUBLISHED], [])
    assert (fault.kind, fault.key) == ("lost", "k")
    assert "j" in fault.why
