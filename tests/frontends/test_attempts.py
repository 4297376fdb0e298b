"""Wrong passwords and their pauses."""

import pytest
from attrs import evolve

from config.sections import LoginLimits
from frontends.attempts import Attempts, Pair, origin

LIMITS = LoginLimits(failures=3, pause=1.0, pause_max=10.0, forget=100.0, watched=4)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(attempts: Attempts, name: str, address: str = "192.0.2.1") -> Pair:
    with attempts.entered(name, address) as pair:
        attempts.failed(pair)
    return pair


def test_the_pause_begins_with_the_last_allowed_failure_and_doubles() -> None:
    clock = Clock()
    attempts = Attempts(LIMITS, clock)
    pauses = []
    for _ in range(9):
        pair = fail(attempts, "ada")
        pauses.append(max(0.0, pair.until - clock.now))
        clock.now = max(clock.now, pair.until)
    assert pauses == [0, 0, 1, 2, 4, 8, 10, 10, 10]


def test_a_pause_ends_when_it_ends() -> None:
    clock = Clock()
    attempts = Attempts(evolve(LIMITS, failures=1), clock)
    fail(attempts, "ada")
    assert attempts.paused("ada", "192.0.2.1")
    clock.now += 0.999
    assert attempts.paused("ada", "192.0.2.1")
    clock.now += 0.001
    assert not attempts.paused("ada", "192.0.2.1")


def test_others_do_not_pause() -> None:
    attempts = Attempts(evolve(LIMITS, failures=1), Clock())
    fail(attempts, "ada")
    assert not attempts.paused("ada", "192.0.2.2")
    assert not attempts.paused("bob", "192.0.2.1")


def test_failures_are_forgotten_after_a_while() -> None:
    clock = Clock()
    attempts = Attempts(LIMITS, clock)
    for _ in range(3):
        pair = fail(attempts, "ada")
    clock.now = pair.until + 99.9
    assert fail(attempts, "ada").failures == 4
    clock.now = pair.until + 100
    assert fail(attempts, "ada").failures == 1


def test_the_right_password_forgets_the_wrong_ones() -> None:
    attempts = Attempts(LIMITS, Clock())
    fail(attempts, "ada")
    with attempts.entered("ada", "192.0.2.1") as pair:
        attempts.passed(pair)
    assert len(attempts) == 0


def test_the_table_is_bounded_and_the_oldest_makes_room() -> None:
    attempts = Attempts(LIMITS, Clock())
    for name in ("a", "b", "c", "d", "a", "e"):
        fail(attempts, name)
    assert len(attempts) == LIMITS.watched
    assert fail(attempts, "a").failures == 3
    assert fail(attempts, "b").failures == 1


def test_a_pair_that_made_room_leaves_its_successor_alone() -> None:
    attempts = Attempts(evolve(LIMITS, watched=1), Clock())
    with attempts.entered("a", "192.0.2.1"):
        fail(attempts, "b")
        kept = fail(attempts, "a")
    with attempts.entered("a", "192.0.2.1") as again:
        assert again is kept


def test_no_number_of_failures_overflows() -> None:
    attempts = Attempts(evolve(LIMITS, pause=0.001), Clock())
    pair = Pair("a", "b", failures=10**9, last=1000.0)
    attempts.failed(pair)
    assert pair.until == 1010.0


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:54321", "192.0.2.1"),
        ("[2001:db8:1:2::5]:54321", "2001:db8:1:2::/64"),
        ("[fe80::1%eth0]:54321", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_who_is_held_responsible(address: str, held: str) -> None:
    assert origin(address) == held
