"""Every recorded exchange with the original gateway; those it got wrong with the right answers."""

import re
from pathlib import Path

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock

from config.loading import load
from config.settings import Settings
from frontends.http.exchange import Request
from frontends.http.gateway import Gateway
from tests.compat.dialogue import FOLDER as CONFIGS
from tests.compat.exchanges import GATEWAY, Exchange, Script, read
from tests.compat.heard import expected
from tests.support.sites import memory_site

SCRIPTS = sorted(GATEWAY.glob("*.txt"))
ADDRESSES = {"a": "127.0.0.1:40001"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
async def test_the_exchanges_go_as_written(path: Path, autojump_clock: MockClock) -> None:
    script = read(path)
    ids: dict[str, str] = {}
    async with memory_site(settings_of(script)) as site:
        gateway = Gateway(site)
        for exchange in script.exchanges:
            if exchange.seconds:
                await trio.sleep(exchange.seconds)
            else:
                await make(gateway, exchange, ids)


def settings_of(script: Script) -> Settings:
    config, *more = script.told
    found = load([CONFIGS / "configs" / f"{config}.yml"]).settings
    return evolve(found, http=evolve(found.http, reflect_referer=more == ["reflect"]))


async def make(gateway: Gateway, exchange: Exchange, ids: dict[str, str]) -> None:
    body = re.sub(r"<(j\d+)>", lambda found: ids[found[1]], exchange.body)
    body = re.sub(r"<(.)\*(\d+)>", lambda found: found[1] * int(found[2]), body)
    answer = await gateway.answer(
        Request(
            exchange.method,
            exchange.path,
            exchange.path.encode(),
            headers={name.encode(): value.encode() for name, value in exchange.headers},
            body=body.encode(),
            address=ADDRESSES["a"],
        )
    )
    assert answer is not None
    wanted = expected(exchange.answer, ids, ADDRESSES)
    found = re.fullmatch(wanted, answer.body.decode())
    assert found, (exchange.line, exchange.answer[:2000], answer.body[:2000])
    ids.update(found.groupdict())
    assert answer.status == exchange.status, exchange.line
    headers = dict(answer.headers)
    assert headers[b"content-type"] == b"application/json"
    assert headers.get(b"access-control-allow-origin", b"").decode() == exchange.header, (
        exchange.line
    )


def test_all_recorded_scenarios_are_there() -> None:
    numbers = {path.stem[1:3] for path in SCRIPTS}
    assert numbers >= {"01", "02", "03", "04", "05", "06", "07", "09", "10", "11", "12", "14"}
