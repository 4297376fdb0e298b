"""The page of the RPC ports, run: its dialogues on a real server, its tables against ours."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from config.sections import Rpc
from config.settings import Settings
from config.users import Grant, Group, User
from frontends.dialects.jsonrpc import BATCH_MAX
from frontends.dialects.qmanager import ID_NAME, METHODS, PREFIX, TASK_NAME
from frontends.dialects.qmanager_page import CONNECTED
from tests.frontends.rpc.serving import JsonClient, json_client, served
from tests.frontends.test_protocol_page import Names

ROOT: Final = Path(__file__).parents[3]
TEXT: Final = (ROOT / "frontends" / "rpc" / "protocol.md").read_text(encoding="utf-8")
DIALOGUES: Final = re.findall(r"^```dialogue\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
SETTINGS: Final = Settings(
    groups=(Group("default"), Group("shop")),
    users=(User("ada", password="secret", groups=(Grant("shop"),)),),
    rpc=Rpc(port=8090),
)


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) == 6
    assert TEXT.count("```") == 2 * len(DIALOGUES)
    assert sum(dialogue.count("> {") for dialogue in DIALOGUES) > 15


@pytest.mark.parametrize("number", range(len(DIALOGUES)))
async def test_the_dialogue_is_what_happens(number: int) -> None:
    names, talkers = Names(), dict[str, JsonClient]()
    async with served(SETTINGS) as (_, port, _):
        for line in DIALOGUES[number].splitlines():
            who, what, text = line[0], line[1], names.fill(line[3:]) if line[1] == ">" else line[3:]
            if who not in talkers:
                talkers[who] = await json_client(port)
            talker = talkers[who]
            said: Any = json.loads(text)
            if what == ">":
                await talker.send(text.encode() + b"\n")
            else:
                assert what in "<!"
                assert ("method" in said) is (what == "!")
                names.check(said, await talker.hear())
        for talker in talkers.values():
            await talker.send(b'{"jsonrpc": "2.0", "method": "nothing", "id": "last"}\n')
            assert (await talker.hear())["id"] == "last"
            await talker.close()


def test_the_page_lists_every_method() -> None:
    listed = re.findall(r"^\| `(RpcHandler\.\w+)` \|", TEXT, re.MULTILINE)
    assert sorted(listed) == sorted(f"{PREFIX}{name}" for name in METHODS)


def test_the_page_names_what_go_registers() -> None:
    assert ID_NAME in TEXT
    assert TASK_NAME.rpartition("/internal")[2] in TEXT
    assert CONNECTED.decode().strip() in TEXT
    assert f"up to {BATCH_MAX:,} calls" in TEXT


def test_the_errors_are_those_that_are_sent() -> None:
    source = (ROOT / "frontends" / "dialects" / "jsonrpc.py").read_text(encoding="utf-8")
    sent = set(re.findall(r"-32\d{3}", source))
    assert set(re.findall(r"^\| (-32\d{3}) \|", TEXT, re.MULTILINE)) == sent
