"""Accounts, tokens and the audit log through a whole engine, also over a restart."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from engine import commands as c
from engine.access import EVERYTHING, Caller, Principal, Right, caller
from engine.account_replies import (
    AuditEntries,
    BackedUp,
    GrantView,
    Groups,
    TokenMade,
    Tokens,
    Users,
    UserView,
)
from engine.commands.administering import TOKEN_LIFETIME
from engine.directory import Directory
from engine.replies import OK, Code, Published, Refused, Reply
from engine.store.errors import StoreBroken
from engine.store.memory import MemoryStore
from engine.testing import START, memory_engine

ROOT = caller(Principal("root", admin=True), "")
ADA = caller(Principal("ada", {"shop": Right.MANAGE | Right.PUBLISH}), "shop")
PASSWORD = "correct horse"


async def plainly(password: str) -> str:
    """No hash, so that tests see what was kept."""
    await trio.lowlevel.checkpoint()
    return f"hash of {password}"


Admin = Callable[..., Awaitable[Reply]]


def admin_of(engine: Directory, who: Caller = ROOT) -> Admin:
    async def ask(command: object) -> Reply:
        return await engine.execute(who, command)

    return ask


def code(reply: Reply) -> Code:
    assert isinstance(reply, Refused), reply
    return reply.code


def words(reply: Reply) -> list[tuple[str, str, str]]:
    assert isinstance(reply, AuditEntries)
    return [(entry.word, entry.target, entry.outcome) for entry in reply.entries]


async def test_a_user_is_added_changed_and_dropped(autojump_clock: MockClock) -> None:
    async with memory_engine(hash_password=plainly) as engine:
        ask = admin_of(engine)
        changes: list[str] = []
        engine.office.on_change = lambda: changes.append("told")
        assert await ask(c.AddGroup("shop")) == OK
        assert await ask(c.AddUser("ada", PASSWORD, (c.Grant("shop", ("read",)),))) == OK
        assert engine.office.accounts.users["ada"].password_hash == f"hash of {PASSWORD}"
        assert await ask(c.ChangeUser("ada", password="new")) == OK
        assert await ask(c.ChangeUser("ada", admin=True)) == OK
        assert engine.office.accounts.users["ada"].password_hash == "hash of new"
        grants = (GrantView("shop", ("read",)),)
        assert await ask(c.ListUsers()) == Users((UserView("ada", grants, True, False),))
        assert await ask(c.DropUser("ada")) == OK
        assert await ask(c.ListUsers()) == Users(())
        assert len(changes) == 5


async def test_everybody_is_listed_by_name(autojump_clock: MockClock) -> None:
    async with memory_engine(hash_password=plainly) as engine:
        engine.office.accounts.configure([Principal("eve", admin=True)], ["yard"])
        ask = admin_of(engine)
        for name in ("zoe", "ada"):
            assert await ask(c.AddUser(name, PASSWORD)) == OK
            assert isinstance(await ask(c.AddToken(f"of {name}", "yard")), TokenMade)
        users, tokens = await ask(c.ListUsers()), await ask(c.ListTokens())
        assert isinstance(users, Users)
        assert isinstance(tokens, Tokens)
        assert [(user.name, user.settings) for user in users.users] == [
            ("ada", False), ("eve", True), ("zoe", False),
        ]  # fmt: skip
        assert [token.name for token in tokens.tokens] == ["of ada", "of zoe"]


async def test_what_was_added_is_there_after_a_restart(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store, hash_password=plainly) as engine:
        ask = admin_of(engine)
        await ask(c.AddGroup("shop"))
        await ask(c.AddUser("a:b", PASSWORD, (c.Grant("shop"),)))
        made = await ask(c.AddToken("deploy", "shop", ("publish",), lifetime=60.0))
        assert isinstance(made, TokenMade)
        before = [await ask(say()) for say in (c.ListUsers, c.ListGroups, c.ListTokens, c.Audit)]
        users, fingerprint = dict(engine.office.accounts.users), engine.fingerprint("x")
    async with memory_engine(store, seed=1, hash_password=plainly) as engine:
        ask = admin_of(engine)
        after = [await ask(say()) for say in (c.ListUsers, c.ListGroups, c.ListTokens, c.Audit)]
        assert after == before
        assert engine.office.accounts.users == users
        assert engine.fingerprint("x") == fingerprint
        found = engine.office.accounts.principal_of_token(made.token, engine.fingerprint, START)
        assert found == Principal("deploy", {"shop": Right.PUBLISH})
        await ask(c.DropToken("deploy"))
        await ask(c.DropUser("a:b"))
        assert await ask(c.DropGroup("shop")) == OK
    async with memory_engine(store, seed=2) as engine:
        assert await admin_of(engine)(c.ListGroups()) == Groups(())
        assert await admin_of(engine)(c.ListTokens()) == Tokens(())


async def test_every_store_has_a_key_of_its_own(autojump_clock: MockClock) -> None:
    async with memory_engine(seed=1) as one, memory_engine(seed=2) as other:
        assert one.fingerprint("x") != other.fingerprint("x")
        assert one.fingerprint("x") != one.fingerprint("y")
        assert len(one.fingerprint("\ud800 any text")) == 32


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (c.AddUser("root", "p"), Code.IN_SETTINGS),
        (c.ChangeUser("root", admin=False), Code.IN_SETTINGS),
        (c.DropUser("root"), Code.IN_SETTINGS),
        (c.AddToken("root", "yard"), Code.IN_SETTINGS),
        (c.AddGroup("yard"), Code.IN_SETTINGS),
        (c.DropGroup("yard"), Code.IN_SETTINGS),
        (c.AddUser("taken", "p"), Code.ALREADY_EXISTS),
        (c.AddUser("deploy", "p"), Code.ALREADY_EXISTS),
        (c.AddToken("taken", "yard"), Code.ALREADY_EXISTS),
        (c.AddGroup("shop"), Code.ALREADY_EXISTS),
        (c.AddGroup("*"), Code.INVALID_NAME),
        (c.AddUser("a\nb", "p"), Code.INVALID_NAME),
        (c.AddUser("\ud800", "p"), Code.INVALID_NAME),
        (c.AddUser("eve", "p", (c.Grant("nowhere"),)), Code.UNKNOWN_GROUP),
        (c.ChangeUser("taken", groups=(c.Grant("*"),)), Code.UNKNOWN_GROUP),
        (c.AddToken("t", "nowhere"), Code.UNKNOWN_GROUP),
        (c.AddToken("t", "yard", ends_at=START + 0.0), Code.INVALID_VALUE),
        (c.AddToken("t", "yard", lifetime=0.0), Code.INVALID_VALUE),
        (c.AddToken("t", "yard", ends_at=START * 2.0, lifetime=1.0), Code.INVALID_VALUE),
        (c.ChangeUser("nobody", admin=True), Code.UNKNOWN_USER),
        (c.DropUser("deploy"), Code.UNKNOWN_USER),
        (c.DropToken("taken"), Code.UNKNOWN_TOKEN),
        (c.DropGroup("nowhere"), Code.UNKNOWN_GROUP),
        (c.DropGroup("shop"), Code.GROUP_IN_USE),
        (c.Backup("../../etc/x"), Code.INVALID_NAME),
        (c.Backup("x\n"), Code.INVALID_NAME),
        (c.Backup("fine.db"), Code.BACKUP_FAILED),
    ],
)
async def test_a_refusal_changed_nothing_but_the_audit_log(
    autojump_clock: MockClock, command: object, expected: Code
) -> None:
    async with memory_engine(hash_password=plainly) as engine:
        engine.office.accounts.configure([Principal("root", admin=True)], ["yard"])
        ask = admin_of(engine)
        await ask(c.AddGroup("shop"))
        await ask(c.AddUser("taken", PASSWORD, (c.Grant("shop"),)))
        await ask(c.AddToken("deploy", "yard"))
        before = [await ask(say()) for say in (c.ListUsers, c.ListGroups, c.ListTokens)]
        assert code(await ask(command)) is expected
        assert [await ask(say()) for say in (c.ListUsers, c.ListGroups, c.ListTokens)] == before
        assert words(await ask(c.Audit(3)))[0][2] == expected.value


async def test_a_group_goes_when_its_queues_have(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        ask, ada = admin_of(engine), admin_of(engine, ADA)
        await ask(c.AddGroup("shop"))
        await ada(c.Publish("mail", "t", b""))
        assert code(await ask(c.DropGroup("shop"))) is Code.GROUP_IN_USE
        assert await ada(c.DeleteQueue("mail")) == OK
        assert await ask(c.DropGroup("shop")) == OK


async def test_who_opens_a_queue_is_noted_and_a_move_that_makes_one_is_not(
    autojump_clock: MockClock,
) -> None:
    async with memory_engine() as engine:
        ask, ada = admin_of(engine), admin_of(engine, ADA)
        await ada(c.SetAccess("mail", key_sha512="0f" * 64))
        published = await ada(c.Publish("mail", "t", b""))
        assert isinstance(published, Published)
        assert await ada(c.Move(published.job, "post")) == OK
        assert code(await ada(c.Move(published.job, ""))) is Code.INVALID_NAME
        assert words(await ask(c.Audit())) == [("SET_ACCESS", "mail", "ok")]


async def test_a_token_is_shown_once_and_kept_as_a_fingerprint(autojump_clock: MockClock) -> None:
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        engine.office.accounts.configure([], ["yard"])
        ask = admin_of(engine)
        made = await ask(c.AddToken("deploy", "yard"))
        assert isinstance(made, TokenMade)
        assert made.ends_at == START + TOKEN_LIFETIME
        head, which, secret = made.token.split("_")
        assert (head, len(which), len(secret)) == ("jy", 8, 26)
        assert secret not in repr(made)
        rows = repr(
            [row async for _, rows in store.load((await store.owners())[0]) for row in rows]
        )
        assert which in rows
        assert secret not in rows
        listed = await ask(c.ListTokens())
        assert secret not in repr((listed, engine.office.accounts.tokens, await ask(c.Audit())))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "jy",
        "jy__",
        "jy_{id}_",
        "jy_{id}_wrong",
        "{token}x",
        "x{token}",
        "jy_é_²",
        "\ud800",
        "_" * 300,
    ],
)
async def test_nothing_but_the_token_is_the_token(autojump_clock: MockClock, said: str) -> None:
    async with memory_engine() as engine:
        engine.office.accounts.configure([], ["yard"])
        made = await admin_of(engine)(c.AddToken("deploy", "yard", lifetime=10.0))
        assert isinstance(made, TokenMade)
        which = engine.office.accounts.principal_of_token
        told = said.format(token=made.token, id=made.token.split("_")[1])
        assert which(told, engine.fingerprint, START + 9.9) is None
        assert which(made.token, engine.fingerprint, START + 9.9) is not None
        assert which(made.token, engine.fingerprint, START + 10.0) is None


@pytest.mark.parametrize("kind", [k for k, row in c.TABLE.items() if row.needs == Right.ADMIN])
async def test_only_administrators_get_past_the_desk(
    autojump_clock: MockClock, kind: type[Any]
) -> None:
    samples = {"name": "n", "password": "p", "group": "g"}
    needed = {a.name: samples[a.name] for a in kind.__attrs_attrs__ if a.name in samples}
    member = caller(Principal("m", {"g": EVERYTHING & ~Right.ADMIN}), "g")
    async with memory_engine() as engine:
        assert code(await admin_of(engine, member)(kind(**needed))) is Code.FORBIDDEN
        assert await admin_of(engine)(c.Audit()) == AuditEntries(())


async def test_a_copy_is_made_beside_the_work_and_one_at_a_time(autojump_clock: MockClock) -> None:
    async def copy(name: str) -> BackedUp:
        await trio.sleep(100)
        if name == "broken":
            raise StoreBroken("no luck")
        return BackedUp(f"/backups/{name}", 1, 2)

    async with memory_engine(copy_store=copy) as engine, trio.open_nursery() as nursery:
        ask = admin_of(engine)
        told: list[Reply] = []

        async def back_up(name: str) -> None:
            told.append(await ask(c.Backup(name)))

        nursery.start_soon(back_up, "one")
        await trio.sleep(1)
        assert code(await ask(c.Backup("two"))) is Code.BACKUP_FAILED
        assert await ask(c.AddGroup("shop")) == OK
        assert trio.current_time() < 100
        await trio.sleep(100)
        assert told == [BackedUp("/backups/one", 1, 2)]
        failed = await ask(c.Backup("broken"))
        assert failed == Refused(Code.BACKUP_FAILED, "store-broken: no luck")
        assert [entry[2] for entry in words(await ask(c.Audit()))] == [
            "backup-failed", "ok", "ok", "backup-failed",
        ]  # fmt: skip


async def test_a_hash_that_fails_ends_one_command_only(autojump_clock: MockClock) -> None:
    async def fail(password: str) -> str:
        raise MemoryError(len(password))

    async with memory_engine(hash_password=fail) as engine:
        ask = admin_of(engine)
        assert code(await ask(c.AddUser("ada", PASSWORD))) is Code.INTERNAL
        assert await ask(c.ListUsers()) == Users(())
        assert await ask(c.AddGroup("shop")) == OK
