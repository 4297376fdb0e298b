"""Opening and closing, what survives, what is refused at the border, and what an import costs."""

import gc
import math
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import trio

from engine import Right, caller
from engine.store.protocol import StoreInUse, WrongKey
from jobyard.errors import BadArgument, Forbidden, InvalidValue
from jobyard.library import Engine, open_engine
from jobyard.topics import HeldJob, Status

ROOT = Path(__file__).parents[2]


async def test_jobs_survive_a_restart(tmp_path: Path) -> None:
    async with open_engine(tmp_path) as engine:
        ready = await engine.enqueue("mail", b"\x00\xff", 3)
        first = await engine.enqueue("mail", {"to": "ada"}, name="welcome")
        delayed = await engine.enqueue("mail", "x", delay=3_600)
        held = await engine.enqueue("mail", "x", -7)
        (kept,) = await engine.reserve("mail")
        assert kept.id == held
    assert (tmp_path / "jobyard.db").is_file()
    async with open_engine(str(tmp_path / "jobyard.db")) as engine:
        assert await engine.find_by_status(Status.RESERVED) == [held]
        assert await engine.find_by_status(Status.DELAYED) == [delayed]
        jobs = await engine.reserve("mail", 10)
        assert [(job.id, job.payload) for job in jobs] == [
            (first, b'{"to":"ada"}'),
            (ready, b"\x00\xff"),
        ]
        assert jobs[0].name == "welcome"
        await HeldJob(engine, kept.view).done()
        assert await engine.status(held) is Status.DONE


async def test_what_was_answered_survives_a_crash(tmp_path: Path) -> None:
    program = f"""
import os, trio
from jobyard import open_engine

async def main():
    async with open_engine({str(tmp_path)!r}) as engine:
        await engine.enqueue("mail", "kept")
        await engine.enqueue("mail", "held")
        (job,) = await engine.reserve("mail")
        await job.done()
        print(job.id, flush=True)
        os._exit(9)

trio.run(main)
"""
    done = await trio.run_process(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}"},
        capture_stdout=True,
        check=False,
    )
    assert done.returncode == 9
    async with open_engine(tmp_path) as engine:
        assert await engine.status(done.stdout.decode().strip()) is Status.DONE
        assert [job.payload for job in await engine.reserve("mail", 10)] == [b"held"]


async def test_a_second_engine_on_the_same_store_is_refused(tmp_path: Path) -> None:
    async with open_engine(tmp_path):
        with pytest.raises(StoreInUse):
            async with open_engine(tmp_path):
                pytest.fail("it opened")


async def test_a_secret_wraps_the_key(tmp_path: Path) -> None:
    async with open_engine(tmp_path, secret="s3cret") as engine:
        await engine.enqueue("mail", "x")
    with pytest.raises(WrongKey):
        async with open_engine(tmp_path, secret="other"):
            pytest.fail("it opened")
    async with open_engine(tmp_path, secret="s3cret") as engine:
        assert await engine.topics() == ["mail"]


@pytest.mark.parametrize("error", [ValueError("mine"), ExceptionGroup("mine", [KeyError()])])
async def test_what_the_block_raises_comes_out_as_it_is(error: Exception) -> None:
    async def program() -> None:
        async with open_engine() as engine:
            await engine.enqueue("mail", "x")
            raise error

    with pytest.raises(type(error)) as caught:
        await program()
    assert caught.value is error


async def test_cancelling_the_program_closes_the_engine(tmp_path: Path) -> None:
    with trio.CancelScope() as scope:
        async with open_engine(tmp_path) as engine:
            await engine.enqueue("mail", "kept")
            scope.cancel()
            await trio.sleep_forever()
    assert scope.cancelled_caught
    async with open_engine(tmp_path) as engine:
        assert [job.payload for job in await engine.reserve("mail")] == [b"kept"]


async def test_the_collector_of_the_program_stays_as_it_was(tmp_path: Path) -> None:
    frozen = gc.get_freeze_count()
    gc.disable()
    try:
        async with open_engine(tmp_path):
            assert not gc.isenabled()
            assert gc.get_freeze_count() == frozen
    finally:
        gc.enable()


async def test_groups_see_nothing_of_each_other(tmp_path: Path) -> None:
    async with open_engine(tmp_path, group="a") as engine:
        await engine.enqueue("mail", "x")
        other = Engine(engine.directory, "b")
        assert await other.topics() == []
        assert await other.reserve("mail") == []


async def test_settings_of_the_engine_may_be_said() -> None:
    async with open_engine(queues=1) as engine:
        await engine.enqueue("mail", "x")
        with pytest.raises(Exception, match="too-many-queues"):
            await engine.enqueue("video", "x")
    with pytest.raises(TypeError):
        async with open_engine(nonsense=1):
            pytest.fail("it opened")


DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]

WRONG: list[dict[str, Any]] = [
    {"weight": 2**15},
    {"weight": -(2**15) - 1},
    {"weight": True},
    {"weight": "1"},
    {"weight": 1.5},
    {"weight": 10**5_000},
    {"delay": math.nan},
    {"delay": math.inf},
    {"delay": -1},
    {"delay": "1_000"},
    {"delay": 2**63},
    {"delay": "\ud800"},
    {"topic": ["mail"]},
    {"payload": DEEP},
    {"timeout": -1},
    {"expires": math.nan},
    {"delayed_until": math.nan},
    {"delayed_until": -1},
    {"delayed_until": datetime(2030, 1, 1)},  # noqa: DTZ001 - that is what is wrong with it
    {"retries": -1},
    {"retries": 1.0},
    {"retries": True},
    {"backoff": {"fixed": -1}},
    {"backoff": {"fixed": 1, "delays": [1]}},
    {"backoff": {"no": 1}},
    {"backoff": 3},
    {"name": 3},
    {"payload": "\ud800"},
    {"payload": {"x": object()}},
    {"topic": 3},
    {"dealy": 1},
]


@pytest.mark.parametrize("said", WRONG, ids=lambda said: next(iter(said)))
async def test_what_is_out_of_bounds_is_no_job(said: dict[str, Any]) -> None:
    async with open_engine() as engine:
        with pytest.raises(BadArgument):
            await engine.enqueue(**{"topic": "mail", "payload": "x", **said})
        assert await engine.topics() == []


@pytest.mark.parametrize("name", ["", "a\nb", "\x00", "\ud800", "x" * 201])
async def test_what_is_no_name_is_refused(name: str) -> None:
    async with open_engine() as engine:
        with pytest.raises(InvalidValue):
            await engine.enqueue(name, "x")
        with pytest.raises(InvalidValue):
            await engine.reserve(name)
        if name:
            with pytest.raises(InvalidValue):
                await engine.enqueue("mail", "x", name=name)
        assert await engine.topics() == []


async def test_numbers_of_reserve_are_bounded() -> None:
    async with open_engine() as engine:
        for wrong in ({"limit": 0}, {"limit": 1_001}, {"wait": math.nan}, {"lease": -1}):
            with pytest.raises(BadArgument):
                await engine.reserve("mail", **wrong)
        with pytest.raises(ValueError, match="is not a valid Status"):
            await engine.find_by_status("nonsense")  # type: ignore[arg-type] # the point


@pytest.mark.parametrize("said", [{"group": "a\nb"}, {"group": ""}, {"name": "\ud800"}])
async def test_nobody_is_called_what_is_no_name(said: dict[str, str]) -> None:
    with pytest.raises(BadArgument):
        async with open_engine(**said):
            pytest.fail("it opened")


async def test_a_lone_surrogate_in_a_log_reaches_the_disk_escaped(tmp_path: Path) -> None:
    async with open_engine(tmp_path) as engine:
        await engine.enqueue("mail", "x")
        (job,) = await engine.reserve("mail")
        await job.log("a\ud800b")
        await job.retry(0, error="c\udfff")
        view = await engine.job(job.id)
    assert view.details is not None
    assert view.details.log[0][1] == "a\\ud800b"
    assert view.details.error == "c\\udfff"


async def test_rights_are_checked_here_too() -> None:
    async with open_engine() as engine:
        engine.who = caller(engine.who.principal, "another group")
        assert not engine.who.rights & Right.READ
        with pytest.raises(Forbidden):
            await engine.topics()


def test_the_words_alone_load_no_engine() -> None:
    program = (
        "import sys, jobyard, jobyard.topics, jobyard.topic_options, jobyard.local;"
        "jobyard.Status.READY; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "jobyard.topics" in loaded
    assert not {"trio", "apsw"}.intersection(loaded)
