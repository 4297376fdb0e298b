"""The pages of the protocol, run: their dialogues on a real engine, their tables against ours."""

import json
import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from trio.testing import MockClock

from engine.access import Right
from engine.commands import TABLE
from engine.testing import memory_engine
from frontends.dialects.native import WORDS
from tests.frontends.native_talker import Native
from tests.frontends.resp_reading import Error
from tests.frontends.scripted import GROUPS, USERS

FOLDER: Final = Path(__file__).parents[2] / "frontends" / "tcp"
TEXT: Final = (FOLDER / "protocol.md").read_text(encoding="utf-8")
ADMINISTERING: Final = (FOLDER / "administering.md").read_text(encoding="utf-8")
DIALOGUES: Final = re.findall(
    r"^```dialogue\n(.*?)^```$", TEXT + ADMINISTERING, re.DOTALL | re.MULTILINE
)
MORE: Final = "\u2026"
LETTERS: Final = {
    Right.PUBLISH: "p", Right.WORK: "w", Right.READ: "r", Right.MANAGE: "m", Right.ADMIN: "a",
}  # fmt: skip


class Names:
    """What the names in angle brackets stand for, in one dialogue."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def fill(self, word: str) -> str:
        return re.sub(r"<(\w+)>", lambda found: str(self.known[found[1]]), word)

    def check(self, expected: Any, heard: Any) -> None:
        if isinstance(heard, bytes):
            heard = heard.decode()
        if isinstance(expected, str) and (found := re.fullmatch(r"<(\w+)>", expected)):
            assert self.known.setdefault(found[1], heard) == heard
        elif isinstance(expected, dict):
            shown = {key: value for key, value in expected.items() if key != MORE}
            assert shown.keys() <= heard.keys()
            assert MORE in expected or shown.keys() == heard.keys()
            for key, value in shown.items():
                self.check(value, heard[key])
        elif isinstance(expected, list):
            assert len(expected) == len(heard)
            for value, item in zip(expected, heard, strict=True):
                self.check(value, item)
        else:
            assert (type(heard), heard) == (type(expected), expected)


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) == 7 + 3
    assert TEXT.count("```") == 2 * 7
    assert ADMINISTERING.count("```") == 2 * 3
    assert sum(dialogue.count("> ") for dialogue in DIALOGUES) > 80


def test_a_dialogue_that_lies_is_found() -> None:
    for expected, heard in (
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, MORE: 0}, {"b": 2}),
        (["<x>", "<x>"], [1, 2]),
        ([1], [1, 2]),
        (1, True),
        ("a", b"b"),
    ):
        with pytest.raises(AssertionError):
            Names().check(expected, heard)


@pytest.mark.parametrize("number", range(len(DIALOGUES)))
async def test_the_dialogue_is_what_happens(autojump_clock: MockClock, number: int) -> None:
    names, talkers = Names(), dict[str, Native]()
    async with memory_engine() as engine:
        engine.office.accounts.configure(USERS.values(), GROUPS)
        for line in DIALOGUES[number].splitlines():
            who, what = line[:2], line[3:]
            if who == "~ ":
                await trio.sleep(float(line[2:]))
                continue
            address = f"127.0.0.1:{ord(who[0])}"
            talker = talkers.setdefault(who[0], Native(engine, address, user=""))
            if who[1] == ">":
                assert talker.heard == []
                talker.send(*map(names.fill, shlex.split(what)))
            elif who[1] == "!":
                await talker.settle()
                names.check(json.loads(what), talker.pushes.pop(0))
            else:
                heard = await talker.answer()
                if what.startswith("-ERR "):
                    _, code, sentence = what.split(" ", 2)
                    assert heard == Error(code, sentence)
                else:
                    assert not isinstance(heard, Error), heard
                    names.check(json.loads(what), heard)
        for talker in talkers.values():
            await talker.settle()
            assert (talker.heard, talker.pushes) == ([], [])


def table(*, of_administrators: bool) -> str:
    """The table of words as it has to stand on one of the pages."""
    rows = ["| word and arguments | options | right | |", "|---|---|---|---|"]
    for word in sorted(WORDS.values(), key=lambda word: word.row.word):
        if of_administrators != (word.row.needs == Right.ADMIN):
            continue
        required = " ".join((word.row.word, *(name for name, _ in word.required)))
        options = " ".join(f"`{n.decode()}`" for n in word.optional if n != b"REQUEST_ID")
        rights = "".join(letter for right, letter in LETTERS.items() if word.row.needs & right)
        rows.append(f"| `{required}` | {options} | {rights} | {word.row.about} |")
    return "\n".join(rows)


def test_the_pages_list_every_word() -> None:
    assert {word.row.kind for word in WORDS.values()} == set(TABLE)
    for page, of_administrators in ((TEXT, False), (ADMINISTERING, True)):
        listed = page.partition("<!-- words -->\n")[2].strip()
        assert listed == table(of_administrators=of_administrators)


def test_every_word_is_in_a_dialogue_or_excused() -> None:
    excused = {
        "DUMP": "test mode only",
        "RETRY_ALL_NOW": "only where it is allowed",
        "HEALTH_COUNTS": "counts over all groups",
        "DESCRIBE": "long: a queue whole",
        "DESCRIBE_ALL": "long: every queue whole",
        "DELETE_RECURRENCE": "DROP_RECURRENCE without the queue",
        "KICK_ALL": "KICK of everybody",
        "OVERRIDE": "for doors without reservations",
        "PEEK": "for doors that look before they take",
        "REPORT": "for doors without reservations",
        "RETRY_FAILED_NOW": "a bulk that says nothing",
        "WRITE_STATUS": "for doors whose clients name states",
    }
    said = {
        line[3:].split(" ")[0].upper()
        for dialogue in DIALOGUES
        for line in dialogue.splitlines()
        if line[1:2] == ">"
    }
    assert set(WORDS) - said == set(excused)
