"""When schedules fire, above all where clocks change."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recurrence import MOST_PREVIEWED, Schedule
from engine.recurrence.fields import Field, split_fields
from engine.recurrence.rules import END

PARIS = "Europe/Paris"
NEW_YORK = "America/New_York"
HOUR = 3600


def at(text: str, zone: str = "UTC", fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def firings(text: str, zone: str, first: str, last: str) -> list[str]:
    """Local times with their offsets, of the ticks after `first` up to `last`."""
    schedule = Schedule.parse(text, zone=zone)
    end = at(last, zone)
    ticks = (tick for tick in schedule.preview(MOST_PREVIEWED, at(first, zone)) if tick <= end)
    return [f"{datetime.fromtimestamp(tick, ZoneInfo(zone)):%d %H:%M%z}" for tick in ticks]


def test_it_fires_strictly_later_and_on_the_second() -> None:
    minutely = Schedule.parse("* * * * *")
    start = at("2026-11-22T11:00:00")
    assert minutely.next_after(start, 0) == start + 60
    assert minutely.next_after(math.nextafter(start, 0), 0) == start
    assert minutely.next_after(start + 59.999_999, 0) == start + 60
    secondly = Schedule.parse("* * * * * *")
    assert secondly.next_after(start, 0) == start + 1
    assert secondly.next_after(start + 0.25, 0) == start + 1


@pytest.mark.parametrize(
    ("text", "after", "tick"),
    [
        ("30 4 1,15 * 5", "2026-11-22T00:00", "2026-11-27T04:30"),  # a Friday: either is enough
        ("30 4 1,15 * 5", "2026-11-27T04:30", "2026-12-01T04:30"),
        ("0 0 13 * *", "2026-11-22T00:00", "2026-12-13T00:00"),
        ("0 0 */2 * 1", "2026-11-22T00:00", "2026-11-23T00:00"),  # a step is a restriction
        ("0 0 1-31 * 1", "2026-11-23T00:00", "2026-11-24T00:00"),  # so are all of them listed
        ("0 0 *,5 * 1", "2026-11-23T00:00", "2026-11-30T00:00"),  # a star anywhere is none
        ("0 0 5 * ?", "2026-11-22T00:00", "2026-12-05T00:00"),
        ("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("15 10 12 31 12 *", "2026-11-22T00:00", "2026-12-31T12:10:15"),
        ("0 0 * * 0", "2026-11-22T00:00", "2026-11-29T00:00"),
    ],
)
def test_the_next_tick(text: str, after: str, tick: str) -> None:
    assert Schedule.parse(text).next_after(at(after), 0) == at(tick)


@pytest.mark.parametrize("text", ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "* * * 31 4 *"])
@pytest.mark.parametrize("zone", ["UTC", PARIS])
def test_a_day_no_month_has_never_comes(text: str, zone: str) -> None:
    schedule = Schedule.parse(text, zone=zone)
    assert schedule.next_after(at("2026-01-01"), 0) is None
    assert schedule.preview(5, at("2026-01-01")) == []


def test_every_counts_whole_seconds_from_its_declaration() -> None:
    schedule = Schedule.parse("@every 1m30.9s")
    assert schedule.next_after(1000.7, 1000.7) == 1090.0
    assert schedule.next_after(1090.0, 1000.7) == 1180.0
    assert schedule.next_after(1089.9, 1000.7) == 1090.0
    assert schedule.next_after(1_000_000.0, 1000.7) == 1_000_090.0
    assert schedule.next_after(5.0, 1000.7) == 1090.0


@pytest.mark.parametrize("text", ["@every 300ms", "@every 0", "@every -5h", "@every 1.9s"])
def test_every_is_at_least_a_second(text: str) -> None:
    assert Schedule.parse(text).next_after(1000.7, 1000.7) == 1001.0


def test_every_of_the_longest_duration() -> None:
    assert Schedule.parse("@every 2562047h").next_after(1000.0, 1000.0) == 2562047 * HOUR + 1000


@pytest.mark.parametrize("text", ["* * * * *", "@every 1s"])
@pytest.mark.parametrize("when", [math.nan, math.inf, 1e300, END])
def test_no_tick_after_what_is_no_date(text: str, when: float) -> None:
    assert Schedule.parse(text, zone=PARIS).next_after(when, 0.0) is None


@pytest.mark.parametrize("since", [math.nan, math.inf, -math.inf, 1e300])
def test_no_tick_of_an_anchor_that_is_no_date(since: float) -> None:
    assert Schedule.parse("@every 1s").next_after(0.0, since) is None


@pytest.mark.parametrize("zone", ["UTC", PARIS, NEW_YORK])
def test_the_ends_of_the_calendar(zone: str) -> None:
    daily = Schedule.parse("0 12 * * *", zone=zone)
    for early in (-math.inf, -1e300, -1.0, 0.0):
        assert daily.next_after(early, 0) == at("1970-01-01T12:00", zone)
    assert daily.next_after(math.nextafter(END, 0), 0) is not None


def test_a_preview_is_bounded() -> None:
    schedule = Schedule.parse("@every 1s")
    assert schedule.preview(3, 10.5) == [11.0, 12.0, 13.0]
    assert schedule.preview(0, 10.5) == []
    assert schedule.preview(-1, 10.5) == []
    assert len(schedule.preview(10**9, 10.5)) == MOST_PREVIEWED


@pytest.mark.parametrize(
    ("text", "fired"),
    [
        # 29 March 2026 in Paris: 02:00 to 03:00 does not exist.
        ("30 2 * * *", ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]),
        ("15,45 2 * * *", ["28 02:15+0100", "28 02:45+0100", "29 03:00+0200", "30 02:15+0200",
                           "30 02:45+0200"]),
        ("0 3 * * *", ["28 03:00+0100", "29 03:00+0200"]),
        ("30 2 29 * *", ["29 03:00+0200"]),
        ("0 30 2 * * *", ["28 02:30+0100", "30 02:30+0200"]),
        ("30 ?/12,2 29 * *", ["29 00:30+0100", "29 12:30+0200"]),
        ("30 */2 29 * *", ["29 00:30+0100", "29 04:30+0200", "29 06:30+0200", "29 08:30+0200",
                           "29 10:30+0200", "29 12:30+0200", "29 14:30+0200", "29 16:30+0200",
                           "29 18:30+0200", "29 20:30+0200", "29 22:30+0200"]),
    ],
)  # fmt: skip
def test_the_skipped_hour_in_paris(text: str, fired: list[str]) -> None:
    assert firings(text, PARIS, "2026-03-28T00:00", "2026-03-30T02:59") == fired


def test_the_skipped_hour_passes_by_what_follows_elapsed_time() -> None:
    fired = ["29 01:20+0100", "29 01:40+0100", "29 03:00+0200", "29 03:20+0200"]
    assert firings("*/20 * * * *", PARIS, "2026-03-29T01:00", "2026-03-29T03:20") == fired
    assert firings("@hourly", PARIS, "2026-03-29T00:00", "2026-03-29T04:00") == [
        "29 01:00+0100", "29 03:00+0200", "29 04:00+0200",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fired"),
    [
        # 25 October 2026 in Paris: 02:00 to 03:00 comes twice.
        ("30 2 * * *", ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]),
        ("0 3 * * *", ["24 03:00+0200", "25 03:00+0100"]),
        ("0 30 2 * * *", ["24 02:30+0200", "25 02:30+0200", "25 02:30+0100", "26 02:30+0100"]),
    ],
)
def test_the_doubled_hour_in_paris(text: str, fired: list[str]) -> None:
    assert firings(text, PARIS, "2026-10-24T00:00", "2026-10-26T02:59") == fired


def test_the_doubled_hour_fires_twice_what_follows_elapsed_time() -> None:
    assert firings("@hourly", PARIS, "2026-10-25T01:00", "2026-10-25T03:00") == [
        "25 02:00+0200", "25 02:00+0100", "25 03:00+0100",
    ]  # fmt: skip


def test_new_york_in_march_and_november() -> None:
    assert firings("30 2 * * *", NEW_YORK, "2026-03-07T12:00", "2026-03-09T12:00") == [
        "08 03:00-0400", "09 02:30-0400",
    ]  # fmt: skip
    assert firings("30 1 * * *", NEW_YORK, "2026-10-31T12:00", "2026-11-02T12:00") == [
        "01 01:30-0400", "02 01:30-0500",
    ]  # fmt: skip
    assert firings("@hourly", NEW_YORK, "2026-03-08T00:30", "2026-03-08T04:00") == [
        "08 01:00-0500", "08 03:00-0400", "08 04:00-0400",
    ]  # fmt: skip
    assert firings("*/30 * * * *", NEW_YORK, "2026-11-01T00:30", "2026-11-01T02:00") == [
        "01 01:00-0400", "01 01:30-0400", "01 01:00-0500", "01 01:30-0500", "01 02:00-0500",
    ]  # fmt: skip


def test_inside_the_doubled_hour_a_fixed_time_is_past() -> None:
    schedule = Schedule.parse("45 2 * * *", zone=PARIS)
    again = at("2026-10-25T02:15", PARIS, fold=1)
    assert schedule.next_after(again, 0) == at("2026-10-26T02:45", PARIS)


def test_the_prefix_decides_the_zone() -> None:
    noon = at("2026-07-01T12:00", "Asia/Tokyo")
    after = at("2026-07-01T00:00")
    for text, zone in (
        ("TZ=Asia/Tokyo 0 12 * * *", PARIS),
        ("CRON_TZ=Asia/Tokyo 0 12 * * *", None),
        ("0 12 * * *", "Asia/Tokyo"),
        ("TZ=Local 0 12 * * *", "Asia/Tokyo"),
    ):
        assert Schedule.parse(text, zone=zone).next_after(after, 0) == noon


def field(low: int, high: int) -> st.SearchStrategy[str]:
    lists = st.lists(st.integers(low, high), min_size=1, max_size=3)
    return (
        st.just("*")
        | st.sampled_from([2, 3, 7, 15]).map("*/{}".format)
        | lists.map(lambda values: ",".join(map(str, values)))
    )


CHANGES = [
    (PARIS, at("2026-03-29T01:00")),
    (PARIS, at("2026-10-25T01:00")),
    (NEW_YORK, at("2026-03-08T07:00")),
    (NEW_YORK, at("2026-11-01T06:00")),
    ("Asia/Kathmandu", at("2026-11-01T06:00")),
    ("UTC", at("2026-11-01T06:00")),
]
texts = st.builds("{} {} {} * {}".format, field(0, 59), field(0, 5), field(1, 31), field(0, 6))


def chain(schedule: Schedule, start: float, end: float) -> Iterator[float]:
    tick = schedule.next_after(start, 0)
    while tick is not None and tick <= end:
        yield tick
        tick = schedule.next_after(tick, 0)


@given(texts, st.sampled_from(CHANGES), st.lists(st.floats(-20 * HOUR, 20 * HOUR), max_size=20))
def test_the_ticks_are_one_fixed_set_wherever_one_asks(
    text: str, change: tuple[str, float], offsets: list[float]
) -> None:
    zone, middle = change
    schedule = Schedule.parse(text, zone=zone)
    start, end = middle - 30 * HOUR, middle + 30 * HOUR
    ticks = list(chain(schedule, start, end))
    assert all(earlier < later for earlier, later in pairwise([start, *ticks]))
    for when in (middle + offset for offset in offsets):
        expected = next((tick for tick in ticks if tick > when), None)
        found = schedule.next_after(when, 0)
        assert found == expected if expected is not None else found is None or found > end


def fits(fields: list[Field], moment: datetime) -> bool:
    _, minute, hour, day, month, weekday = fields
    by_day = moment.day in day.values
    by_weekday = moment.isoweekday() % 7 in weekday.values
    both = day.star or weekday.star
    return (
        moment.minute in minute.values
        and moment.hour in hour.values
        and moment.month in month.values
        and ((by_day and by_weekday) if both else (by_day or by_weekday))
    )


@given(texts, st.sampled_from(CHANGES))
def test_elapsed_time_fires_at_every_minute_whose_reading_fits(
    text: str, change: tuple[str, float]
) -> None:
    zone, middle = change
    fields, _ = split_fields(text, seconds=False)
    schedule = Schedule.parse(f"0 {text}", zone=zone)
    start = datetime.fromtimestamp(middle, UTC) - timedelta(hours=12)
    minutes = [start + timedelta(minutes=n) for n in range(1, 24 * 60)]
    expected = [m.timestamp() for m in minutes if fits(fields, m.astimezone(ZoneInfo(zone)))]
    assert list(chain(schedule, start.timestamp(), minutes[-1].timestamp())) == expected
