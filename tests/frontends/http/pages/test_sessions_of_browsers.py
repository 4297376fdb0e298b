"""Sessions end when they should, and there are never too many."""

from collections.abc import Iterator

import pytest
import trio

from config.sections import LoginLimits
from config.users import Account
from frontends.http.pages import sessions
from frontends.http.pages.sessions import MOST_SAID, Sessions
from frontends.login import KEY_BYTES, Login

ADA = Account("ada", "secret", None, {"yard": frozenset({"read"})})
BOB = Account("bob", "secret", None, {"yard": frozenset({"read"})})


class Bench:
    """Sessions whose time and chance are the test's."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.login = Login((ADA, BOB), LoginLimits(), key=bytes(KEY_BYTES), clock=trio.current_time)
        numbers: Iterator[int] = iter(range(1_000_000))
        self.sessions = Sessions(
            self.login,
            idle=60,
            now=lambda: self.now,
            secret=lambda size: next(numbers).to_bytes(size, "big"),
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_who_is_no_user_has_no_session(bench: Bench) -> None:
    assert bench.sessions.open("eve", "", "yard") is None
    assert bench.sessions.find("") is None
    assert bench.sessions.find("00" * 32) is None


def test_a_session_ends_when_it_was_idle(bench: Bench) -> None:
    session = bench.sessions.open("ada", "", "yard")
    assert session is not None
    for _ in range(3):
        bench.now += 59
        assert bench.sessions.find(session.id) is session
    bench.now += 60
    assert bench.sessions.find(session.id) is None
    assert len(bench.sessions) == 0


def test_looking_at_a_session_does_not_use_it(bench: Bench) -> None:
    session = bench.sessions.open("ada", "", "yard")
    assert session is not None
    bench.now += 40
    assert bench.sessions.peek(session.id) is session
    bench.now += 40
    assert bench.sessions.find(session.id) is None


@pytest.mark.parametrize(
    "after",
    [
        (BOB,),
        (Account("ada", None, "$argon2id$other", ADA.rights), BOB),
        (Account("ada", "secret", None, {"yard": frozenset({"read", "work"})}), BOB),
        (Account("ada", "secret", None, {}), BOB),
        (Account("ada", "secret", None, ADA.rights, admin=True), BOB),
    ],
)
def test_a_session_ends_when_its_account_changes(bench: Bench, after: tuple[Account, ...]) -> None:
    ada, bob = (bench.sessions.open(name, "", "yard") for name in ("ada", "bob"))
    assert ada is not None
    assert bob is not None
    bench.login.replace_users(after)
    assert bench.sessions.find(ada.id) is None
    assert bench.sessions.find(bob.id) is bob


def test_one_user_has_a_bounded_number(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_OF_ONE", 3)
    bob = bench.sessions.open("bob", "", "yard")
    opened = [bench.sessions.open("ada", "", "yard") for _ in range(5)]
    assert bob is not None
    assert bench.sessions.count("ada") == 3
    assert bench.sessions.find(bob.id) is bob
    assert [bench.sessions.find(each.id) is each for each in opened if each] == [
        False, False, True, True, True,
    ]  # fmt: skip


def test_all_together_have_a_bounded_number(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST", 3)
    first = bench.sessions.open("ada", "", "yard")
    second = bench.sessions.open("bob", "", "yard")
    assert first is not None
    assert second is not None
    bench.sessions.find(first.id)
    for _ in range(2):
        bench.sessions.open("bob", "", "yard")
    assert len(bench.sessions) == 3
    assert bench.sessions.find(first.id) is first
    assert bench.sessions.find(second.id) is None


def test_ids_are_not_guessed_or_shared(bench: Bench) -> None:
    one, other = (bench.sessions.open("ada", "", "yard") for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.id != other.id
    assert len(one.id) == 64
    assert one.id not in repr(one)
    assert "secret" not in repr(one)


def test_logging_out_everywhere_is_of_one_user(bench: Bench) -> None:
    for name in ("ada", "ada", "bob"):
        bench.sessions.open(name, "", "yard")
    assert bench.sessions.close_all("ada") == 2
    assert len(bench.sessions) == 1


def test_what_is_said_is_heard_once_and_is_bounded(bench: Bench) -> None:
    session = bench.sessions.open("ada", "", "yard")
    assert session is not None
    for number in range(MOST_SAID + 2):
        session.say(str(number), bad=number == 3)
    heard = session.heard()
    assert [each.text for each in heard] == ["2", "3", "4", "5", "6"]
    assert [each.bad for each in heard] == [False, True, False, False, False]
    assert session.heard() == []
