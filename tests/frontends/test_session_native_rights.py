"""The authorization matrix of the words: every word for every principal in every group.

It is made from the tables of words, so none can be forgotten.
"""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from trio.testing import MockClock

from engine import commands as c
from engine.access import EVERYTHING, MEMBER, Principal, Right
from engine.directory import Directory
from engine.testing import memory_engine
from frontends.dialects.jobatator import BINDINGS, Terms
from frontends.dialects.native import WORDS
from tests.frontends import scripted
from tests.frontends.native_talker import GROUP, Native
from tests.frontends.resp_reading import Error

ONE_EACH: Final[dict[str, Right]] = {
    right.name.lower(): right for right in Right if right & MEMBER and right.name is not None
}
HELD: Final[dict[str, Right]] = {
    **ONE_EACH, "user1": MEMBER, "superuser": EVERYTHING, "nobody": Right(0),
}  # fmt: skip
"""Who may do what in the group."""
SAID: Final[Mapping[str, str]] = {
    "queue": "q", "type": "t", "payload": "p", "cron": "@hourly", "address": "h:1", "data": "d",
    "progress": "0.5", "line": "l", "queues": '["q"]', "seconds": "5", "text": "@hourly", "n": "1",
    "zone": "UTC", "name": "new", "password": "word", "group": GROUP, "state": "done",
}  # fmt: skip
"""By the name of an argument."""
JOBS: Final = {
    c.PublishMany: '[{"type": "t"}]',
    c.Adopt: '[{"id": "x", "type": "", "state": "ready", "created_at": 1, "updated_at": 1}]',
}
CLOSED: Final = {"DUMP": "test-mode-disabled", "RETRY_ALL_NOW": "dispatch-disabled"}
"""What no right opens."""
LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "PUBLISH": ("q", "t", "p"),
    "SUBSCRIBE": ("q",),
    "UNSUBSCRIBE": ("q",),
    "LIST_QUEUES": (),
    "DELETE_QUEUE": ("q",),
    "PURGE_JOBS": ("q",),
    "PURGE_WORKERS": ("q",),
    "LIST_JOBS": ("q",),
    "UPDATE_JOB": ("{job}", "done"),
    "DELETE_JOB": ("{job}",),
    "RECURRENT_JOB": ("q", "t", "@hourly"),
    "LIST_RECURRENT_JOBS": ("q",),
    "DELETE_RECURRENT_JOB": ("{number}",),
}


@pytest.fixture(autouse=True)
def divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user for each right, named like it; one with none; and who has another group."""
    for name, right in (*ONE_EACH.items(), ("nobody", Right(0))):
        monkeypatch.setitem(scripted.USERS, name, Principal(name, {GROUP: right}))


async def populated(engine: Directory) -> dict[str, str]:
    """A queue with a job and a schedule, and what they are called."""
    owner = Native(engine)
    job = (await owner.ask("ENQUEUE", "q", "t", "p"))["job"]
    number = (await owner.ask("SET_RECURRENCE", "q", "t", "@daily"))["number"]
    return {**SAID, "job": job.decode(), "number": str(number)}


async def unchanged(engine: Directory, names: Mapping[str, str]) -> None:
    owner = Native(engine)
    assert (await owner.ask("GET", names["job"]))["job"]["state"] == b"ready"
    assert (await owner.ask("COUNTS", "q"))["published"] == 1
    assert len((await owner.ask("RECURRENCES", "q"))["recurrences"]) == 1


def words(word: str, names: Mapping[str, str]) -> list[str]:
    """A native word with an argument for each field it needs."""
    kind = WORDS[word].row.kind
    jobs = JOBS.get(kind, "")
    pairs = ["WAIT", "0"] if kind is c.Wait else []
    return [
        word,
        *(
            jobs or names[name] if name == "jobs" else names[name]
            for name, _ in WORDS[word].required
        ),
        *pairs,
    ]


def code(answer: Any) -> str:
    return answer.code if isinstance(answer, Error) else ""


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("user", HELD)
async def test_a_right_opens_its_words_only(
    autojump_clock: MockClock, word: str, user: str
) -> None:
    async with memory_engine() as engine:
        names = await populated(engine)
        asker = Native(engine, user=user)
        if user == "superuser":
            await asker.ask("USE_GROUP", GROUP)
        answer = await asker.ask(*words(word, names))
        needs, held = WORDS[word].row.needs, HELD[user]
        if word in CLOSED:
            assert code(answer) == CLOSED[word]
        elif needs and not held & needs:
            assert code(answer) == "forbidden"
            for target in ("job", "queue", "number"):
                unknown = {**names, target: "0" if target == "number" else "none"}
                assert code(await asker.ask(*words(word, unknown))) == "forbidden"
            await unchanged(engine, names)
        else:
            of_another = word in {"DELETE", "REPORT"} and not held & Right.MANAGE
            assert (code(answer) == "forbidden") is of_another, answer


@pytest.mark.parametrize("word", WORDS)
async def test_what_lies_in_another_group_looks_unknown(
    autojump_clock: MockClock, word: str
) -> None:
    if WORDS[word].row.needs == Right.ADMIN or word in CLOSED:
        return
    async with memory_engine() as engine, memory_engine() as empty:
        names = await populated(engine)
        answers = []
        for place in (engine, empty):
            asker = Native(place, user="user2")
            await asker.ask("USE_GROUP", "group2")
            answers.append(await asker.ask(*words(word, names)))
        theirs, nobodys = answers
        assert code(theirs) == code(nobodys)
        if WORDS[word].row.route in {c.Route.JOB, c.Route.QUEUE}:
            assert code(theirs).startswith("unknown-")
        await unchanged(engine, names)


def test_every_word_of_the_lines_is_asked() -> None:
    assert LINES.keys() | {"DISPATCH"} == BINDINGS.keys()


@pytest.mark.parametrize("word", LINES)
@pytest.mark.parametrize("user", HELD)
async def test_a_right_opens_its_words_of_the_lines_only(
    autojump_clock: MockClock, word: str, user: str
) -> None:
    async with memory_engine() as engine:
        names = await populated(engine)
        said = [word, *(one.format(**names) for one in LINES[word])]
        command: Any = BINDINGS[word].bind([one.encode() for one in said], Terms())
        needs, held = c.TABLE[type(command)].needs, HELD[user]
        asker = Native(engine, user=user)
        if user == "superuser":
            await asker.ask("USE_GROUP", GROUP)
        answer = await asker.ask(*said)
        if needs and not held & needs:
            assert code(answer) == "forbidden"
            await unchanged(engine, names)
        elif word in {"DELETE_JOB", "UPDATE_JOB"} and not held & Right.MANAGE:
            assert code(answer) == "forbidden", "nobody holds that job"
        else:
            assert code(answer) == ""
