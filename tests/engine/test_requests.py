"""Which answers are remembered, for how long and how many."""

from engine.queue_state.requests import Requests
from engine.replies import Published

ANSWER = Published("a-job")


def test_an_answer_is_remembered_for_the_window() -> None:
    requests = Requests(window=10.0)
    requests.add("a", 1.0, ANSWER)
    assert requests.find("a", 10.9) == ANSWER
    assert requests.find("a", 11.0) is None
    assert requests.find("b", 2.0) is None


def test_what_is_too_old_goes_and_no_other() -> None:
    requests = Requests(window=10.0)
    for at in range(5):
        requests.add(str(at), float(at), ANSWER)
    assert requests.outdated(9.9) == []
    assert requests.outdated(12.0) == ["0", "1", "2"]
    assert [requests.find(str(at), 5.0) for at in range(5)] == [None, None, None, ANSWER, ANSWER]
    assert requests.outdated(12.0) == []


def test_what_is_too_much_goes_oldest_first() -> None:
    requests = Requests(limit=3)
    for at in range(6):
        requests.add(str(at), float(at), ANSWER)
    requests.add("0", 6.0, ANSWER)
    assert requests.outdated(7.0) == ["1", "2", "3"]
    assert requests.outdated(7.0) == []


def test_it_goes_in_parts_that_a_step_can_bear() -> None:
    requests = Requests(window=10.0)
    for at in range(250):
        requests.add(str(at), 0.0, ANSWER)
    assert [len(requests.outdated(20.0)) for _ in range(4)] == [100, 100, 50, 0]


def test_an_answer_that_was_never_given_is_forgotten() -> None:
    requests = Requests()
    requests.add("a", 1.0, ANSWER)
    requests.drop("a")
    requests.drop("a")
    assert requests.find("a", 1.0) is None
