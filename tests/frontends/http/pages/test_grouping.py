"""Failures that are alike are one, however often and with whatever numbers."""

import pytest

from engine.job import JobState
from frontends.http.pages.grouping import LONGEST, MOST_GROUPS, Failure, Groups, folded, fragment
from tests.frontends.http.pages.job_views import job_view


@pytest.mark.parametrize(
    ("error", "alike"),
    [
        ("no route to 10.0.0.7:80", "no route to #"),
        ("job 0190c2e4-7f1a-7abc-8def-0123456789ab is gone", "job # is gone"),
        ("at 0x7ffdeadbeef", "at #"),
        ("etag 9f86d081884c7d65", "etag #"),
        ("took 3.5 s, 12 tries", "took # s, # tries"),
        ("decade facade defaced", "decade facade defaced"),
        ("first\nsecond 5", "first"),
        ("\r\n  first\r\nsecond", "first"),
        ("", ""),
        ("٣ items", "٣ items"),
        ("x" * 5000, "x" * LONGEST),
        ("9" * 100_000, "#"),
        ("lone \ud800\udfff words", "lone # words"),
    ],
)
def test_numbers_and_ids_are_folded(error: str, alike: str) -> None:
    assert folded(error) == alike


def test_a_group_has_first_last_count_and_a_sample() -> None:
    groups = Groups()
    for number, (at, over) in enumerate([(20.0, True), (10.0, False), (30.0, True)]):
        job = job_view(id=f"j{number}", updated_at=at, error=f"no {number}", error_type="OSError")
        groups.add(job, over=over)
    [group] = groups.ranked()
    assert group.failure == Failure("q", "t", "OSError", "no #")
    assert (group.first, group.last, group.sample) == (10.0, 30.0, "j2")
    assert (group.count, group.failed, group.waiting) == (3, 2, 1)
    assert group.message == "no 2"
    assert group.over == "j2"


def test_the_most_frequent_comes_first_and_types_are_told_apart() -> None:
    groups = Groups()
    for kind in ("rare", "often", "often"):
        groups.add(job_view(type=kind, error="x"), over=True)
    assert [(one.failure.type, one.count) for one in groups.ranked()] == [("often", 2), ("rare", 1)]


def test_a_job_without_words_is_known_by_the_engines_own() -> None:
    groups = Groups()
    groups.add(job_view(JobState.FAILED, reason="quarantined"), over=True)
    assert groups.ranked()[0].failure.reason == "quarantined"


def test_kinds_past_the_bound_are_counted_together() -> None:
    groups = Groups()
    for number in range(MOST_GROUPS + 5):
        groups.add(job_view(type=f"t{number}"), over=True)
    groups.add(job_view(type="t0"), over=True)
    assert len(groups.by_failure) == MOST_GROUPS
    assert groups.others == 5
    assert groups.ranked()[0].count == 2


@pytest.mark.parametrize(
    ("error", "piece"),
    [
        ("no route to #:#", "no route to"),
        ("# # #", ""),
        ("", ""),
        ("a # bc", "bc"),
        ("plain", "plain"),
    ],
)
def test_what_all_of_a_kind_have_in_common(error: str, piece: str) -> None:
    assert fragment(error) == piece
