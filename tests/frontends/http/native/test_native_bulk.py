"""One action on many jobs."""

from typing import Any, cast

import pytest
from attrs import evolve

from frontends.http import changing
from frontends.http.site import Engine
from tests.frontends.http.native.calling import Yard


async def some(yard: Yard, count: int, **job: Any) -> None:
    jobs = [{"payload": str(number), **job} for number in range(count)]
    assert (await yard.call("POST", "/queues/q/jobs", {"jobs": jobs})).status == 201


async def sweep(yard: Yard, verb: str, wanted: dict[str, Any], **more: Any) -> Any:
    heard = await yard.call("POST", f"/queues/q/jobs/{verb}", {"filter": wanted, **more})
    assert heard.status == 200, heard.text
    return heard.json


async def test_a_dry_run_says_how_many_and_the_run_changes_as_many(yard: Yard) -> None:
    await some(yard, 250, type="a")
    await some(yard, 7, type="b")
    wanted = {"states": ["ready"], "type": "a"}
    told = await sweep(yard, "cancel", wanted, dry_run=True)
    assert told == {"dry_run": True, "found": 250, "changed": 0, "refused": {}, "next": None}
    assert (await yard.call("GET", "/queues/q/counts")).json["states"]["ready"] == 257
    done = await sweep(yard, "cancel", wanted)
    assert done == {"dry_run": False, "found": 250, "changed": 250, "refused": {}, "next": None}
    states = (await yard.call("GET", "/queues/q/counts")).json["states"]
    assert (states["ready"], states["canceled"]) == (7, 250)
    assert (await sweep(yard, "reset", {"states": ["canceled"]}))["changed"] == 250
    assert (await sweep(yard, "reset", {}))["refused"] == {"wrong-state": 257}
    assert (await sweep(yard, "delete", {}))["changed"] == 257
    assert (await sweep(yard, "delete", {}))["found"] == 0


async def test_jobs_are_found_by_how_they_failed(yard: Yard) -> None:
    await some(yard, 4, max_attempts=1)
    held = (await yard.call("POST", "/queues/q/reserve", {"limit": 3})).json["jobs"]
    for job, (kind, error) in zip(
        held, (("OSError", "disk full"), ("OSError", "no route"), ("E", "disk full")), strict=True
    ):
        said = {"reservation": job["reservation"], "error": error, "error_type": kind}
        assert (await yard.call("POST", f"/jobs/{job['id']}/fail", said)).status == 204
    for wanted, found in (
        ({"error": "disk"}, 2),
        ({"error_type": "OSError"}, 2),
        ({"error": "disk", "error_type": "OSError"}, 1),
        ({"error_type": "OS"}, 0),
        ({"error": "disk", "states": ["done"]}, 0),
        ({"states": ["failed", "ready"]}, 4),
    ):
        assert (await sweep(yard, "delete", wanted, dry_run=True))["found"] == found
    assert (await sweep(yard, "reset", {"error": "route"}))["changed"] == 1


@pytest.mark.parametrize("size", [99, 100, 101, 200])
async def test_one_request_changes_so_many_and_the_next_goes_on(yard: Yard, size: int) -> None:
    await some(yard, 230)
    changed, cursor, rounds = 0, 0, 0
    while cursor is not None:
        heard = await sweep(yard, "cancel", {"states": ["ready"]}, limit=size, cursor=cursor)
        assert heard["found"] == heard["changed"] <= size
        changed += heard["changed"]
        cursor = heard["next"]
        rounds += 1
    assert (changed, rounds) == (230, -(-230 // size))


async def test_a_few_commands_are_under_way_at_one_time(yard: Yard) -> None:
    await some(yard, 60)
    engine, under_way, most = yard.site.engine, 0, 0

    class Counting:
        async def execute(self, *said: Any) -> Any:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                return await engine.execute(*said)
            finally:
                under_way -= 1

    counted = Yard(evolve(yard.site, engine=cast("Engine", Counting())))
    assert (await sweep(counted, "delete", {}))["changed"] == 60
    assert most == changing.AT_ONCE


@pytest.mark.parametrize("verb", ["cancel", "reset", "delete"])
async def test_what_a_bulk_cannot_be(yard: Yard, verb: str) -> None:
    await some(yard, 1)
    for said in (
        {},
        {"filter": None},
        {"filter": {"colour": "red"}},
        {"filter": {"states": ["lost"]}},
        {"filter": {}, "limit": 100_001},
        {"filter": {}, "dry_run": "no"},
        {"filter": {}, "queue": "r"},
    ):
        bad = await yard.call("POST", f"/queues/q/jobs/{verb}", said)
        assert (bad.status, bad.code) == (400, "invalid-value"), said
    gone = await yard.call("POST", f"/queues/none/jobs/{verb}", {"filter": {}})
    assert gone.code == "unknown-queue"
    assert (await yard.call("GET", "/queues/q/counts")).json["states"]["ready"] == 1


async def test_jobs_move_to_another_queue(yard: Yard) -> None:
    await some(yard, 120)
    moved = await sweep(yard, "move", {"states": ["ready"]}, to="r")
    assert (moved["found"], moved["changed"]) == (120, 120)
    counts = [(await yard.call("GET", f"/queues/{name}/counts")).json for name in ("q", "r")]
    assert [one["states"]["ready"] for one in counts] == [0, 120]
    bad = await yard.call("POST", "/queues/r/jobs/move", {"filter": {}})
    assert bad.json["detail"] == "to: is missing"


async def test_who_may_not_do_it_to_one_may_not_count_either(yard: Yard) -> None:
    await some(yard, 1)
    for user in ("read", "publish", "manage"):
        for dry in (True, False):
            said: dict[str, Any] = {"filter": {}, "dry_run": dry}
            heard = await yard.call("POST", "/queues/q/jobs/delete", said, user=user)
            assert (heard.status, heard.code) == (403, "forbidden")
