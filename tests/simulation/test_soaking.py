"""Many seeds: counted, some played twice, what fails made small; and processes that misbehave."""

import multiprocessing
from collections.abc import Iterator

import pytest

from jobyard.soak.lanes import Lane, Play, ended
from jobyard.soak.outcome import Outcome
from jobyard.soak.plan import plan
from jobyard.soak.report import as_values, promises
from jobyard.soak.showing import text
from jobyard.soak.shrink import Playing
from jobyard.soak.soaking import FAILING, SHRUNK, Course, Soak
from tests.simulation import plays

SECONDS = 60.0


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def soaked(playing: Playing, seeds: range, *, processes: int = 2, **more: object) -> Soak:
    soak = Soak(Course(seeds, SECONDS, processes, **more), playing)  # type: ignore[arg-type]
    soak.run(lambda: None)
    return soak


def test_every_seed_is_counted_once_and_every_tenth_is_played_twice() -> None:
    soak = soaked(plays.fine, range(25))
    assert (soak.played, soak.twice, soak.seconds) == (25, 3, 25 * SECONDS)
    assert soak.fine
    assert [(one.promise, one.broken, one.of) for one in promises(soak)] == [
        ("lost", 0, 75),
        ("double-held", 0, 100),
        ("stale-accepted", 0, 75),
        ("early", 0, 25),
        ("redelivered", 0, 50),
        ("anything else", 0, 25),
        ("unlike itself", 0, 3),
    ]


def test_a_failing_seed_is_played_again_and_shrunk_to_the_faults_it_needs() -> None:
    soak = soaked(plays.broken_by_two, range(3, 5))
    assert (soak.failing, soak.twice, soak.fine) == (1, 1, False)
    assert dict(soak.broken) == {"lost": 1, "stuck": 1}
    assert [one.promise for one in promises(soak)][-2:] == ["stuck", "unlike itself"]
    [failure] = soak.failures
    assert failure.exact
    planned = plan(3, SECONDS)
    # Either complaint is worth the fewest faults: the one fault that gets it stuck.
    assert [planned.index(fault) for fault in failure.least.faults] == [7]
    assert "again: jobyard soak --seed 3 --seconds 60 --faults 7\n" in text(soak, 1.0)
    assert as_values(soak, 1.0)["failures"] == [
        {
            "seed": 3,
            "exact": True,
            "complaints": ["stuck: job-9"],
            "faults": [str(planned[7])],
            "again": "jobyard soak --seed 3 --seconds 60 --faults 7",
        }
    ]


def test_chosen_faults_alone_happen_and_are_named_again() -> None:
    soak = soaked(plays.broken_by_two, range(3, 4), faults=(1, 2, 5))
    [failure] = soak.failures
    planned = plan(3, SECONDS)
    assert [planned.index(fault) for fault in failure.first.faults] == [1, 2, 5]
    assert [planned.index(fault) for fault in failure.least.faults] == [2, 5]


def test_a_seed_that_goes_another_way_is_a_failure() -> None:
    soak = soaked(plays.another_way_each_time, range(11))
    assert (soak.failing, sorted(soak.unlike), soak.fine) == (0, [0, 10], False)
    assert "Not every promise was kept." in text(soak, 1.0)


def test_it_ends_when_enough_has_failed_and_shrinks_the_first_only() -> None:
    soak = soaked(plays.always_broken, range(1_000))
    assert FAILING <= soak.failing == len(soak.failures) < FAILING + 2
    assert soak.twice == soak.failing
    shrunk = [failure for failure in soak.failures if not failure.least.faults]
    assert len(shrunk) == SHRUNK


def test_no_seed_is_begun_when_the_time_is_over() -> None:
    soak = soaked(plays.fine, range(10), until=0.0)
    assert (soak.played, soak.fine) == (0, False)
    assert "No seed came to its end." in text(soak, 0.0)


def test_an_interruption_leaves_what_there_is() -> None:
    soak = Soak(Course(range(1_000_000), SECONDS, 2), plays.fine)

    def look() -> None:
        if soak.played > 4:
            soak.stop()

    soak.run(look)
    assert 4 < soak.played < 1_000
    assert text(soak, 1.0).endswith("Interrupted. No promise was broken.")


@pytest.mark.parametrize(
    ("playing", "said"),
    [
        (plays.raising, "harness: ValueError: seed 4\nis odd"),
        (plays.dying, "died: its process ended on the way"),
    ],
)
def test_a_run_without_an_end_is_a_failure_and_the_others_go_on(
    playing: Playing, said: str
) -> None:
    soak = soaked(playing, range(4, 6), processes=1)
    assert (soak.played, soak.failing) == (2, 2)
    first = soak.failures[0]
    assert (first.first.complaints, first.exact) == ((said,), True)
    assert first.least.faults == plan(4, SECONDS)
    assert "again: jobyard soak --seed 4 --seconds 60\n" in text(soak, 1.0)


def hang() -> Outcome:
    return plays.hanging(5, SECONDS)


def be_fine() -> Outcome:
    return plays.fine(6, SECONDS)


def play_in(lane: Lane, seed: int, play: Play, patience: float) -> Outcome:
    lane.start(seed, play, patience)
    while True:
        for found, outcome in ended([lane], 0.01):
            assert found is lane
            return outcome


def test_a_run_that_hangs_is_ended_and_its_lane_plays_on() -> None:
    lane = Lane()
    try:
        assert play_in(lane, 5, hang, 0.0).complaints == ("hung: it came to no end",)
        assert play_in(lane, 6, be_fine, 1_000.0) == be_fine()
    finally:
        lane.end()


def test_a_planted_fault_is_found_and_shown_to_need_nothing_else() -> None:
    soak = Soak(Course(range(1), 10.0, 2), plays.hurried)
    soak.run(lambda: None)
    [failure] = soak.failures
    assert failure.exact
    assert failure.least.kinds & failure.first.kinds == {"early"}
    assert failure.least.faults == ()
    assert "again: jobyard soak --seed 0 --seconds 10 --faults none\n" in text(soak, 1.0)
    assert plays.hurried(0, 10.0, ()) == failure.least
