"""The audit log: who leaves an entry, what is in it, and what is not."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from engine import commands as c
from engine.account_replies import AuditEntries
from engine.store.memory import MemoryStore
from engine.testing import START, memory_engine
from tests.engine.test_office import ADA, PASSWORD, admin_of, plainly, words


async def test_who_takes_queues_away_leaves_an_entry(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        ada, root = admin_of(engine, ADA), admin_of(engine)
        await ada(c.Publish("mail", "t", b"secret payload"))
        for command in (
            c.Drain("mail"), c.Purge("mail"), c.KickAll("mail"), c.Kick("mail", "a:1"),
            c.DropRecurrence("mail", 7), c.DeleteRecurrence(8), c.DeleteQueue("mail"),
            c.Purge("none"),
        ):  # fmt: skip
            await ada(command)
        await ada(c.Publish("mail", "t", b""))
        page = await root(c.Audit())
        assert words(page) == [
            ("DRAIN", "mail", "ok"),
            ("PURGE", "mail", "ok"),
            ("KICK_ALL", "mail", "ok"),
            ("KICK", "mail a:1", "unknown-worker"),
            ("DROP_RECURRENCE", "mail 7", "unknown-recurrent-job"),
            ("DELETE_RECURRENCE", "8", "unknown-recurrent-job"),
            ("DELETE_QUEUE_WHOLE", "mail", "ok"),
            ("PURGE", "none", "unknown-queue"),
        ]
        assert isinstance(page, AuditEntries)
        assert {(entry.who, entry.group, entry.at) for entry in page.entries} == {
            ("ada", "shop", START + 0.0)
        }


async def test_no_password_is_in_the_audit_log_or_in_a_repr(autojump_clock: MockClock) -> None:
    async with memory_engine(hash_password=plainly) as engine:
        ask = admin_of(engine)
        said = (c.AddUser("ada", PASSWORD), c.ChangeUser("ada", PASSWORD))
        for command in said:
            await ask(command)
        told = repr((said, await ask(c.Audit()), engine.office.accounts.users))
        assert PASSWORD not in told


async def test_the_audit_log_comes_in_pages_and_keeps_the_last(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit_log.KEPT", 5)
    store = MemoryStore(trio.current_time)
    async with memory_engine(store) as engine:
        ask = admin_of(engine)
        assert await ask(c.Audit()) == AuditEntries(())
        for number in range(8):
            await ask(c.AddGroup(f"g{number}"))
    async with memory_engine(store, seed=1) as engine:
        ask = admin_of(engine)
        page = await ask(c.Audit(limit=3))
        assert isinstance(page, AuditEntries)
        assert ([entry.number for entry in page.entries], page.next) == ([4, 5, 6], 6)
        rest = await ask(c.Audit(after=6))
        assert isinstance(rest, AuditEntries)
        assert ([entry.number for entry in rest.entries], rest.next) == ([7, 8], None)
        assert await ask(c.Audit(after=2**53 - 1)) == AuditEntries(())


async def test_the_audit_log_is_read_newest_first_and_by_user_and_word(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.audit_log.KEPT", 6)
    async with memory_engine() as engine:
        ada, ask = admin_of(engine, ADA), admin_of(engine)

        async def numbers(**said: Any) -> tuple[list[int], int | None]:
            page = await ask(c.Audit(newest=True, **said))
            assert isinstance(page, AuditEntries)
            return [entry.number for entry in page.entries], page.next

        assert await numbers() == ([], None)
        for number in range(4):
            await ask(c.AddGroup(f"g{number}"))
            await ada(c.Purge("none"))
        assert await numbers(limit=4) == ([8, 7, 6, 5], 5)
        assert await numbers(limit=4, after=5) == ([4, 3], None)
        assert await numbers(after=3) == ([], None)
        assert await numbers(after=1) == ([], None)
        assert await numbers(after=2**53 - 1, limit=1) == ([8], 8)
        assert await numbers(who="ada") == ([8, 6, 4], None)
        assert await numbers(who="ada", limit=2) == ([8, 6], 6)
        assert await numbers(who="ada", limit=2, after=6) == ([4], None)
        assert await numbers(word="ADD_GROUP", limit=3) == ([7, 5, 3], None)
        assert await numbers(word="ADD_GROUP", who="ada") == ([], None)
        oldest = await ask(c.Audit(who="ada", limit=1))
        assert isinstance(oldest, AuditEntries)
        assert (oldest.entries[0].number, oldest.next) == (4, 4)
