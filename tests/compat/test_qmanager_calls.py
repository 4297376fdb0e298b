"""The recorded conversations of qmanager's programs; where the original erred, the right ones."""

import json
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.compat.calls import FOLDER, Step, read
from tests.frontends.rpc.gob_client import Answer
from tests.frontends.rpc.place import GoProgram, memory_place

SCRIPTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_the_calls_are_answered_as_written(path: Path, autojump_clock: MockClock) -> None:
    ids: dict[str, str] = {}
    programs: dict[str, GoProgram] = {}
    calls: list[int] = []
    async with memory_place() as (place, _):
        for step in read(path):
            match step.what:
                case "~":
                    await trio.sleep(float(step.text))
                case "+":
                    programs[step.client] = GoProgram(place, f"127.0.0.1:{len(programs)}")
                case "-":
                    programs[step.client].leave()
                case ">":
                    program = programs[step.client]
                    calls.append(program.client.call(step.method, known(step.value, ids)))
                    await wait_all_tasks_blocked()
                case _:
                    at = int(step.client) if step.client.isdigit() else 0
                    client = "a" if step.client.isdigit() else step.client
                    answer = taken(programs[client], calls[at])
                    check(step, answer, ids)
                    if not programs[client].heard:
                        calls = []


def taken(program: GoProgram, seq: int) -> Answer:
    (found,) = [one for one in program.heard if one.seq == seq]
    program.heard.remove(found)
    return found


def known(value: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, one in ids.items():
        text = text.replace(f"<{name}>", one)
    return json.loads(text)


def check(step: Step, answer: Answer, ids: dict[str, str]) -> None:
    if step.text.startswith("! "):
        assert answer.error == step.text[2:], step
        return
    assert not answer.error, (step, answer)
    if step.text == "nil":
        assert answer.value is None, (step, answer)
        return
    wanted = step.value
    if set(wanted) == {"id"}:
        assert set(answer.value) == {"id"}, step
        assert ids.setdefault(wanted["id"], answer.value["id"]) == answer.value["id"]
    else:
        assert answer.value == known(wanted, ids), step


def test_the_conversations_are_there() -> None:
    assert {path.stem[:2] for path in SCRIPTS} == {"01", "08", "09", "10", "12", "14", "15"}
