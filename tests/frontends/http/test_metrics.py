"""What Prometheus reads: true, bounded, escaped, and for those who may."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock

from config.settings import Settings
from config.users import EVERY_GROUP, Grant, Group, User
from engine.access import Principal, caller
from engine.commands import Done, Pause, Publish, Reserve
from engine.figures import OTHER
from engine.replies import Granted
from frontends.answered import Answered, CountedEngine
from frontends.http import series
from frontends.http.exchange import Request, Response
from frontends.http.metrics import Metrics
from frontends.http.site import Site
from frontends.lag import PERIOD, LoopLag
from tests.support.sites import memory_site

EXAMPLES = Path(__file__).parents[3] / "config" / "examples"
SETTINGS = Settings(
    groups=(Group("g"), Group("h")),
    users=(
        User("ada", password="secret", groups=(Grant("g"),)),
        User("pub", password="secret", groups=(Grant("g", ("publish",)),)),
        User("root", password="secret", groups=(Grant(EVERY_GROUP),)),
    ),
)
ROOT = Principal("root", admin=True)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(user: str = "", *, local: bool = True) -> Request:
    headers = {}
    if user:
        headers[b"authorization"] = b"Basic " + b64encode(f"{user}:secret".encode())
    return Request(
        "GET", "/metrics", b"/metrics", headers=headers, address="192.0.2.1:5", local=local,
        encrypted=True,
    )  # fmt: skip


async def ask(site: Site, request: Request) -> Response:
    assert site.observed is not None
    answer = await Metrics(site, site.observed).answer(request)
    assert answer is not None
    return answer


async def read(site: Site, request: Request | None = None) -> Samples:
    answer = await ask(site, request or scrape())
    assert answer.status == 200
    return samples(answer.body)


def samples(body: bytes) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def of(found: Samples, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


async def run(site: Site, command: object, group: str = "g") -> Any:
    return await site.engine.execute(caller(ROOT, group), command)


async def test_what_a_queue_did_is_shown(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        for _ in range(3):
            await run(site, Publish("q", "t", b"a secret payload"))
        await trio.sleep(7)
        reply = await run(site, Reserve("q"))
        assert isinstance(reply, Granted)
        await trio.sleep(3)
        await run(site, Done(reply.jobs[0].id, reply.jobs[0].reservation))
        answer = await ask(site, scrape())
    found = samples(answer.body)
    queue = {"group": "g", "queue": "q"}
    assert of(found, "jobyard_jobs", **queue, type="t", state="ready") == 2
    assert of(found, "jobyard_jobs", **queue, type="t", state="done") == 1
    assert of(found, "jobyard_jobs", **queue, type="t", state="failed") == 0
    assert of(found, "jobyard_jobs_published_total", **queue) == 3
    assert of(found, "jobyard_jobs_finished_total", **queue, type="t", outcome="done") == 1
    assert of(found, "jobyard_oldest_waiting_seconds", **queue) == pytest.approx(10)
    assert of(found, "jobyard_job_waiting_seconds_bucket", **queue, le="5.0") == 0
    assert of(found, "jobyard_job_waiting_seconds_bucket", **queue, le="10.0") == 1
    assert of(found, "jobyard_job_waiting_seconds_bucket", **queue, le="+Inf") == 1
    assert of(found, "jobyard_job_running_seconds_sum", **queue) == pytest.approx(3)
    assert of(found, "jobyard_build_info", version="0") == 1
    assert of(found, "jobyard_queues") == 1
    assert b"payload" not in answer.body


async def test_names_are_escaped(autojump_clock: MockClock) -> None:
    name = 'a"b\\c{d="e"} \N{SNOWMAN}'
    async with memory_site(SETTINGS) as site:
        await run(site, Publish(name, name, b""))
        found = await read(site)
    assert of(found, "jobyard_jobs_published_total", group="g", queue=name) == 1


@pytest.mark.parametrize(
    ("user", "status", "groups"),
    [("ada", 200, {"g"}), ("root", 200, {"g", "h"}), ("pub", 403, None), ("", 401, None)],
)
async def test_from_elsewhere_one_has_to_say_who_one_is(
    user: str, status: int, groups: set[str] | None, autojump_clock: MockClock
) -> None:
    async with memory_site(SETTINGS) as site:
        for group in ("g", "h"):
            await run(site, Publish("q", "t", b""), group)
        answer = await ask(site, scrape(user, local=False))
        assert answer.status == status
        if groups is not None:
            labels = [dict(labels) for _, labels in samples(answer.body)]
            assert {one["group"] for one in labels if "group" in one} == groups


async def test_other_paths_and_methods(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        assert site.observed is not None
        metrics = Metrics(site, site.observed)
        assert await metrics.answer(Request("GET", "/metric", b"/metric")) is None
        refused = await metrics.answer(Request("POST", "/metrics", b"/metrics"))
        assert refused is not None
        assert (refused.status, refused.headers[-1]) == (405, (b"allow", b"GET, HEAD"))


async def test_the_number_of_series_is_bounded(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "QUEUES", 3)
    monkeypatch.setattr(series, "ROWS", 4)
    async with memory_site(SETTINGS) as site:
        for queue in range(5):
            for kind in ("a", "b"):
                await run(site, Publish(f"q{queue}", kind, b""))
        found = await read(site)
        await run(site, Publish("q0", "a", b""))
        again = await read(site)
    published = {
        dict(labels)["queue"]: value
        for (name, labels), value in found.items()
        if name == "jobyard_jobs_published_total"
    }
    assert published == {"q0": 2, "q1": 2, "q2": 2, OTHER: 4}
    ready = {
        (dict(labels)["queue"], dict(labels)["type"]): value
        for (name, labels), value in found.items()
        if name == "jobyard_jobs" and dict(labels)["state"] == "ready"
    }
    assert ready == {
        ("q0", "a"): 1, ("q0", "b"): 1, ("q1", "a"): 1, ("q1", "b"): 1, ("q2", OTHER): 2,
        (OTHER, OTHER): 4,
    }  # fmt: skip
    assert found.keys() == again.keys()


async def test_a_queue_of_no_jobs_is_shown(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        await run(site, Pause("q"))
        found = await read(site)
    assert of(found, "jobyard_oldest_waiting_seconds", group="g", queue="q") == 0


async def test_answers_are_counted_by_front_end_and_code(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        assert site.observed is not None
        answered = site.observed.answered["http"] = Answered()
        site.observed.connections["lines"] = lambda: 4
        engine = CountedEngine(site.engine, answered)  # type: ignore[arg-type]  # a directory
        who = caller(ROOT, "g")
        await engine.execute(who, Publish("q", "t", b""))
        await engine.execute(who, Reserve("q"))
        await engine.execute(who, Done("nothing", "1-1"))
        found = await read(site)
    assert of(found, "jobyard_commands_total", frontend="http", code="ok") == 2
    assert of(found, "jobyard_commands_total", frontend="http", code="unknown-job") == 1
    assert of(found, "jobyard_connections", frontend="lines") == 4


async def test_a_loop_that_is_held_up_is_seen(autojump_clock: MockClock) -> None:
    lag = LoopLag()
    with trio.move_on_after(PERIOD * 4.5):
        await lag.run()
    seen = lag.histogram.seen()
    assert sum(seen.counts) == seen.counts[0] == 4
    assert seen.total == pytest.approx(0)


async def every_name() -> set[str]:
    """Names of everything that can be asked for."""
    async with memory_site(SETTINGS) as site:
        assert site.observed is not None
        site.observed.answered["http"] = Answered(ok=1)
        site.observed.connections["http"] = lambda: 0
        await run(site, Publish("q", "t", b""))
        reply = await run(site, Reserve("q"))
        await run(site, Done(reply.jobs[0].id, reply.jobs[0].reservation))
        found = await read(site)
    return {name for name, _ in found} | {"jobyard_store_free_bytes"}


def asked_for(text: str) -> set[str]:
    return set(re.findall(r"\bjobyard_[a-z_]+", text))


@pytest.mark.parametrize("example", ["alerts.yml", "grafana-dashboard.json"])
async def test_an_example_asks_for_what_there_is(example: str, autojump_clock: MockClock) -> None:
    text = (EXAMPLES / example).read_text(encoding="utf-8")
    asked = asked_for(text)
    assert len(asked) >= 8
    assert asked <= await every_name()


def test_the_dashboard_is_whole() -> None:
    board = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["targets"] for panel in panels)
    shown = asked_for(json.dumps(board))
    assert {
        "jobyard_jobs",
        "jobyard_job_waiting_seconds_bucket",
        "jobyard_commit_steps_bucket",
    } <= (shown)


def test_the_rules_are_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("not run: promtool is not installed")
    said = subprocess.run(
        [promtool, "check", "rules", str(EXAMPLES / "alerts.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
