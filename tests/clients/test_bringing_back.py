"""An export that an empty server imports is there what it was here, but for what is stated."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from jobyard.blocking import BlockingClient
from tests.acceptance.served import Server
from tests.clients.conftest import url_of
from tests.clients.typing_commands import Type

DIGEST: Final = "0f" * 64
ANEW: Final = {"seq", "recurrence", "tick"}
"""Of a job: its place is counted anew, and it forgets the schedule that made it."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Where another server is, which has nothing yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    served = Server(folder).start()
    yield url_of(served)
    served.close()


def filled(client: BlockingClient) -> None:
    """Queues of every kind, with jobs of every kind."""
    for name in ("ends", "fails"):
        client.publish("work", name, b"x")
        [held] = client.reserve("work", [name], lease=500.0)
        client.progress(held, 0.25, "a quarter")
        client.log(held, "one line\nof two")
        client.checkpoint(held, b"\xfe so far")
        if name == "ends":
            client.done(held, b"\xff result")
        else:
            client.fail(held, "no", delay=5_000.0)
    client.pause("work")
    client.set_recurrence("work", "paused", "@every 1s", b"\xff" * 5_000, paused=True)
    client.set_recurrence(
        "work", "weekly", "0 7 * * 1", "{}", zone="Europe/Paris", missed="once", overlap="skip",
        seconds=False, since=1_000.5, last_tick=4e9,
    )  # fmt: skip
    client.set_recurrence("work", "made", "@daily", once_now=True)
    client.set_access("v1", key_sha512=DIGEST)
    client.set_access("v0", readers=["a", "b"], writers=["c"], declared=True)
    client.publish("closing", "t", b"")
    client.drain("closing")


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_there_and_back(
    typed: Type, client: BlockingClient, tmp_path: Path, elsewhere: str
) -> None:
    filled(client)
    here, there = tmp_path / "here", tmp_path / "there"
    assert typed("export", str(here)).code == 0
    said = typed("import", str(here), "--url", elsewhere)
    assert said.code == 0
    assert said.err == "jobyard: the access key of v1 stays behind: set it anew\n"
    assert typed("export", str(there), "--url", elsewhere).code == 0
    before, after = lines(here), lines(there)
    assert sum("id" in line for line in after) == 4
    for exported, keyed in ((before, True), (after, False)):
        [line] = [line for line in exported if line.get("queue") == "v1"]
        assert line["settings"]["access"].pop("keyed") is keyed
    assert [set(one) for one in before] == [set(one) for one in after]
    for one, other in zip(before, after, strict=True):
        assert {key for key in one if one[key] != other[key]} <= ANEW


def test_what_is_there_is_left_alone(typed: Type, client: BlockingClient, tmp_path: Path) -> None:
    client.set_access("mine", readers=["a"])
    client.set_recurrence("mine", "t", "@daily", b"theirs")
    file = tmp_path / "file"
    assert typed("export", str(file), "--queue", "mine").code == 0
    client.set_access("mine", readers=["b"], key_sha512=DIGEST)
    client.set_recurrence("mine", "t", "@hourly", b"mine")
    said = typed("import", str(file))
    assert (said.code, said.err) == (0, "")
    found = client.describe("mine")
    assert found["access"] == {"keyed": True, "readers": ["b"], "writers": [], "declared": False}
    [recurrence] = found["recurrences"]
    assert (recurrence["cron"], recurrence["payload"]) == ("@hourly", b"mine")
