"""Whether the server lives and can take work, as machines ask."""

import json
from typing import Any

import pytest
from attrs import evolve
from trio.testing import MockClock

from config.settings import Settings
from engine.directory import Directory
from engine.figures import EngineStatistics
from engine.replies import HealthCounts
from frontends.http.exchange import Request
from frontends.http.health import Health
from frontends.http.site import Site
from tests.support.sites import memory_site


async def ask(site: Site, path: str, method: str = "GET") -> tuple[int, Any]:
    assert site.observed is not None
    answer = await Health(site, site.observed).answer(Request(method, path, path.encode()))
    assert answer is not None
    return answer.status, json.loads(answer.body)


def codes(body: Any) -> list[str]:
    return [reason["code"] for reason in body["reasons"]]


def pretend(site: Site, **changes: Any) -> None:
    """Have the engine's statistics say something else."""
    assert site.observed is not None
    real = site.observed.statistics

    def statistics() -> EngineStatistics:
        return evolve(real(), **changes)

    site.observed.statistics = statistics


async def test_a_server_that_answers_lives(autojump_clock: MockClock) -> None:
    async with memory_site(Settings()) as site:
        assert await ask(site, "/healthz") == (200, {"status": "alive"})
        assert await ask(site, "/readyz") == (200, {"ready": True, "reasons": []})
        status, version = await ask(site, "/version")
        assert (status, version["version"], version["boot"]) == (200, "0", 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"store_low": True, "refusing": True}, "storage-low"),
        ({"refusing": True}, "storage-full"),
        ({"stalled": 100.0}, "stall"),
        ({"stopping": True}, "stopping"),
    ],
)
async def test_a_server_that_cannot_take_work_says_why(
    changes: dict[str, Any], reason: str, autojump_clock: MockClock
) -> None:
    async with memory_site(Settings()) as site:
        pretend(site, **changes)
        status, body = await ask(site, "/readyz")
        assert (status, body["ready"], codes(body)) == (503, False, [reason])
        assert (await ask(site, "/healthz"))[0] == 200


async def test_a_queue_that_failed_is_told_without_its_name(autojump_clock: MockClock) -> None:
    async with memory_site(Settings()) as site:
        assert site.observed is not None
        site.observed.health = lambda: HealthCounts(3, 0, 0, (("g", "secret-project"),))
        status, body = await ask(site, "/readyz")
        assert (status, codes(body)) == (503, ["queue-failed"])
        assert "secret" not in json.dumps(body)


async def test_a_server_that_stops_is_not_ready(autojump_clock: MockClock) -> None:
    async with memory_site(Settings()) as site:
        assert isinstance(site.engine, Directory)
        await site.engine.stop()
        assert codes((await ask(site, "/readyz"))[1]) == ["stopping"]


async def test_other_paths_and_methods(autojump_clock: MockClock) -> None:
    async with memory_site(Settings()) as site:
        assert site.observed is not None
        health = Health(site, site.observed)
        for path in ("/", "/healthz/", "/Readyz", "/version2"):
            assert await health.answer(Request("GET", path, path.encode())) is None
        status, body = await ask(site, "/readyz", "POST")
        assert (status, body["code"]) == (405, "wrong-method")
        assert (await ask(site, "/readyz", "HEAD"))[0] == 200
