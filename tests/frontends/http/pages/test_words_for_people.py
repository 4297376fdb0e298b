"""Values in words."""

from math import inf, nan

import pytest

from frontends.http.pages import words

DASH = "\u2013"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, DASH), (nan, DASH), (inf, DASH), (0, "0 s"), (0.0001, "0 s"), (0.0123, "12 ms"),
        (1.0, "1 s"), (1.25, "1.2 s"), (59.4, "59 s"), (60, "1 min"), (61, "1 min 1 s"),
        (3600, "1 h"), (3660, "1 h 1 min"), (3601, "1 h"), (86_400, "1 d"), (90_000, "1 d 1 h"),
        (1e9, "11574 d 1 h"), (-5, "-5 s"), (119.9, "2 min"),
    ],
)  # fmt: skip
def test_how_long(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (1000.4, "now"), (None, "never"), (inf, "never"), (nan, "never"), (970, "30 s ago"),
        (1030, "in 30 s"), (1000 - 7_300, "2 h ago"), (1000 + 90_000, "in 1 d"), (998.5, "1 s ago"),
    ],
)  # fmt: skip
def test_when(at: float | None, said: str) -> None:
    assert words.relative(at, 1000) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "1970-01-01T00:00:00.000Z"), (1_600_000_000.1234, "2020-09-13T12:26:40.123Z"),
        (1e18, "1e+18"), (inf, "inf"), (nan, "nan"),
    ],
)  # fmt: skip
def test_exactly_when(at: float, said: str) -> None:
    assert words.exact(at) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(-1, "unknown"), (0, "0 bytes"), (1, "1 byte"), (1023, "1\u202f023 bytes"), (1536, "1.5 KiB"),
     (5 << 30, "5.0 GiB"), (9 << 50, "9216.0 TiB")],
)  # fmt: skip
def test_how_large(count: int, said: str) -> None:
    assert words.size(count) == said


def test_how_often() -> None:
    assert [words.times(count) for count in (1, 2, 1000)] == [
        "once", "2 times", "1\u202f000 times",
    ]  # fmt: skip


@pytest.mark.parametrize("code", [0xAD, 0x200B, 0x2060, 0x2064, 0x3164, 0xFEFF, 0xE0041])
def test_what_takes_no_place_is_written_out(code: int) -> None:
    assert words.visible(f"a{chr(code)}b") == f"a\\u{code:04x}b"


def test_how_many() -> None:
    assert words.number(1_234_567) == "1\u202f234\u202f567"
    assert words.number(2.0) == "2"
    assert words.number(1234.56) == "1\u202f234.6"
    assert words.number(0.04) == "0.0"
    assert words.plural(1, "job") == "1 job"
    assert words.plural(0, "job") == "0 jobs"
    assert words.plural(2, "query", "queries") == "2 queries"


def test_nothing_is_hidden() -> None:
    assert words.visible("a\x00b\x1b[31m\x7f\r") == "a␀b␛[31m␡␍"
    assert words.visible("lines\n\tstay") == "lines\n\tstay"
    assert words.visible("\u202e\u200b\x85\ufeff\ud800") == "\\u202e\\u200b\\u0085\\ufeff\\ud800"
    assert words.visible("ä 漢 🙂") == "ä 漢 🙂"
