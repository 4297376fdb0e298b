"""What is due: at most one job for what passed, and no tick twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recurrence import ON_TIME, Due, Missed, Schedule

START = 1_790_000_000.0
YEAR = 365 * 86400.0
POLICIES: tuple[Missed, ...] = ("skip", "once")

MINUTELY = Schedule.parse("* * * * *")
TICK = 1_790_000_040.0  # the first full minute after START


@pytest.mark.parametrize("missed", POLICIES)
def test_nothing_is_due_before_its_time(missed: Missed) -> None:
    assert MINUTELY.due(START, TICK - 0.001, START, missed) == Due(None, START, TICK)


@pytest.mark.parametrize("missed", POLICIES)
@pytest.mark.parametrize("delay", [0.0, 0.004, 5.0])
def test_a_tick_that_has_come_makes_one_job(missed: Missed, delay: float) -> None:
    assert MINUTELY.due(START, TICK + delay, START, missed) == Due(TICK, TICK, TICK + 60)


def test_of_many_missed_ticks_once_makes_one_job() -> None:
    hourly = Schedule.parse("0 * * * *")
    newest = hourly.preview(10, START)[-1]
    now = newest + 1800
    assert hourly.due(START, now, START, "once") == Due(newest, newest, newest + 3600)


def test_of_many_missed_ticks_skip_makes_none_and_leaves_them_behind() -> None:
    hourly = Schedule.parse("0 * * * *")
    newest = hourly.preview(10, START)[-1]
    now = newest + 1800
    done = hourly.due(START, now, START, "skip")
    assert done == Due(None, newest, newest + 3600)
    assert hourly.due(done.last, now, START, "once").tick is None


def test_skip_still_takes_a_tick_that_is_barely_late() -> None:
    hourly = Schedule.parse("0 * * * *")
    tick = hourly.preview(1, START)[0]
    assert hourly.due(START, tick + ON_TIME, START, "skip").tick == tick
    assert hourly.due(START, tick + ON_TIME + 0.001, START, "skip").tick is None
    assert hourly.due(START, tick + 5.0, START, "skip", on_time=4.0).tick is None


def test_a_gap_of_years_with_a_tick_every_second_is_no_long_walk() -> None:
    now = START + 10 * YEAR + 0.5
    for text in ("@every 1s", "* * * * * *"):
        due = Schedule.parse(text).due(START, now, START, "once")
        assert due == Due(now - 0.5, now - 0.5, now + 0.5)


@pytest.mark.parametrize("period", [1, 2, 5, 7])
def test_the_newest_is_found_whatever_the_gap(period: int) -> None:
    schedule = Schedule.parse(f"@every {period}s")
    for gap in range(period, 200):
        newest = START + gap - gap % period
        assert schedule.due(START, START + gap + 0.5, START, "once").tick == newest


def test_the_newest_of_two_neighbours_is_found() -> None:
    schedule = Schedule.parse("0,1 * * * * *")
    for gap in range(1, 59):
        assert schedule.due(TICK - 1, TICK + gap, START, "once").tick == TICK + 1


def test_a_clock_that_jumps_back_makes_nothing_due_until_it_has_caught_up() -> None:
    fired = MINUTELY.due(START, TICK, START, "once")
    for now in (TICK - YEAR, TICK - 1, TICK, TICK + 59.9):
        assert MINUTELY.due(fired.last, now, START, "once") == Due(None, TICK, TICK + 60)
    assert MINUTELY.due(fired.last, TICK + 60, START, "once").tick == TICK + 60


def test_what_was_before_the_declaration_is_never_due() -> None:
    assert MINUTELY.due(0.0, START, START, "once") == Due(None, 0.0, TICK)
    assert MINUTELY.due(0.0, TICK, START, "once").tick == TICK


@pytest.mark.parametrize("missed", POLICIES)
def test_what_never_fires_is_never_due(missed: Missed) -> None:
    never = Schedule.parse("0 0 30 2 *")
    assert never.due(START, START + YEAR, START, missed) == Due(None, START, None)


def test_the_doubled_hour_does_not_fire_a_fixed_time_again() -> None:
    schedule = Schedule.parse("30 2 * * *", zone="Europe/Paris")
    first = 1_792_888_200.0  # 25 October 2026, 02:30 summer time
    due = schedule.due(first - 10, first, first - 10, "once")
    assert due.tick == first
    assert schedule.due(due.last, first + 3600, first - 10, "once").tick is None


schedules = st.sampled_from([
    Schedule.parse("* * * * *"),
    Schedule.parse("*/7 * * * *", zone="Europe/Paris"),
    Schedule.parse("30 2 * * *", zone="America/New_York"),
    Schedule.parse("*/20 * * * * *"),
    Schedule.parse("@every 7m"),
])  # fmt: skip
jumps = st.lists(st.floats(-90_000, 90_000) | st.floats(0, 120), max_size=40)


@given(schedules, st.sampled_from(POLICIES), jumps)
def test_no_tick_twice_and_none_early_whatever_the_clock_does(
    schedule: Schedule, missed: Missed, steps: list[float]
) -> None:
    now = last = START
    ticks: list[float] = []
    for step in steps:
        now += step
        due = schedule.due(last, now, START, missed)
        if due.tick is not None:
            assert last < due.tick <= now
            assert due.last == due.tick
            ticks.append(due.tick)
        assert due.last >= last
        assert due.next is not None
        assert due.next > max(now, due.last)
        last = due.last
    assert len(set(ticks)) == len(ticks)


@given(schedules, st.floats(START, START + 20_000), st.floats(0, 20_000))
def test_once_takes_the_newest_of_what_passed(schedule: Schedule, last: float, gap: float) -> None:
    now = last + gap
    passed = []
    tick = schedule.next_after(last, START)
    while tick is not None and tick <= now:
        passed.append(tick)
        tick = schedule.next_after(tick, START)
    newest = passed[-1] if passed else None
    assert schedule.due(last, now, START, "once") == Due(newest, newest or last, tick)
