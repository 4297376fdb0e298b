"""Every recorded conversation with the original, those it got wrong with the right answers."""

import re
from pathlib import Path

import pytest
from trio.testing import MockClock

from tests.compat.dialogue import FOLDER, Act, read, sent
from tests.compat.heard import expected
from tests.compat.world import World, world

SCENARIOS = sorted((FOLDER / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_the_conversation_goes_as_written(path: Path, autojump_clock: MockClock) -> None:
    dialogue = read(path)
    ids: dict[str, str] = {}
    async with world(FOLDER / "configs" / f"{dialogue.config}.yml") as here:
        for act in dialogue.acts:
            addresses = here.addresses
            await do(act, here, ids)
            check(act, here, ids, addresses | here.addresses)


async def do(act: Act, here: World, ids: dict[str, str]) -> None:
    match act.what:
        case "+":
            here.connect(act.client)
            await here.settle()
        case "-":
            here.close(act.client)
            await here.settle()
        case "~":
            await here.wait(float(act.text))
        case _:
            await here.send(act.client, sent(act, ids))


def check(act: Act, here: World, ids: dict[str, str], addresses: dict[str, str]) -> None:
    heard, closed = here.take()
    wanted: dict[str, list[str]] = {}
    for client, text in act.heard:
        wanted.setdefault(client, []).append(text)
    assert heard.keys() == wanted.keys(), (act, heard)
    for client, texts in wanted.items():
        assert len(heard[client]) == len(texts), (act, heard)
        for line, text in zip(heard[client], texts, strict=True):
            found = re.fullmatch(expected(text, ids, addresses), line)
            assert found, (act.line, text, line)
            ids.update(found.groupdict())
    assert closed == list(act.closed), act


def test_all_31_conversations_are_there() -> None:
    numbers = {path.stem.split("-")[0] for path in SCENARIOS}
    recorded = {f"{number:02}" for number in range(1, 33)} - {"14", "18"} | {"31b"}
    assert numbers >= recorded
    assert len(recorded) == 31


ADDRESSES = {"a": "127.0.0.1:1"}
JOB = (
    '{"ID":"0190-abcd","State":"pending","Type":"t","Payload":"p","Attempts":0,'
    '"StartedProcessingAt":"2026-11-22T09:08:10.5Z","EndProcessingAt":"0001-01-01T00:00:00Z",'
    '"Queue":{"ID":"","Slug":"","Group":{"Slug":""},"RecurrentJobs":null,"Jobs":null,'
    '"Workers":null},"Group":{"Slug":""}}'
)
USER = (
    '{"Username":"u","Password":"","Groups":null,"Addr":"127.0.0.1:1",'
    '"CurrentGroup":{"Slug":""},"Conn":{},"Status":"busy"}'
)


@pytest.mark.parametrize(
    ("text", "line", "matches"),
    [
        ("OK", "OK", True),
        ("OK", "OK ", False),
        ("OK", "OK\r", False),
        (r"+OK\r", "+OK\r", True),
        (r"+OK\r", "+OK", False),
        ("OK#<id j1>", "OK#0190-abcd", True),
        ("OK#<id j1>", "OK#", False),
        ("<id j1><id j1>", "0190-abcd0190-abcd", True),
        ("<id j1> <id j1>", "0190-abcd 0190-abce", False),
        ("OK#<id j2>", "OK#0190-0002", True),
        ("OK#<id j2>", "OK#0190-0003", False),
        ("<x*3>", "xxx", True),
        ("<x*3>", "xxxx", False),
        ('<job j1 pending t "p" started>', JOB, True),
        ('<job j1 pending t "p">', JOB, False),
        ('<job j1 errored t "p" started>', JOB, False),
        ('<job j1 pending t "p" attempts=1 started>', JOB, False),
        ('<job j1 pending t "p" started ended>', JOB, False),
        ('<push j1 pending t "p" started>', f'{{"Job":{JOB},"Debug":"Dispatch data"}}', True),
        ("<user u null a - busy>", USER, True),
        ("<user u null a - available>", USER, False),
        ("<user u null a - busy>", USER.replace('"Password":""', '"Password":"x"'), False),
    ],
)
def test_what_must_be_heard_is_told_from_what_must_not(text: str, line: str, matches: bool) -> None:
    found = re.fullmatch(expected(text, {"j2": "0190-0002"}, ADDRESSES), line)
    assert (found is not None) is matches
