"""Reading schedules: what is taken, what is refused and in which words."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recurrence import LONGEST_TEXT, BadCron, Schedule
from engine.recurrence.go_duration import parse_duration

NOW = 1_790_000_000.0


def refusal(text: str, *, seconds: bool = False, zone: str | None = None) -> str:
    with pytest.raises(BadCron) as caught:
        Schedule.parse(text, seconds=seconds, zone=zone)
    return str(caught.value)


def atoi(text: str, reason: str = "invalid syntax") -> str:
    return f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": {reason}'


def duration(text: str, reason: str) -> str:
    return f"failed to parse duration @every {text}: time: {reason}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # As the original server answered.
        ("invalid", "expected exactly 5 fields, found 1: [invalid]"),
        ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
        ("61 * * * *", "end of range (61) above maximum (59): 61"),
        ("* * * * * *", "expected exactly 5 fields, found 6: [* * * * * *]"),
        ("@nope", "unrecognized descriptor: @nope"),
        ("", "empty spec string"),
        ("@every_1h", "unrecognized descriptor: @every_1h"),
        (
            "TZ=Nope/Nope 0 5 * * *",
            "provided bad location Nope/Nope: unknown time zone Nope/Nope",
        ),
        # From the same parser.
        (" ", "expected exactly 5 fields, found 0: []"),
        (" @daily", "expected exactly 5 fields, found 1: [@daily]"),
        ("@daily ", "unrecognized descriptor: @daily "),
        ("@Daily", "unrecognized descriptor: @Daily"),
        ("TZ=UTC ", "expected exactly 5 fields, found 0: []"),
        ("TZ=UTC", "invalid timezone specification: TZ=UTC"),
        (
            "CRON_TZ=../passwd * * * * *",
            "provided bad location ../passwd: time: invalid location name",
        ),
        ("TZ=/etc @nope", "provided bad location /etc: time: invalid location name"),
        ("TZ=Europe @nope", "provided bad location Europe: unknown time zone Europe"),
        ("x * * * *", atoi("x")),
        ("-5 * * * *", atoi("")),
        ("5- * * * *", atoi("")),
        ("* * * jan-x *", atoi("x")),
        ("* * * mon *", atoi("mon")),
        ("mon * * * *", atoi("mon")),
        ("*5 * * * *", atoi("*5")),
        ("1_0 * * * *", atoi("1_0")),
        ("0x1 * * * *", atoi("0x1")),
        ("1.0 * * * *", atoi("1.0")),
        ("\u0663 * * * *", atoi("\u0663")),
        ("\u00b2 * * * *", atoi("\u00b2")),
        ("9223372036854775808 * * * *", atoi("9223372036854775808", "value out of range")),
        ("*/-9223372036854775809 * * * *", atoi("-9223372036854775809", "value out of range")),
        ("9223372036854775808x * * * *", atoi("9223372036854775808x")),
        ("18446744073709551616x * * * *", atoi("18446744073709551616x", "value out of range")),
        (
            '" * * * *',
            'failed to parse int from ": strconv.Atoi: parsing "\\"": invalid syntax',
        ),
        (
            f"{2**63 - 1} * * * *",
            f"end of range ({2**63 - 1}) above maximum (59): {2**63 - 1}",
        ),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("1/2/3 * * * *", "too many slashes: 1/2/3"),
        ("1-2-3/x * * * *", "too many hyphens: 1-2-3/x"),
        ("* 24 * * *", "end of range (24) above maximum (23): 24"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("* * 0-32 * *", "beginning of range (0) below minimum (1): 0-32"),
        ("* * * 0 *", "beginning of range (0) below minimum (1): 0"),
        ("* * * 13 *", "end of range (13) above maximum (12): 13"),
        ("* * * * 7", "end of range (7) above maximum (6): 7"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("* * * * sat-SUN", "beginning of range (6) beyond end of range (0): sat-SUN"),
        ("1,5-1,x * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("60/0 * * * *", "beginning of range (60) beyond end of range (59): 60/0"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("*/-5 * * * *", "negative number (-5) not allowed: -5"),
        ("*/ * * * *", atoi("")),
        ("x y * * *", atoi("x")),
        ("@every ", duration("", 'invalid duration ""')),
        ("@every x", duration("x", 'invalid duration "x"')),
        ("@every 1", duration("1", 'missing unit in duration "1"')),
        ("@every 1h ", duration("1h ", 'unknown unit "h " in duration "1h "')),
    ],
)
def test_bad_text_is_refused_in_the_words_of_the_original(text: str, words: str) -> None:
    assert refusal(text) == words


def test_where_six_fields_are_allowed_the_count_says_so() -> None:
    assert refusal("* * * *", seconds=True) == "expected 5 to 6 fields, found 4: [* * * *]"
    assert refusal("60 * * * * *", seconds=True) == "end of range (60) above maximum (59): 60"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\0b", "expected exactly 5 fields, found 1: [a\\x00b]"),
        ("a\x1cb", "expected exactly 5 fields, found 1: [a\\x1cb]"),
        ("TZ=UTC \x1c@daily", "expected exactly 5 fields, found 1: [\\x1c@daily]"),
        ("a\x85b\u2028c\xa0d", "expected exactly 5 fields, found 4: [a b c d]"),
        ("@no\nOK#1", "unrecognized descriptor: @no\\nOK#1"),
        ("@\x7f\u200b\U000e0001", "unrecognized descriptor: @\\x7f\\u200b\\U000e0001"),
        ("\ud800 * * * *", atoi("\\ud800")),
        ("TZ=a\tb * * * * *", "provided bad location a\\tb: unknown time zone a\\tb"),
        ("@every \u0663s", duration("\u0663s", 'invalid duration "\\xd9\\xa3s"')),
    ],
)
def test_a_refusal_is_one_line_of_printable_text(text: str, words: str) -> None:
    assert refusal(text) == words


def test_a_field_of_commas_alone_is_refused() -> None:
    assert refusal("0 0 * , *") == "no value in field: ,"


def test_the_length_is_bounded_and_not_repeated_in_the_answer() -> None:
    words = f"spec is longer than {LONGEST_TEXT} characters"
    assert refusal("9" * (LONGEST_TEXT + 1)) == words
    assert refusal("* * * * *", zone="a" * (LONGEST_TEXT + 1)) == words
    assert refusal("9" * LONGEST_TEXT) != words
    assert refusal("@every " + "9" * 150 + "h").startswith("failed to parse duration")


def test_a_zone_beside_the_text_is_checked_even_if_the_text_names_its_own() -> None:
    words = "provided bad location Mars/Base: unknown time zone Mars/Base"
    assert refusal("* * * * *", zone="Mars/Base") == words
    assert refusal("TZ=UTC * * * * *", zone="Mars/Base") == words


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("? ? ? ? ?", "* * * * *"),
        ("*/1 * * * *", "* * * * *"),
        ("5/20 * * * *", "5,25,45 * * * *"),
        ("5-5/20 * * * *", "5 * * * *"),
        ("10-20/5,+7 * * * *", "7,10,15,20 * * * *"),
        ("*/9223372036854775807 * * * *", "0 * * * *"),
        (",5,,6, * * * *", "5,6 * * * *"),
        ("007 * * * *", "7 * * * *"),
        ("0 0 * FEB-apr Mon,FRI", "0 0 * 2-4 1,5"),
        ("\t0\u30000 1 1 * ", "0 0 1 1 *"),
        ("0 0 0 1 1 *", "0 0 1 1 *"),
        ("*/15 0 0 1 1 *", "0,15,30,45 0 0 1 1 *"),
        ("TZ=UTC 0 5 * * *", "0 5 * * *"),
        ("CRON_TZ=Europe/Paris  0 5 * * *", "TZ=Europe/Paris 0 5 * * *"),
        ("TZ= 0 5 * * *", "0 5 * * *"),
        ("TZ=Local @daily", "@daily"),
        ("TZ=Asia/Tokyo @every 1m", "@every 60s"),
    ],
)
def test_two_ways_to_say_the_same(text: str, same: str) -> None:
    assert Schedule.parse(text).preview(20, NOW) == Schedule.parse(same).preview(20, NOW)


def test_a_parsed_schedule_is_a_value() -> None:
    one, other = (Schedule.parse("0 5 * * 1", zone="Europe/Paris") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Schedule.parse("0 5 * * 1")
    assert "0 5 * * 1" in repr(one)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1h30m", 5_400_000_000_000),
        ("1.5h", 5_400_000_000_000),
        ("1.125s", 1_125_000_000),
        ("300ms", 300_000_000),
        ("+5s", 5_000_000_000),
        ("-2s", -2_000_000_000),
        (".5s", 500_000_000),
        ("5.s", 5_000_000_000),
        ("1us1\u00b5s1\u03bcs", 3_000),
        ("1s2s", 3_000_000_000),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_durations_are_read_as_go_reads_them(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("+-1s", 'time: invalid duration "+-1s"'),
        (".s", 'time: invalid duration ".s"'),
        ("1..5s", 'time: missing unit in duration "1..5s"'),
        ("1h5", 'time: missing unit in duration "1h5"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("1e3s", 'time: unknown unit "e" in duration "1e3s"'),
        ('1"\\s', 'time: unknown unit "\\"\\\\s" in duration "1\\"\\\\s"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("2562048h", 'time: invalid duration "2562048h"'),
        ("9" * 150 + "x", f'time: invalid duration "{"9" * 150}x"'),
        ("9" * 150 + "s", f'time: invalid duration "{"9" * 150}s"'),
        ("1\u00b5", 'time: unknown unit "\\xc2\\xb5" in duration "1\\xc2\\xb5"'),
        ("1\u00c0~", 'time: unknown unit "\\xc3\\x80~" in duration "1\\xc3\\x80~"'),
    ],
)
def test_bad_durations_are_refused_in_gos_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\Atime: ") as caught:
        parse_duration(text)
    assert str(caught.value) == words


cron_like = st.text("0123456789*/-,?LW#@TZ=C_RONevy hms.+jansu\t\n\0", max_size=40)
words = st.lists(
    st.sampled_from(["*", "*/5", "?", "0", "59", "31", "29", "2", "1-5", "mon", "feb", "6", "L"]),
    min_size=4,
    max_size=7,
).map(" ".join)
anything = st.text(max_size=LONGEST_TEXT + 5) | cron_like | words
every = cron_like.map("@every ".__add__)
zoned = st.builds("TZ={} {}".format, st.text(string.printable, max_size=20), words)


def parsed(text: str, *, seconds: bool, zone: str | None) -> Schedule | str:
    try:
        return Schedule.parse(text, seconds=seconds, zone=zone)
    except BadCron as error:
        return str(error)


@given(anything | every | zoned, st.booleans(), st.none() | st.text(max_size=30))
def test_any_text_is_a_schedule_or_bad_cron(text: str, seconds: bool, zone: str | None) -> None:
    match parsed(text, seconds=seconds, zone=zone):
        case Schedule() as schedule:
            tick = schedule.next_after(NOW, NOW)
            assert tick is None or (tick > NOW and tick.is_integer())
        case answer:
            assert answer.isprintable()
            assert answer.encode()
            assert len(answer) < 10 * LONGEST_TEXT
