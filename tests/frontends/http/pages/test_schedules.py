"""Schedules in words: right where they are short, and the text itself where they would not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recurrence import Schedule
from frontends.http.pages.schedules import told

SAID = [
    ("* * * * *", "every minute"),
    ("*/5 * * * *", "every 5 minutes"),
    ("0,30 * * * *", "every 30 minutes"),
    ("0 * * * *", "every hour, on the hour"),
    ("30 * * * *", "every hour, at minute 30"),
    ("5,10 * * * *", "every hour, at minutes 5 and 10"),
    ("5 */2 * * *", "every 2 hours, at minute 5"),
    ("*/15 8-17 * * 1-5", "every 15 minutes from 08:00 to 17:59, Monday to Friday"),
    ("0 8-17 * * *", "every hour from 08:00 to 17:59, on the hour"),
    ("*/5 9 * * *", "every 5 minutes from 09:00 to 09:59"),
    ("15 9 * * *", "every day at 09:15"),
    ("0 9,17 * * mon-fri", "at 09:00 and 17:00, Monday to Friday"),
    ("0 12 * * 6,0", "at 12:00 on Saturdays and Sundays"),
    ("0 0 1,15 * *", "at 00:00 on the 1st and 15th of every month"),
    ("0 0 2,3,11,22 * *", "at 00:00 on the 2nd, 3rd, 11th and 22nd of every month"),
    ("0 0 29 2 *", "at 00:00 on 29 February"),
    ("0 0 13 * 5", "at 00:00 on the 13th of every month, and on Fridays"),
    ("0 0 * 6-8 *", "at 00:00, every day from June to August"),
    ("0 0 * 1,7 1", "at 00:00 on Mondays in January and July"),
    ("0 0 1 6-8 *", "at 00:00 on the 1st of every month from June to August"),
    ("0 0 1 * 0-6", "every day at 00:00"),
    ("0 0 ? * ?", "every day at 00:00"),
    ("@yearly", "at 00:00 on 1 January"),
    ("@monthly", "at 00:00 on the 1st of every month"),
    ("@weekly", "at 00:00 on Sundays"),
    ("@midnight", "every day at 00:00"),
    ("@hourly", "every hour, on the hour"),
    ("* * * * * *", "every second"),
    ("*/10 * * * * *", "every 10 seconds"),
    ("30 * * * * *", "every minute, at second 30"),
    ("15 30 9 * * *", "every day at 09:30:15"),
    ("@every 90s", "every 90 seconds"),
    ("@every 1h30m", "every 90 minutes"),
    ("@every 48h", "every 2 days"),
    ("@every 1ns", "every second"),
]


@pytest.mark.parametrize(("text", "words"), SAID)
def test_what_is_short_is_said(text: str, words: str) -> None:
    Schedule.parse(text)
    assert told(text).words == words


@pytest.mark.parametrize(
    "text",
    [
        "*/7 * * * *",  # the last step of an hour is shorter
        "1,7,9,11,13 * * * *",
        "0 0 */2 * 1",
        "0 0 * 1,3,5,7,9,11 *",
        "*/10 0 * * * *",
        "30 5,10 * * * *",
        "0 8-10,12-18 * * *",
    ],
)
def test_what_is_not_short_is_the_text_itself(text: str) -> None:
    Schedule.parse(text)
    assert told(text).words == f"at the times of “{text}”"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("@daily", None, "UTC"),
        ("@daily", "Europe/Paris", "Europe/Paris"),
        ("TZ=Asia/Tokyo @daily", "Europe/Paris", "Asia/Tokyo"),
        ("CRON_TZ=Asia/Tokyo 0 0 * * *", None, "Asia/Tokyo"),
        ("TZ=Local @daily", "Europe/Paris", "Europe/Paris"),
        ("TZ=Asia/Tokyo @every 5m", None, ""),
    ],
)
def test_the_zone_is_the_one_that_counts(text: str, zone: str | None, expected: str) -> None:
    Schedule.parse(text, zone=zone)
    assert told(text, zone).zone == expected


@given(st.text(max_size=40) | st.text("*/,-0123456789@ ?TZ=every", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert told(text).words


_PART = st.sampled_from(["*", "0", "*/5", "*/7", "1-5", "2,4", "3", "1-31/2"])


@given(st.lists(_PART, min_size=5, max_size=6))
def test_every_spelling_of_the_same_times_has_the_same_words(parts: list[str]) -> None:
    text = " ".join(parts)
    try:
        Schedule.parse(text)
    except ValueError:
        return
    spelled = " ".join(part.replace("1-5", "1,2,3-4,5").replace("2,4", "4,2") for part in parts)
    words = told(text).words
    assert told(spelled).words == words.replace(text, spelled)
