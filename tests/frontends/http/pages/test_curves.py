"""Samples as lines of charts."""

import json

import msgspec
import pytest

from engine.history import COARSE_KEPT, FINE, FINE_KEPT, PER_COARSE, History, Tally
from frontends.http.pages import curves

START = 1_600_000_000.0


def sampled(count: int) -> History:
    """A server with two groups, each of whose queues takes ten jobs a sample and ends five."""
    history = History()
    for number in range(count):
        history.sample(
            {
                key: Tally(10 * number, 5 * number, number, 3)
                for key in (("g", "a"), ("g", "b"), ("h", "a"))
            },
            START + FINE * number,
        )
    return history


def test_all_groups_together_and_one_by_itself() -> None:
    history = sampled(4)
    now = START + 3 * FINE
    for group, queues in ((None, 3), ("g", 2), ("h", 1)):
        points = curves.samples(history, group, curves.HOUR, now)
        drawn = curves.rates(points, curves.HOUR)
        assert drawn.times == tuple(point.at for point in points)
        published, finished, failed = (line.values for line in drawn.lines)
        assert published[-3:] == (queues * 1.0,) * 3
        assert finished[-3:] == (queues * 0.5,) * 3
        assert failed[-3:] == pytest.approx((queues * 0.1,) * 3)
        assert curves.backlog(points).lines[0].values[-1] == 3 * queues
        assert curves.lately(history, group, now) == (queues * 1.0, queues * 0.5)
    assert curves.samples(history, "nosuch", curves.HOUR, now) == []


def test_the_hour_and_the_day_have_their_own_grain() -> None:
    history = sampled(FINE_KEPT * 2)
    now = START + FINE * (FINE_KEPT * 2 - 1)
    hour = curves.samples(history, None, curves.HOUR, now)
    day = curves.samples(history, None, curves.DAY, now)
    assert len(hour) == FINE_KEPT
    assert len(day) == FINE_KEPT * 2 // PER_COARSE < COARSE_KEPT
    assert curves.rates(day, curves.DAY).lines[0].values[-1] == pytest.approx(3.0)
    assert curves.rates(hour, curves.HOUR).lines[0].values[-1] == pytest.approx(3.0)


def test_an_old_sample_is_no_rate_of_now() -> None:
    history = sampled(4)
    for group in (None, "g"):
        assert curves.lately(history, group, START + 3 * FINE + curves.LATELY) != (0, 0)
        assert curves.lately(history, group, START + 3 * FINE + curves.LATELY + 1) == (0, 0)
    assert curves.lately(History(), None, START) == (0, 0)


def test_the_rate_of_now_outlives_a_restart_and_needs_no_track() -> None:
    history = sampled(4)
    now = START + 3 * FINE
    assert curves.lately(History.unpack(history.pack()), "g", now) == (2.0, 1.0)
    del history.groups["g"]
    assert curves.lately(history, "g", now) == (2.0, 1.0)


def test_what_a_script_reads_is_columns() -> None:
    points = curves.samples(sampled(3), None, curves.HOUR, START)
    plain = json.loads(msgspec.json.encode(curves.rates(points, curves.HOUR).plain()))
    assert [each["label"] for each in plain["series"]] == ["published", "finished", "failed"]
    assert len(plain["values"]) == 4
    assert {len(column) for column in plain["values"]} == {3}
