"""Addresses of pages, whatever names stand in them."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands.fields import is_name
from frontends.http.pages.places import Places, named, segment

NAMES = st.text(min_size=1, max_size=40).filter(is_name)
ODD = [
    "mail", "a/b", "/", "//", ".", "..", "...", "a..b", "~", "~2f", "%2e%2e", "%", "a b", "?", "#",
    "\\", "&=;", "ä", "🙂", "+", ":", "a/../b", "\u00a0",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_stays_one_segment(name: str) -> None:
    written = segment(name)
    assert written.isascii()
    assert not set(written) & set("/\\?# .") or set(written) & set("abcdefgh")
    assert unquote(written) not in {".", ".."}
    assert "/" not in unquote(written)
    assert named(unquote(written)) == name


@given(NAMES)
def test_every_name_is_read_as_it_was_written(name: str) -> None:
    assert named(unquote(segment(name))) == name


@given(NAMES, NAMES)
def test_no_two_names_are_written_alike(one: str, other: str) -> None:
    assert (segment(one) == segment(other)) == (one == other)


@pytest.mark.parametrize("text", ["", "~", "~2", "~2F", "~zz", "a/b", "a\\b", "a\0", "~~"])
def test_what_no_name_is_written_as_is_none(text: str) -> None:
    assert named(text) is None


def test_links_have_their_prefix_and_what_is_asked() -> None:
    places = Places("/jobs")
    assert places.at() == "/jobs/"
    assert places.at("queues", "a/b", page=2, q=None, sort="") == "/jobs/queues/a~2fb?page=2"
    assert places.at("jobs", q="state:failed x=&y") == "/jobs/jobs?q=state%3Afailed+x%3D%26y"
    assert Places("").at("queues") == "/queues"


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/jobs/queues", "/queues"),
        ("/queues", "/queues"),
        ("/jobs", "/jobs"),
        ("/jobsx/", "/jobsx/"),
    ],
)
def test_a_prefix_may_be_taken_away_already(path: str, left: str) -> None:
    assert Places("/jobs").stripped(path) == left


@pytest.mark.parametrize(
    "target",
    [
        "",
        "x",
        "//evil",
        "/\\evil",
        "https://evil",
        "javascript:1",
        "/a\nb",
        "/a\\b",
        "\t/",
        "/\u2028",
    ],
)
def test_nobody_is_sent_elsewhere(target: str) -> None:
    assert Places("").own(target) == "/"
    assert Places("/jobs").own(target) == "/jobs/"


def test_one_goes_back_where_one_was() -> None:
    assert Places("").own("/queues?page=2") == "/queues?page=2"
    assert Places("/jobs").own("/queues") == "/jobs/"
    assert Places("/jobs").own("/jobs/queues") == "/jobs/queues"
