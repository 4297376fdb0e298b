"""Every field of a job has its line, and nothing is said of what there is not."""

import pytest
from attrs import evolve

from engine.job import JobMore, JobPolicy, JobState, OnLapse
from engine.replies import JobView
from engine.retry import Backoff
from frontends.http.pages.facts import Fact, Look, backoff, facts
from tests.frontends.http.pages.job_views import job_view


def by_name(job: JobView) -> dict[str, Fact]:
    found = facts(job)
    assert len({fact.name for fact in found}) == len(found)
    return {fact.name: fact for fact in found}


def test_a_plain_job() -> None:
    said = by_name(job_view(JobState.READY, type="", priority=-1_000))
    assert said["Type"].value == "\u2013"
    assert said["Priority"].value == "-1\u202f000"
    assert said["Published"] == Fact("Published", look=Look.TIME, at=100.0)
    assert said["Expires"].at is None
    assert said["Expires"].about == ""
    assert said["Attempts"].about == "that ended or go on; 20 at most"
    assert not {"Held by", "Reservation", "Reason", "Unique key", "Recurrence"} & said.keys()


def test_what_few_jobs_have() -> None:
    more = JobMore(
        content_type="text/plain", unique_key="k", unique_scope=60.0, recurrence=7, tick=50.0,
        lapses=1, disconnects=2, releases=3, resets=4, reason="told",
    )  # fmt: skip
    policy = JobPolicy(on_lapse=OnLapse.FAIL, run_limit=90.0, max_attempts=None)
    said = by_name(
        job_view(JobState.RESERVED, more=more, policy=policy, reservation="1-2", holder="w")
    )
    assert (said["Held by"].value, said["Reservation"].value) == ("w", "1-2")
    assert said["Unique key"].about == "for 1 min"
    assert (said["Recurrence"].value, said["For the time"].at) == ("7", 50.0)
    assert [
        said[name].value for name in ("Silences", "Lost connections", "Given back", "Resets")
    ] == list("1234")
    assert said["Attempts"].about.endswith("no limit")
    assert said["Lease"].about.endswith("it has failed")
    assert said["Run limit"].value == "1 min 30 s"
    queued = evolve(more, unique_scope="queued")
    assert by_name(job_view(more=queued))["Unique key"].about == "while the first waits"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Backoff(), "1 s, 2 times as long each time, up to 6 h, ±25%"),
        (Backoff(5.0, 5.0, 1.0, 0.0), "5 s"),
        (Backoff(5.0, 60.0, 1.0, 0.1), "5 s, ±10%"),
        (Backoff(delays=(1.0, 60.0)), "1 s, 1 min"),
        (Backoff(delays=(1.0,) * 9), "1 s, 1 s, 1 s, 1 s, 1 s, …"),
    ],
)
def test_a_backoff_in_words(rule: Backoff, words: str) -> None:
    assert backoff(rule) == words
