"""The drawing and the timeline of a job say what it remembers, no more."""

import pytest

from engine.job import JobMore, JobState
from frontends.http.pages.diagram import BOX, HEIGHT, WIDTH, diagram
from frontends.http.pages.timeline import timeline
from tests.frontends.http.pages.job_views import job_view

S = JobState


@pytest.mark.parametrize("state", list(JobState))
def test_a_job_is_in_one_place_inside_the_box(state: JobState) -> None:
    drawn = diagram(job_view(state))
    assert [node.state for node in drawn.nodes if node.now] == [state]
    for node in drawn.nodes:
        assert 0 <= node.x <= WIDTH - BOX[0]
        assert 0 <= node.y <= HEIGHT - BOX[1]
    assert f"The job is {state.name.lower()}." in drawn.words


def _times(drawn: object) -> dict[str, int]:
    assert hasattr(drawn, "edges")
    return {edge.label: edge.times for edge in drawn.edges if edge.times}


def test_a_fresh_job_made_no_moves() -> None:
    drawn = diagram(job_view(S.READY))
    assert _times(drawn) == {}
    assert [node.state for node in drawn.nodes if node.been] == [S.READY]
    assert drawn.words == "The job is ready."


def test_attempts_are_counted_by_how_they_ended() -> None:
    job = job_view(
        S.FAILED, attempts=3, failures=3, more=JobMore(lapses=1, releases=2, reason="attempts")
    )
    assert _times(diagram(job)) == {
        "handed out": 6,
        "failed, tried again": 2,
        "given back": 3,
        "given up": 1,
    }
    assert diagram(job).words == (
        "The job is failed. It was handed out 6 times, failed, tried again 2 times,"
        " given back 3 times, given up once."
    )


def test_a_job_set_aside_for_its_silences_had_no_failed_attempt() -> None:
    job = job_view(S.FAILED, failures=0, more=JobMore(lapses=2, reason="quarantined"))
    assert _times(diagram(job)) == {"handed out": 2, "given back": 1, "given up": 1}


@pytest.mark.parametrize(("ended", "label"), [("canceled", "stopped"), ("lapsed", "canceled")])
def test_a_canceled_job_was_held_or_waited(ended: str, label: str) -> None:
    job = job_view(S.CANCELED, history=(("w", 1.0, 2.0, ended),))
    assert _times(diagram(job)) == {label: 1}


def test_a_delayed_job_that_is_done_waited_before() -> None:
    waited = job_view(S.EXPIRED, ready_at=160.0)
    assert _times(diagram(waited)) == {"due": 1, "came too late": 1}
    done = job_view(S.DONE, attempts=1, more=JobMore(resets=2))
    assert _times(diagram(done)) == {"handed out": 1, "finished": 1, "reset": 2}


def test_the_timeline_has_every_holder() -> None:
    history = (("ada", 110.0, 112.5, "failed"), ("bob", 120.0, 180.0, "lapsed"))
    job = job_view(
        S.RESERVED, attempts=2, failures=1, more=JobMore(lapses=1), history=history,
        holder="eve", started=True, started_at=190.0,
    )  # fmt: skip
    moments = timeline(job)
    assert [(one.words, one.by, one.seconds) for one in moments] == [
        ("published", "", None),
        ("failed", "ada", 2.5),
        ("fell silent for a whole lease", "bob", 60.0),
        ("works on it", "eve", None),
    ]
    assert [one.look for one in moments] == ["", "bad", "bad", ""]
    assert moments[-1].open
    assert moments[-1].at == 190.0


def test_attempts_that_were_forgotten_are_told() -> None:
    history = (("ada", 110.0, 112.0, "failed"),) * 10
    job = job_view(
        S.FAILED, attempts=20, failures=20, history=history, finished_at=200.0, reason="attempts"
    )
    moments = timeline(job)
    assert moments[1].words == "10 earlier attempts are not remembered one by one"
    assert moments[1].at is None
    one = timeline(job_view(S.READY, attempts=11, history=history))
    assert one[1].words == "1 earlier attempt is not remembered one by one"
    assert moments[-1].words == "failed: all its attempts are used up"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.SCHEDULED, "ready"),
        (S.READY, "published"),
        (S.CANCELED, "canceled"),
        (S.EXPIRED, "expired"),
        (S.RESERVED, "has it and did not say yet that it began"),
    ],
)
def test_where_it_is_now_comes_last(state: JobState, words: str) -> None:
    attempts = int(state is S.RESERVED)
    assert timeline(job_view(state, attempts=attempts, holder="w"))[-1].words == words


def test_an_end_that_has_no_words_is_shown_as_it_is() -> None:
    job = job_view(S.READY, history=(("w", 1.0, 2.0, "<b>"),), more=JobMore(releases=1))
    assert timeline(job)[-1].words == "<b>"
