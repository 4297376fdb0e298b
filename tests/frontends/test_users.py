"""Users of the settings and those added by command, as the login and the doors see them."""

from collections.abc import AsyncIterator, Collection, Sequence

import pytest
import trio
from trio.testing import MockClock

from config.sections import LoginLimits
from config.users import Account
from engine import commands as c
from engine.access import MEMBER, Principal, Right, caller
from engine.account_replies import TokenMade
from engine.directory import Directory
from engine.replies import OK
from engine.testing import START, memory_engine
from frontends.login import KEY_BYTES, Login, Verdict
from frontends.users import Users

ADDRESS = "192.0.2.1:1"
ROOT = caller(Principal("root", admin=True), "")
CONFIGURED = (Account("bob", password="bob's", rights={"yard": frozenset({"read"})}),)


async def plainly(password: str) -> str:
    await trio.lowlevel.checkpoint()
    return f"hash of {password}"


async def verify(password_hash: str, password: str) -> bool:
    await trio.lowlevel.checkpoint()
    return password_hash == f"hash of {password}"


class World:
    """An engine, its users, and what the doors were told."""

    def __init__(self, engine: Directory) -> None:
        self.engine = engine
        self.login = Login(
            CONFIGURED, LoginLimits(), key=bytes(KEY_BYTES), clock=trio.current_time, verify=verify
        )
        self.users = Users(engine, self.login, CONFIGURED, ["yard"])
        self.closed: list[str] = []
        self.groups: list[str] = []
        self.users.on_change.append(self._tell)

    def _tell(self, closed: Collection[str], groups: Sequence[str]) -> None:
        self.closed += closed
        self.groups = list(groups)

    async def do(self, command: object) -> object:
        return await self.engine.execute(ROOT, command)

    async def token(self, name: str = "deploy", **said: float) -> str:
        made = await self.do(c.AddToken(name, "yard", ("publish",), **said))
        assert isinstance(made, TokenMade)
        return made.token


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with memory_engine(hash_password=plainly) as engine:
        yield World(engine)


async def test_who_was_added_may_log_in_and_who_was_dropped_not(
    autojump_clock: MockClock, world: World
) -> None:
    assert await world.do(c.AddUser("ada", "right", (c.Grant("yard"),))) == OK
    assert await world.login.check("ada", "wrong", ADDRESS) is Verdict.INVALID_CREDS
    assert await world.login.check("ada", "right", ADDRESS) is Verdict.WELCOME
    assert world.login.remembered("ada", "right", ADDRESS)
    assert world.login.principal("ada") == Principal("ada", {"yard": MEMBER})
    assert world.closed == []
    await world.do(c.ChangeUser("ada", password="new"))
    assert not world.login.remembered("ada", "right", ADDRESS)
    assert await world.login.check("ada", "new", ADDRESS) is Verdict.WELCOME
    assert world.closed == []
    await world.do(c.DropUser("ada"))
    assert world.closed == ["ada"]
    assert await world.login.check("ada", "new", ADDRESS) is Verdict.INVALID_CREDS
    assert world.login.principal("ada") is None


async def test_sessions_close_when_rights_change(autojump_clock: MockClock, world: World) -> None:
    await world.do(c.AddUser("ada", "right", (c.Grant("yard"),)))
    await world.do(c.ChangeUser("ada", groups=(c.Grant("yard", ("read",)),)))
    assert world.closed == ["ada"]
    await world.do(c.ChangeUser("ada", admin=True))
    assert world.closed == ["ada", "ada"]
    assert world.login.principal("ada") == Principal("ada", {"yard": Right.READ}, admin=True)


async def test_groups_of_both_are_told(autojump_clock: MockClock, world: World) -> None:
    await world.do(c.AddGroup("shop"))
    assert world.groups == world.users.groups() == ["yard", "shop"]
    world.users.configure(None, ["b", "a"])
    assert world.groups == ["b", "a", "shop"]


async def test_a_reload_closes_whom_the_settings_have_no_more(
    autojump_clock: MockClock, world: World
) -> None:
    await world.do(c.AddUser("ada", "right", (c.Grant("yard"),)))
    assert world.users.configure(None, ["yard"]) == []
    assert world.users.configure([Account("carl", password="c")], ["yard"]) == ["bob"]
    assert len(world.users) == 2
    assert world.login.remembered("carl", "c", ADDRESS)


async def test_a_name_in_the_settings_counts_before_one_that_was_added(
    autojump_clock: MockClock, world: World
) -> None:
    token = await world.token("ada")
    await world.do(c.AddUser("eve", "stored", (c.Grant("yard"),)))
    world.users.configure([Account("ada", password="a"), Account("eve", password="e")], ["yard"])
    assert world.login.remembered("eve", "e", ADDRESS)
    assert await world.login.check("eve", "stored", ADDRESS) is Verdict.INVALID_CREDS
    assert world.login.principal("eve") == Principal("eve")
    assert not world.login.remembered("ada", token, ADDRESS)
    assert world.login.principal_of_token(token) is None


async def test_a_token_logs_in_by_its_name_or_by_itself(
    autojump_clock: MockClock, world: World
) -> None:
    token = await world.token()
    may = Principal("deploy", {"yard": Right.PUBLISH})
    assert world.login.remembered("deploy", token, ADDRESS)
    assert not world.login.remembered("bob", token, ADDRESS)
    assert world.login.principal("deploy") == may
    assert world.login.principal_of_token(token) == may
    assert world.login.principal_of_token(token + "x") is None
    assert world.login.principal_of_token("deploy") is None
    assert await world.login.check("deploy", f"{token}x", ADDRESS) is Verdict.INVALID_CREDS
    assert await world.login.check("deploy", "\udcff", ADDRESS) is Verdict.INVALID_CREDS
    await world.do(c.DropToken("deploy"))
    assert world.closed == ["deploy"]
    assert not world.login.remembered("deploy", token, ADDRESS)
    assert world.login.principal_of_token(token) is None


async def test_sessions_of_a_token_close_at_its_end(
    autojump_clock: MockClock, world: World
) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(world.users.run)
        late = await world.token("late", lifetime=100.0)
        soon = await world.token("soon", ends_at=START + 10.0)
        await trio.sleep(9.5)
        assert world.closed == []
        assert world.login.remembered("soon", soon, ADDRESS)
        await trio.sleep(1.0)
        assert world.closed == ["soon"]
        assert not world.login.remembered("soon", soon, ADDRESS)
        assert world.login.principal_of_token(soon) is None
        assert world.login.principal_of_token(late) is not None
        assert world.login.principal_of_token(late, START + 100.0) is None
        await trio.sleep(100.0)
        assert world.closed == ["soon", "late"]
        nursery.cancel_scope.cancel()
