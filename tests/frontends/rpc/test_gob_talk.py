"""Go's calls without a socket: attempts, leases, arguments of other types, hostile bytes."""

import attrs
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from config.sections import Jobs, Rpc
from config.settings import Settings
from engine.access import Principal, Right, caller
from engine.commands import ListJobs
from engine.job import JobState
from engine.replies import Jobs as Listed
from frontends.dialects.gob import INT, Bounds, Named, Schema, SliceType, StructType
from frontends.dialects.gob.types import FIRST
from frontends.rpc.gob_talk import GobTalk
from frontends.rpc.handler import Handler
from tests.frontends.dialects.gob_values import BASICS, REQUEST, TASK, TYPES
from tests.frontends.rpc.gob_client import Answer
from tests.frontends.rpc.place import GoProgram, memory_place
from tests.support.fuzzing import mutations

SETTINGS = Settings(rpc=Rpc(port=8090, lease=30.0), jobs=Jobs(max_attempts=3))
MISSING = "missing task in queue"
INTO = "gob: decoding into local type"
MISMATCH = "gob: type mismatch in decoder"
NAMES = "a name has 1 to 200 characters and no control characters"


async def call(program: GoProgram, method: str, argument: object) -> Answer:
    seq = program.client.call(method, argument)
    await wait_all_tasks_blocked()
    (found,) = program.heard
    program.heard.clear()
    assert found.seq == seq
    return found


async def added(program: GoProgram, value: object = "x") -> str:
    answer = await call(program, "AddTask", {"Type": "t", "Input": value})
    return str(answer.value["id"])


async def test_a_task_that_fails_stops_after_its_attempts(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        job = await added(program)
        for _ in range(3):
            assert (await call(program, "TakeTask", {})).value["Id"] == job
            assert (await call(program, "RetryTask", job)).error == ""
        assert (await call(program, "TakeTask", {})).value is None
        assert (await call(program, "GetTask", job)).error == MISSING


def of_many_types(tag: int) -> Named:
    """A struct whose hundred fields have as many types."""
    places = range(FIRST + 1, FIRST + 101)
    fields = tuple((f"F{place}", place) for place in places)
    slices = (SliceType(f"T{tag}-{place}", INT) for place in places)
    return Named(
        f"N{tag}", Schema((StructType(f"S{tag}", fields), *slices)), {f"F{FIRST + 1}": [1]}
    )


async def test_what_a_connection_has_no_room_for_goes_to_another(
    autojump_clock: MockClock,
) -> None:
    async with memory_place(SETTINGS) as (place, _):
        programs = [GoProgram(place, f"127.0.0.1:{n}") for n in range(4)]
        jobs = [await added(programs[n // 5], of_many_types(n)) for n in range(10)]
        jobs.append(await added(programs[2]))
        worker, other = programs[2:]
        for job in jobs[:9]:
            assert (await call(worker, "TakeTask", {})).value["Id"] == job
        refused = await call(worker, "TakeTask", {})
        assert (refused.value, refused.error) == (None, "gob: too many types: connect anew")
        taken = (await call(other, "TakeTask", {})).value
        assert taken["Id"] == jobs[9]
        assert taken["Input"] == {"N9": {f"F{FIRST + 1}": [1]}}
        assert (await call(worker, "TakeTask", {})).value["Id"] == jobs[10]
        assert (await call(worker, "FinishTask", {"Id": jobs[0], "Output": "y"})).error == ""


async def test_a_retried_task_is_behind_the_others(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        first, second = await added(program), await added(program)
        assert (await call(program, "TakeTask", {})).value["Id"] == first
        await call(program, "RetryTask", first)
        assert (await call(program, "TakeTask", {})).value["Id"] == second
        assert (await call(program, "TakeTask", {})).value["Id"] == first


async def test_a_lease_ends(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program, other = GoProgram(place, "127.0.0.1:1"), GoProgram(place, "127.0.0.1:2")
        job = await added(program)
        assert (await call(program, "TakeTask", {})).value["Id"] == job
        await trio.sleep(29)
        assert (await call(other, "TakeTask", {})).value is None
        await trio.sleep(2)
        assert (await call(other, "TakeTask", {})).value["Id"] == job
        assert (await call(program, "FinishTask", {"Id": job})).error == MISSING
        assert (await call(other, "FinishTask", {"Id": job})).error == ""


async def test_a_result_goes_a_while_after_it_was_taken(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, engine):
        program = GoProgram(place, "127.0.0.1:1")
        job = await added(program)
        await call(program, "TakeTask", {})
        await call(program, "FinishTask", {"Id": job, "Output": {"float64": 1.5}})
        await trio.sleep(1000)
        for _ in range(2):
            assert (await call(program, "GetTask", job)).value["Output"] == {"float64": 1.5}
            await trio.sleep(29)
        await trio.sleep(3)
        assert (await call(program, "GetTask", job)).error == MISSING
        root = caller(Principal("root", admin=True), "default")
        found = await engine.execute(root, ListJobs("tasks", (JobState.DONE,)))
        assert found == Listed(())


async def test_a_result_may_have_no_output(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        job = await added(program)
        await call(program, "TakeTask", {})
        await call(program, "FinishTask", {"Id": job})
        assert (await call(program, "GetTask", job)).value == {"Id": job, "Type": "t", "Input": "x"}


@pytest.mark.parametrize(
    ("method", "argument", "error"),
    [
        ("GetTask", 7, f"{INTO} *uuid.UUID, received remote type int"),
        ("RetryTask", {}, f"{INTO} *uuid.UUID, received remote type struct"),
        ("TakeTaskByType", "t", f"{INTO} *[]string, received remote type string"),
        ("FinishTask", "j", f"{MISMATCH}: want struct type structures.Task; got non-struct"),
        ("AddTask", {"Type": "t\n", "Input": "x"}, f"invalid-name: {NAMES}"),
        ("Other.AddTask", {}, "rpc: can't find service Other.AddTask"),
        ("TakeTaskByType", [f"t{n}" for n in range(101)], "invalid-value: at most 100 types"),
        ("GetTask", "x" * 65, MISSING),
        ("FinishTask", {"Id": "\u0663"}, MISSING),
    ],
)  # fmt: skip
async def test_what_fails_one_call_only(
    autojump_clock: MockClock, method: str, argument: object, error: str
) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        assert (await call(program, method, argument)).error == error
        assert (await call(program, "TakeTask", {})).value is None


async def test_a_payload_has_a_bound(autojump_clock: MockClock) -> None:
    small = attrs.evolve(SETTINGS, limits=attrs.evolve(SETTINGS.limits, payload=100))
    async with memory_place(small) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        answer = await call(program, "AddTask", {"Type": "t", "Input": "x" * 101})
        assert answer.error.startswith("payload-too-large: ")
        await added(program, "x" * 100)


async def test_rights_are_looked_at(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        job = await added(program)
        reader = caller(Principal("reader", {"default": Right.READ}), "default", program.peer)
        program.talk._handler = Handler(place.engine, reader, place.settings.rpc)
        assert (await call(program, "AddTask", {"Type": "t", "Input": "x"})).error.startswith(
            "forbidden: "
        )
        assert (await call(program, "TakeTask", {})).error.startswith("forbidden: ")
        assert (await call(program, "RetryTask", job)).error.startswith("forbidden: ")


async def test_hostile_bytes_end_the_talk_and_nothing_else(autojump_clock: MockClock) -> None:
    async with memory_place(SETTINGS) as (place, _):
        program = GoProgram(place, "127.0.0.1:1")
        who = caller(Principal("rpc", {"default": Right.PUBLISH | Right.WORK}), "default")
        over = 0
        for wire in mutations((REQUEST + TASK, REQUEST + TYPES, REQUEST + TASK + BASICS), 3, 300):
            said: list[bytes] = []
            handler = Handler(place.engine, who, place.settings.rpc)
            talk = GobTalk(handler, said.append, Bounds(value=4096))
            talk.receive(wire)
            while talk.turn(256):
                await wait_all_tasks_blocked()
            over += talk.over
        assert over > 0
        await wait_all_tasks_blocked()
        assert (await call(program, "TakeTask", {})).error == ""
