"""Recorded conversations with both JobEngines, those they got wrong with the right answers."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pytest
import trio
from trio.testing import MockClock

from config.loading import load
from engine.testing import START
from frontends.http.exchange import Dialect, Request, Response, Speaks
from frontends.http.jobengine.v0 import JobEngineV0
from frontends.http.jobengine.v1 import JobEngineV1
from tests.compat.dialogue import FOLDER as CONFIGS
from tests.compat.exchanges import JOBENGINE, Exchange, read
from tests.support.declaring import declare
from tests.support.sites import memory_site

SCRIPTS: Final = sorted(JOBENGINE.glob("*.txt"))
JSON: Final = {"v0": b"application/json; charset=utf-8", "v1": b"application/json"}
UID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_the_exchanges_go_as_written(path: Path, autojump_clock: MockClock) -> None:
    script = read(path)
    version, *config = script.told
    settings = load([CONFIGS / "configs" / f"{name}.yml" for name in config]).settings
    uids: dict[str, str] = {}
    async with memory_site(settings) as site:
        await declare(site)
        dialect: Dialect = JobEngineV0(site) if version == "v0" else JobEngineV1(site)
        for exchange in script.exchanges:
            if exchange.seconds:
                await trio.sleep(exchange.seconds)
            else:
                await make(dialect, version, exchange, uids)


async def make(dialect: Dialect, version: str, exchange: Exchange, uids: dict[str, str]) -> None:
    place = re.sub(r"<(\w+)>", lambda found: uids[found[1]], exchange.path)
    path, _, query = place.partition("?")
    body = re.sub(r"<(\w+)>", lambda found: uids[found[1]], exchange.body)
    answer = await dialect.answer(
        Request(
            exchange.method,
            unquote(path),
            path.encode(),
            query.encode(),
            {name.lower().encode(): value.encode() for name, value in exchange.headers},
            body.encode(),
            speaks=Speaks.V0 if version == "v0" else Speaks.V1,
        )
    )
    assert isinstance(answer, Response)
    found = re.fullmatch(expected(exchange.answer, uids), answer.body.decode())
    assert found, (exchange.line, answer.status, answer.body[:2000])
    uids.update(found.groupdict())
    assert answer.status == exchange.status, exchange.line
    headers = dict(answer.headers)
    assert headers.get(b"content-type") == content_type(version, answer), exchange.line
    assert headers.get(b"location", b"").decode() == exchange.header, exchange.line


def expected(answer: str, uids: dict[str, str]) -> str:
    """The pattern of an answer; line ends are written `\\n`."""

    def meant(found: re.Match[str]) -> str:
        new, seconds, old = found.groups()
        if seconds is not None:
            return str(START + int(seconds))
        return uids[old] if new is None else f"(?P<{new}>{UID})"

    pattern = re.escape(answer.replace("\\n", "\n"))
    return re.sub(r"<(?:uid\\ (\w+)|\\\+(\d+)|(\w+))>", meant, pattern)


def content_type(version: str, answer: Response) -> bytes | None:
    """What goes with a body, of each version."""
    if answer.body.startswith(b"{"):
        return JSON[version]
    if answer.body.startswith(b"404"):
        return b"text/plain" if version == "v0" else b"text/plain; charset=utf-8"
    return b"text/html; charset=utf-8" if answer.body else None


def test_all_recorded_scenarios_are_there() -> None:
    assert {path.stem.split("-")[0] for path in SCRIPTS} >= {
        "v1", "v2", "v3", "v4", "v5", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e10", "e11"
    }  # fmt: skip
