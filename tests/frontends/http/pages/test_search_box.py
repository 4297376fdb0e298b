"""The search box: what is typed is read, and what is read can be typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import STATES, JobState
from frontends.http.pages.ages import AGES, Age, age_from, age_text
from frontends.http.pages.search import (
    EVERYTHING,
    LONGEST,
    MOST_TERMS,
    PayloadTerm,
    Search,
    parse,
    text_of,
)


def test_every_key_is_read() -> None:
    text = (
        "state:failed,ready queue:mail type:resize id:0190 error:timeout"
        " payload.to.name:ada payload:text age:5m..2h"
    )
    search, mistakes = parse(text)
    assert mistakes == ()
    assert search == Search(
        (JobState.READY, JobState.FAILED),
        "mail",
        "resize",
        "0190",
        "timeout",
        (PayloadTerm(("to", "name"), "ada"), PayloadTerm((), "text")),
        Age(300, 7200),
    )
    assert parse(text_of(search)) == (search, ())


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("", EVERYTHING),
        ("  \t\n ", EVERYTHING),
        ('type:""', Search(type="")),
        ("type:", Search(type="")),
        ('queue:"a b"', Search(queue="a b")),
        (r'error:"say \"no\" \\ so"', Search(error=r'say "no" \ so')),
        ("queue:a:b", Search(queue="a:b")),
        ("STATE:x", None),
        ("state:FAILED", Search((JobState.FAILED,))),
        ("state:ready,ready", Search((JobState.READY,))),
        ("id:0190ab…", Search(id="0190ab")),
        ("age:>1h", Search(age=Age(least=3600))),
        ("age:<1h30m", Search(age=Age(most=5400))),
        ('payload.a."', None),
        ("payload:x payload:y", Search(payload=(PayloadTerm((), "x"), PayloadTerm((), "y")))),
        ("payload.a:", Search(payload=(PayloadTerm(("a",), ""),))),
        ("queue:{{7*7}}", Search(queue="{{7*7}}")),
    ],
)
def test_what_is_typed_means(text: str, search: Search | None) -> None:
    found, mistakes = parse(text)
    if search is None:
        assert mistakes
    else:
        assert (found, mistakes) == (search, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stat:failed", "there is no stat: the keys are state, queue"),
        ("states.x:failed", "there is no states.x"),
        ("state.x:failed", "there is no state.x"),
        ("state:gone", "the states are scheduled, ready"),
        ("state:", "the states are"),
        ("mail", "say where to look"),
        (":mail", "say where to look"),
        ("queue:a queue:b", "queue is said twice"),
        ("queue:", "a queue's name has 1 to 200"),
        ('queue:"a\x00b"', "a queue's name has 1 to 200"),
        ("queue:\ud800", "and is text"),
        (f"error:{'x' * 201}", "a value has 200"),
        ('type:"open', "a quote is never closed"),
        ('"', "a quote is never closed"),
        ('queue:a "open', "a quote is never closed"),
        ("id:a/b", "an id has up to 64"),
        ("error:", "say what the error's"),
        ("payload:", "say what the payload has"),
        ("payload..a:x", "a path is keys"),
        ("payload.:x", "a path is keys"),
        (f"payload{'.a' * 17}:x", "a path has 16"),
        ("age:1h", "an age is >1h"),
        ("age:>", "an age is"),
        ("age:2h..5m", "an age is"),
        ("age:5m..5m", "an age is"),
        ("age:>1_0s", "an age is"),
        ("age:>٣s", "an age is"),
        ("age:>1e9s", "an age is"),
        ("age:>9999999999w", "an age is"),
        ("age:>1h\n", None),
        ("x" * (LONGEST + 1), "a search has 2,000 characters"),
        (" payload:x" * (MOST_TERMS + 1), "a search has 20 terms"),
    ],
)
def test_what_says_nothing_is_answered_in_words(text: str, words: str | None) -> None:
    _, mistakes = parse(text)
    if words is None:
        assert mistakes == ()
    else:
        [mistake] = mistakes
        assert words in mistake.words


def test_terms_beside_a_mistake_are_read() -> None:
    search, mistakes = parse("queue:mail what:ever type:x")
    assert search == Search(queue="mail", type="x")
    assert [mistake.term for mistake in mistakes] == ["what:ever"]


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (AGES, ""),
        (Age(least=0), ">0s"),
        (Age(most=5400), "<90m"),
        (Age(least=604_800), ">1w"),
        (Age(61, 7200), "61s..2h"),
    ],
)
def test_an_age_in_its_shortest_words(age: Age, text: str) -> None:
    assert age_text(age) == text
    if text:
        assert age_from(text) == age


_names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)
_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_steps = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters='.:"'))
_ages = st.one_of(
    st.just(AGES),
    st.integers(0, 10**9).map(lambda s: Age(least=s)),
    st.integers(0, 10**9).map(lambda s: Age(most=s)),
    st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)).map(lambda p: Age(p[0], sum(p))),
)
_searches = st.builds(
    Search,
    states=st.lists(st.sampled_from(STATES), unique=True).map(lambda s: tuple(sorted(s))),
    queue=st.none() | _names,
    type=st.none() | st.just("") | _names,
    id=st.none() | st.text("0123456789abcdef-", min_size=1, max_size=36),
    error=st.none() | _texts,
    payload=st.lists(
        st.builds(
            PayloadTerm, st.lists(_steps.filter(bool).map(lambda s: s[:9]), max_size=3).map(tuple),
            _texts,
        ),
        max_size=3,
    ).map(tuple),
    age=_ages,
)  # fmt: skip


@given(_searches)
def test_every_search_can_be_typed(search: Search) -> None:
    assert parse(text_of(search)) == (search, ())


@given(st.text())
def test_no_text_breaks_the_box(text: str) -> None:
    search, mistakes = parse(text)
    again, left = parse(text_of(search))
    assert again == search
    assert left == ()
    assert all(len(mistake.words) < 300 for mistake in mistakes)
