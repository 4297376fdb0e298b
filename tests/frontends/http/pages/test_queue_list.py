"""Which queues a page shows, and in which order."""

from collections.abc import Mapping

import pytest

from engine.figures import QueueLine
from engine.history import Tally
from engine.job import JobState
from frontends.http.pages.queue_list import PAGE, Order, QueuePage, page_of


def line(name: str, workers: int = 0, **states: int) -> QueueLine:
    counts = tuple(states.get(state.name.lower(), 0) for state in JobState)
    return QueueLine(name, counts, workers, 0, False, "", False, "", False)


def names(page: QueuePage) -> list[str]:
    return [row.line.name for row in page.rows]


QUEUES = [
    line("b", ready=2, scheduled=3),
    line("C", workers=2, done=9),
    line("a", ready=4, failed=1, reserved=2),
]
DID: Mapping[str, Tally] = {"C": Tally(20, 10, 0, 0), "b": Tally(10, 10, 0, 0)}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["C", "a", "b"]),
        ("-name", ["b", "a", "C"]),
        ("waiting", ["b", "a", "C"]),
        ("-waiting", ["C", "a", "b"]),
        ("held", ["a", "C", "b"]),
        ("failed", ["a", "C", "b"]),
        ("done", ["C", "a", "b"]),
        ("workers", ["C", "a", "b"]),
        ("rate", ["C", "b", "a"]),
        ("nonsense", ["C", "a", "b"]),
        ("--name", ["C", "a", "b"]),
    ],
)
def test_any_column_sorts(order: str, expected: list[str]) -> None:
    assert names(page_of(QUEUES, DID, order=Order.parse(order))) == expected


def test_an_order_is_written_as_it_is_read() -> None:
    for text in ("", "-name", "rate", "-rate"):
        assert Order.parse(text).text == text
    assert Order.parse("name").text == ""


def test_a_click_turns_the_column_it_is_sorted_by_round() -> None:
    assert Order.parse("rate").towards("rate").text == "-rate"
    assert Order.parse("-rate").towards("rate").text == "rate"
    assert Order.parse("-rate").towards("held").text == "held"


def test_a_search_takes_part_of_a_name_in_any_letters() -> None:
    assert names(page_of(QUEUES, {}, search="c")) == ["C"]
    assert names(page_of(QUEUES, {}, search="nothing")) == []
    assert page_of(QUEUES, {}, search="nothing").found == 0


def test_pages_follow_each_other_and_none_is_outside() -> None:
    many = [line(f"q{number:03}") for number in range(PAGE + 1)]
    first = page_of(many, {})
    assert (len(first.rows), first.first, first.found, first.next) == (PAGE, 1, PAGE + 1, 2)
    for page in (2, 3, 10**6):
        last = page_of(many, {}, page=page)
        assert (names(last), last.first, last.page, last.next) == (
            [f"q{PAGE:03}"],
            PAGE + 1,
            2,
            None,
        )
    assert page_of([], {}, page=7).page == 1


def test_rates_are_of_a_second() -> None:
    (row,) = page_of(QUEUES, DID, search="c").rows
    assert (row.published, row.finished, row.waiting, row.done) == (2.0, 1.0, 0, 9)
