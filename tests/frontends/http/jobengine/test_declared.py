"""Queues that a file declares, also while the server runs; time and files are the test's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import trio
from attrs import define
from structlog.testing import capture_logs
from trio.testing import MockClock

from config.declared import DeclaredQueue
from config.loading import Loaded
from config.mistakes import Mistake, SettingsError
from config.sections import JobEngine
from config.settings import Settings
from engine.access import caller
from engine.commands import Publish
from engine.directory import Directory
from engine.testing import memory_engine
from frontends.http.jobengine.declared import LOOK, Stamp, keep_declared, stamp, take_over
from tests.support.desk import ROOT, ask

NOTICED = 5.0
"""Seconds within which a change has to be taken over."""
GROUP = JobEngine().group
WHO = caller(ROOT, GROUP)


def declaring(*names: str, read: tuple[str, ...] = ("a",)) -> JobEngine:
    return JobEngine(queues=tuple(DeclaredQueue(name, read, ("b",)) for name in names))


@define
class File:
    """A settings file as the server finds it."""

    says: JobEngine
    version: int = 0
    broken: bool = False
    there: bool = True
    loads: int = 0

    def load(self) -> Loaded:
        self.loads += 1
        if self.broken:
            raise SettingsError([Mistake("queues", "expected a mapping")])
        if not self.there:
            return Loaded(Settings(), {})
        return Loaded(Settings(jobengine=self.says), {}, files=(Path("config.yml"),))

    def stamp(self, path: Path) -> Stamp:
        return (path, self.version) if self.there else ()

    def write(self, says: JobEngine | None) -> None:
        self.version += 1
        self.broken = says is None
        self.says = says or self.says


@asynccontextmanager
async def kept(file: File) -> AsyncGenerator[Directory]:
    """A server that has taken over the file and looks at it."""
    async with memory_engine() as engine, trio.open_nursery() as nursery:
        await take_over(engine, file.says)
        nursery.start_soon(partial(keep_declared, engine, file.load, stamp=file.stamp))
        await trio.sleep(0.1)
        yield engine
        nursery.cancel_scope.cancel()


async def test_queues_are_made_changed_and_removed_each_told(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        with capture_logs() as told:
            await take_over(engine, declaring("one", "two"))
            await take_over(engine, declaring("one", "two"))
        assert [entry["event"] for entry in told] == ["queue-declared", "queue-declared"]
        job = await ask(engine, Publish("one", "", b""), WHO)
        with capture_logs() as told:
            await take_over(engine, declaring("two", "three", read=("c",)))
        assert [(entry["event"], entry["queue"]) for entry in told] == [
            ("queue-lists-changed", "two"), ("queue-declared", "three"),
            ("queue-no-longer-declared", "one"), ("queue-removed", "one"),
        ]  # fmt: skip
        assert told[2]["log_level"] == "warning"
        assert engine.queue_names(GROUP) == ["two", "three"]
        two = engine.access(GROUP, "two")
        assert two is not None
        assert (two.readers, two.writers, two.declared) == (("c",), ("b",), True)
        assert job


async def test_what_no_file_declared_is_nobody_elses_to_remove(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await ask(engine, Publish("theirs", "", b""), WHO)
        await take_over(engine, declaring("ours"))
        await take_over(engine, JobEngine(queues=()))
        assert engine.queue_names(GROUP) == ["theirs"]
        await take_over(engine, declaring("theirs"))
        assert engine.access(GROUP, "theirs") is not None


async def test_settings_without_declarations_change_nothing(autojump_clock: MockClock) -> None:
    async with memory_engine() as engine:
        await take_over(engine, declaring("ours"))
        await take_over(engine, JobEngine())
        assert engine.queue_names(GROUP) == ["ours"]


async def test_a_change_is_taken_over_within_its_time(autojump_clock: MockClock) -> None:
    file = File(declaring("one"))
    async with kept(file) as engine:
        for names in (("one", "two"), ("two",), ()):
            file.write(declaring(*names))
            await trio.sleep(NOTICED)
            assert engine.queue_names(GROUP) == list(names)
        loads = file.loads
        await trio.sleep(100)
        assert file.loads == loads


async def test_a_file_with_a_mistake_changes_nothing_and_is_told_once(
    autojump_clock: MockClock,
) -> None:
    file = File(declaring("one"))
    async with kept(file) as engine:
        with capture_logs() as told:
            file.write(None)
            await trio.sleep(100)
        assert [entry["event"] for entry in told] == ["reload-refused"]
        assert engine.queue_names(GROUP) == ["one"]
        file.write(declaring("two"))
        await trio.sleep(NOTICED)
        assert engine.queue_names(GROUP) == ["two"]


async def test_a_file_that_is_gone_changes_nothing_and_is_read_when_it_is_back(
    autojump_clock: MockClock,
) -> None:
    file = File(declaring("one"))
    async with kept(file) as engine:
        file.there = False
        with capture_logs() as told:
            await trio.sleep(100)
        assert [entry["event"] for entry in told] == ["settings-file-gone"]
        assert engine.queue_names(GROUP) == ["one"]
        file.there = True
        file.write(declaring("two"))
        await trio.sleep(NOTICED)
        assert engine.queue_names(GROUP) == ["two"]


async def test_a_file_that_is_still_being_written_is_not_read(autojump_clock: MockClock) -> None:
    file = File(declaring("one", "two"))
    async with kept(file) as engine:
        loads = file.loads
        for _ in range(5):
            file.write(declaring("one"))
            await trio.sleep(LOOK)
        assert file.loads == loads
        file.write(declaring("one", "three"))
        await trio.sleep(NOTICED)
        assert engine.queue_names(GROUP) == ["one", "three"]


async def test_a_mistake_right_after_the_start_is_looked_at_again(
    autojump_clock: MockClock,
) -> None:
    file = File(declaring("one"), broken=True)
    async with kept(file) as engine:
        assert engine.queue_names(GROUP) == ["one"]
        file.write(declaring("two"))
        await trio.sleep(NOTICED)
        file.write(declaring("three"))
        await trio.sleep(NOTICED)
        assert engine.queue_names(GROUP) == ["three"]


async def test_a_name_that_cannot_be_is_told_and_the_others_are_made(
    autojump_clock: MockClock,
) -> None:
    settings = declaring("a\nb", "good")
    async with memory_engine() as engine:
        with capture_logs() as told:
            await take_over(engine, settings)
        assert [entry["event"] for entry in told] == ["declaration-refused", "queue-declared"]


def test_a_stamp_is_another_after_a_change(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    assert stamp(path) == ()
    path.write_text("a")
    first = stamp(path)
    path.write_text("ab")
    assert stamp(path) != first
    assert stamp(path) == stamp(path)
