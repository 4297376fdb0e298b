"""Who may come in, and what it costs."""

import time

import pytest
import trio
from attrs import evolve

from config.sections import LoginLimits
from config.users import Account
from engine import passwords
from frontends.login import KEY_BYTES, Login, Verdict

HERE = "192.0.2.1"
KEY = bytes(range(KEY_BYTES))
HASHED = Account("ada", password_hash="hash of right")
PLAIN = Account("bob", password="right")
LIMITS = LoginLimits(failures=5, pause=1.0)


class Checker:
    """Stands for argon2: counts, and can be held up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.running = 0
        self.most = 0
        self.gate: trio.Event | None = None

    async def __call__(self, password_hash: str, password: str) -> bool:
        self.asked.append(password_hash)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.gate is not None:
                await self.gate.wait()
            await trio.lowlevel.checkpoint()
        finally:
            self.running -= 1
        return password_hash == f"hash of {password}"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def checker() -> Checker:
    return Checker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(checker: Checker, clock: Clock) -> Login:
    return Login([HASHED, PLAIN], LIMITS, key=KEY, clock=clock, verify=checker)


async def test_only_the_first_login_pays(login: Login, checker: Checker) -> None:
    assert not login.remembered("ada", "right", HERE)
    assert await login.check("ada", "right", HERE) is Verdict.WELCOME
    assert login.remembered("ada", "right", HERE)
    assert not login.remembered("ada", "wrong", HERE)
    assert await login.check("ada", "right", "192.0.2.9") is Verdict.WELCOME
    assert checker.asked == ["hash of right"]


async def test_a_plain_password_costs_nothing_from_the_start(
    login: Login, checker: Checker
) -> None:
    assert login.remembered("bob", "right", HERE)
    assert await login.check("bob", "right", HERE) is Verdict.WELCOME
    assert checker.asked == []


@pytest.mark.parametrize("name", ["ada", "bob", "nobody", "", "\udcff", "x" * 2000])
async def test_every_refusal_costs_one_check(login: Login, checker: Checker, name: str) -> None:
    assert not login.remembered(name, "wrong", HERE)
    assert await login.check(name, "wrong", HERE) is Verdict.INVALID_CREDS
    assert len(checker.asked) == 1
    assert (checker.asked[0] == passwords.DUMMY) is (name != "ada")


async def test_nobodys_password_lets_nobody_in(clock: Clock) -> None:
    async def yes(_hash: str, _password: str) -> bool:
        await trio.lowlevel.checkpoint()
        return True

    login = Login([PLAIN], LIMITS, key=KEY, clock=clock, verify=yes)
    assert await login.check("nobody", "x", HERE) is Verdict.INVALID_CREDS
    assert await login.check("bob", "x", HERE) is Verdict.INVALID_CREDS
    assert not login.remembered("nobody", "x", HERE)


async def test_after_five_failures_even_the_right_password_waits(
    login: Login, checker: Checker, clock: Clock
) -> None:
    for _ in range(5):
        assert await login.check("bob", "wrong", HERE) is Verdict.INVALID_CREDS
    assert await login.check("bob", "right", HERE) is Verdict.TRY_LATER
    assert not login.remembered("bob", "right", HERE)
    assert login.remembered("bob", "right", "192.0.2.2")
    assert len(checker.asked) == 5
    clock.now = 1.0
    assert login.remembered("bob", "right", HERE)
    assert await login.check("bob", "wrong", HERE) is Verdict.INVALID_CREDS
    clock.now = 2.5
    assert await login.check("bob", "right", HERE) is Verdict.TRY_LATER
    clock.now = 3.0
    assert await login.check("bob", "right", HERE) is Verdict.WELCOME
    assert login.statistics().watched == 0


async def test_a_new_connection_does_not_escape_the_pause(login: Login) -> None:
    for port in range(50_000, 50_005):
        assert await login.check("bob", "wrong", f"{HERE}:{port}") is Verdict.INVALID_CREDS
    assert await login.check("bob", "right", f"{HERE}:60000") is Verdict.TRY_LATER
    assert not login.remembered("bob", "right", f"{HERE}:60001")


async def test_guesses_at_one_time_do_not_outrun_the_count(login: Login, checker: Checker) -> None:
    verdicts: list[Verdict] = []

    async def guess(number: int) -> None:
        verdicts.append(await login.check("ada", f"guess {number}", HERE))

    async with trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(guess, number)
    assert verdicts.count(Verdict.INVALID_CREDS) == 5
    assert verdicts.count(Verdict.TRY_LATER) == 45
    assert (len(checker.asked), checker.most) == (5, 1)
    assert login.statistics().refused == 5
    assert login.statistics().paused == 45


async def test_many_who_come_at_one_time_pay_once(login: Login, checker: Checker) -> None:
    verdicts: list[Verdict] = []

    async def enter() -> None:
        verdicts.append(await login.check("ada", "right", HERE))

    async with trio.open_nursery() as nursery:
        for _ in range(100):
            nursery.start_soon(enter)
    assert verdicts == [Verdict.WELCOME] * 100
    assert checker.asked == ["hash of right"]


async def test_a_cancelled_check_leaves_nothing_behind(login: Login, checker: Checker) -> None:
    checker.gate = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(login.check, "ada", "right", HERE)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert login.statistics().watched == 0
    checker.gate.set()
    assert await login.check("ada", "right", HERE) is Verdict.WELCOME


async def test_new_users_take_the_place_of_the_old(login: Login, checker: Checker) -> None:
    await login.check("ada", "right", HERE)
    eve = Account("eve", password="new")
    changed = evolve(PLAIN, password="other")
    assert login.replace_users([HASHED, changed, eve]) == frozenset()
    assert login.remembered("ada", "right", HERE), "unchanged, so it need not be shown again"
    assert not login.remembered("bob", "right", HERE)
    assert login.remembered("bob", "other", HERE)
    assert login.remembered("eve", "new", HERE)
    rehashed = evolve(HASHED, password_hash="hash of better")
    assert login.replace_users([rehashed]) == {"bob", "eve"}
    assert not login.remembered("ada", "right", HERE)
    assert not login.remembered("eve", "new", HERE)
    assert await login.check("ada", "right", HERE) is Verdict.INVALID_CREDS
    assert await login.check("ada", "better", HERE) is Verdict.WELCOME
    assert login.account("bob") is None
    assert [each.name for each in login.accounts()] == ["ada"]


async def test_a_plain_password_that_became_a_hash_has_to_be_shown(login: Login) -> None:
    login.replace_users([Account("bob", password_hash="hash of right")])
    assert not login.remembered("bob", "right", HERE)
    assert await login.check("bob", "right", HERE) is Verdict.WELCOME


async def test_a_user_replaced_during_its_check_does_not_come_in(
    login: Login, checker: Checker
) -> None:
    checker.gate = trio.Event()
    verdicts: list[Verdict] = []

    async def enter() -> None:
        verdicts.append(await login.check("ada", "right", HERE))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(enter)
        await trio.testing.wait_all_tasks_blocked()
        login.replace_users([])
        checker.gate.set()
    assert verdicts == [Verdict.INVALID_CREDS]
    assert not login.remembered("ada", "right", HERE)


def test_ten_thousand_users_are_ready_in_a_moment(clock: Clock, checker: Checker) -> None:
    accounts = [Account(f"u{number}", password=f"p{number}") for number in range(10_000)]
    before = time.process_time()
    login = Login(accounts, LIMITS, key=KEY, clock=clock, verify=checker)
    assert time.process_time() - before < 2.0
    assert login.remembered("u9999", "p9999", HERE)
    assert login.statistics().remembered == 10_000


def test_nothing_that_is_kept_shows_a_password(login: Login) -> None:
    account = login.account("bob")
    assert account is not None
    assert account.password is None
    assert "right" not in repr(account).replace("rights=", "")


async def test_real_hashes_are_checked_in_threads(clock: Clock) -> None:
    account = Account("ada", password_hash=passwords.hash_password("right"))
    login = Login([account], LIMITS, key=KEY, clock=clock)
    assert await login.check("ada", "wrong", HERE) is Verdict.INVALID_CREDS
    assert await login.check("nobody", "right", HERE) is Verdict.INVALID_CREDS
    assert await login.check("ada", "right", HERE) is Verdict.WELCOME
    assert login.remembered("ada", "right", HERE)
