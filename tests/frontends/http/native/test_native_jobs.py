"""The life of jobs over the native API."""

from typing import Any, cast

import trio
from attrs import evolve
from trio.testing import MockClock

from engine.access import Caller
from engine.commands import Edit
from engine.replies import OK, Reply
from frontends.http.exchange import Response
from frontends.http.site import Engine
from tests.frontends.http.native.calling import Yard, basic, request


async def test_a_job_is_published_worked_and_seen_done(yard: Yard) -> None:
    made = await yard.call("POST", "/queues/mail/jobs", {"type": "welcome", "payload": "ada"})
    assert made.status == 201
    job = made.json["job"]
    assert made.headers["location"] == f"/api/v2/jobs/{job}"
    taken = await yard.call("POST", "/queues/mail/reserve", {"limit": 10})
    assert taken.status == 200
    (held,) = taken.json["jobs"]
    assert (held["id"], held["payload"], held["state"]) == (job, "ada", "reserved")
    by = {"reservation": held["reservation"]}
    for verb, said in (
        ("started", {}),
        ("progress", {"progress": 0.5, "note": "half"}),
        ("log", {"line": "opened the file"}),
        ("checkpoint", {"data_base64": "AP8="}),
        ("touch", {"lease": 30}),
        ("done", {"result": "sent"}),
    ):
        heard = await yard.call("POST", f"/jobs/{job}/{verb}", by | said)
        assert (heard.status, heard.text) == (204, b""), verb
    seen = await yard.job(job)
    assert (seen["state"], seen["result"], seen["progress"]) == ("done", "sent", 0.5)
    assert (seen["checkpoint_base64"], seen["log"][0]["line"]) == ("AP8=", "opened the file")
    stale = await yard.call("POST", f"/jobs/{job}/done", by)
    assert (stale.status, stale.code) == (409, "reservation-lost")


async def test_many_jobs_are_published_or_none(yard: Yard) -> None:
    jobs = [{"payload": "1", "type": "a"}, {"payload_base64": "/w==", "priority": 3}]
    made = await yard.call("POST", "/queues/q/jobs", {"jobs": jobs})
    assert made.status == 201
    assert [job["existing"] for job in made.json["jobs"]] == [False, False]
    bad = await yard.call("POST", "/queues/r/jobs", {"jobs": [{}, {"priority": "high"}]})
    assert (bad.status, bad.code) == (400, "invalid-value")
    assert "[1].priority" in bad.json["detail"]
    assert (await yard.call("GET", "/queues/r")).code == "unknown-queue"


async def test_a_unique_key_finds_the_earlier_job(yard: Yard) -> None:
    first = await yard.publish(unique_key="k")
    again = await yard.call("POST", "/queues/q/jobs", {"unique_key": "k"})
    assert (again.status, again.json) == (200, {"job": first, "existing": True})


async def test_a_failed_job_comes_again_and_one_is_given_back(
    yard: Yard, autojump_clock: MockClock
) -> None:
    job = await yard.publish(backoff={"fixed": 5})
    for verb, said in (("fail", {"error": "no", "error_type": "E"}), ("release", {"delay": 0})):
        (held,) = (await yard.call("POST", "/queues/q/reserve", {"wait": 30})).json["jobs"]
        by = {"reservation": held["reservation"]}
        assert (await yard.call("POST", f"/jobs/{job}/{verb}", by | said)).status == 204
    seen = await yard.job(job)
    assert (seen["state"], seen["failures"], seen["error"]) == ("ready", 1, "no")
    assert (seen["attempts"], seen["releases"]) == (1, 1)


async def test_jobs_are_looked_after(yard: Yard) -> None:
    job = await yard.publish()
    assert (await yard.call("PATCH", f"/jobs/{job}", {"priority": -3})).status == 204
    assert (await yard.call("GET", f"/jobs/{job}/explain")).json["reason"] == "no-worker"
    assert (await yard.call("POST", f"/jobs/{job}/cancel")).status == 204
    refused = await yard.call("PATCH", f"/jobs/{job}", {"priority": 1})
    assert (refused.status, refused.code) == (409, "wrong-state")
    assert (await yard.call("POST", f"/jobs/{job}/reset", {})).status == 204
    assert (await yard.call("POST", f"/jobs/{job}/override", {"state": "done"})).status == 204
    assert (await yard.job(job))["state"] == "done"
    assert (await yard.call("DELETE", f"/jobs/{job}")).status == 204
    assert (await yard.call("GET", f"/jobs/{job}")).status == 404


async def test_a_job_moves_and_another_server_s_jobs_are_taken_over(yard: Yard) -> None:
    job = await yard.publish()
    assert (await yard.call("POST", f"/jobs/{job}/move", {"queue": "r"})).status == 204
    assert (await yard.job(job))["queue"] == "r"
    (first,) = (await yard.call("GET", "/queues/r/next?limit=5")).json["jobs"]
    assert first["id"] == job
    kept = {"id": "old-1", "type": "t", "state": "ready", "created_at": 1, "updated_at": 2}
    made = await yard.call("POST", "/queues/q/jobs/adopt", {"jobs": [{**kept, "payload": "p"}]})
    assert made.status == 201
    assert (await yard.job("old-1"))["state"] == "ready"
    access = await yard.call("PATCH", "/queues/q/access", {"readers": ["app"]})
    assert access.status == 204


async def test_jobs_that_nobody_heard_of_are_given_back(yard: Yard) -> None:
    first, second = await yard.publish(), await yard.publish()
    headers = {"authorization": basic("ada").decode()}
    for key, state in (("", "ready"), ("r-1", "reserved")):
        more = headers | ({"idempotency-key": key} if key else {})
        asked = request("POST", "/api/v2/queues/q/reserve", b'{"limit":2}', more)
        response = await yard.native.answer(asked)
        assert isinstance(response, Response)
        assert (await yard.job(first))["state"] == "reserved"
        if response.undo is not None:
            response.undo()
        assert [(await yard.job(job))["state"] for job in (first, second)] == [state] * 2


async def test_a_page_of_jobs(yard: Yard) -> None:
    ids = [await yard.publish(type=kind) for kind in ("a", "b", "a")]
    await yard.call("POST", f"/jobs/{ids[0]}/cancel")
    first = await yard.call("GET", "/queues/q/jobs?limit=1")
    assert [job["id"] for job in first.json["jobs"]] == ids[:1]
    rest = await yard.call("GET", f"/queues/q/jobs?cursor={first.json['next']}")
    assert ([job["id"] for job in rest.json["jobs"]], rest.json["next"]) == (ids[1:], None)
    some = await yard.call("GET", "/queues/q/jobs?state=canceled&state=done&type=a")
    assert [job["id"] for job in some.json["jobs"]] == ids[:1]


async def test_an_etag_saves_the_answer_and_guards_the_change(
    yard: Yard, autojump_clock: MockClock
) -> None:
    job = await yard.publish()
    first = await yard.call("GET", f"/jobs/{job}")
    tag = first.headers["etag"]
    for said in (tag, f'"x", W/{tag}', "*"):
        same = await yard.call("GET", f"/jobs/{job}", if_none_match=said)
        assert (same.status, same.text, same.headers["etag"]) == (304, b"", tag)
    assert (await yard.call("GET", f"/jobs/{job}", if_none_match='"x"')).status == 200
    await trio.sleep(1)
    edited = await yard.call("PATCH", f"/jobs/{job}", {"payload": "new"}, if_match=tag)
    assert edited.status == 204
    late = await yard.call("PATCH", f"/jobs/{job}", {"payload": "old"}, if_match=tag)
    assert (late.status, late.code) == (412, "changed")
    assert (await yard.job(job))["payload"] == "new"
    gone = await yard.call("PATCH", "/jobs/none", {"payload": "old"}, if_match=tag)
    assert gone.code == "unknown-job"


async def test_a_request_said_twice_is_done_once(yard: Yard) -> None:
    heard = [
        await yard.call("POST", "/queues/q/jobs", {"payload": "p"}, idempotency_key="r-1")
        for _ in range(2)
    ]
    assert heard[0] == heard[1]
    assert (await yard.call("GET", "/queues/q/counts")).json["published"] == 1
    for key in ("", "x" * 201, "a b", "\u00e9"):
        bad = await yard.call("POST", "/queues/q/jobs", {}, idempotency_key=key)
        assert (bad.status, bad.code) == (400, "invalid-value")


async def test_what_no_queue_remembers_takes_no_id(yard: Yard) -> None:
    bodies = {"/reserve": {"queues": ["q"]}, "/queues/q/jobs/delete": {"filter": {}}}
    for target, said in bodies.items():
        heard = await yard.call("POST", target, said, idempotency_key="r-1")
        assert (heard.status, heard.code) == (400, "invalid-value")
    assert (await yard.call("GET", "/queues", idempotency_key="r-1")).status == 200


async def test_a_long_poll_ends_with_a_job_or_without(
    yard: Yard, autojump_clock: MockClock
) -> None:
    async def publish_soon() -> None:
        await trio.sleep(5)
        await yard.publish("b")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(publish_soon)
        start = trio.current_time()
        taken = await yard.call("POST", "/reserve", {"queues": ["a", "b"], "wait": 20})
        assert taken.json["jobs"][0]["queue"] == "b"
        assert trio.current_time() == start + 5
    assert (await yard.call("POST", "/queues/a/reserve", {"wait": 3})).json == {"jobs": []}
    assert trio.current_time() == start + 8
    long = await yard.call("POST", "/queues/a/reserve", {"wait": 60.5})
    assert (long.status, long.code) == (400, "invalid-value")
    assert long.json["detail"] == "wait: is 60 seconds at most over HTTP"


async def test_who_goes_away_while_waiting_leaves_nothing_reserved(
    yard: Yard, autojump_clock: MockClock
) -> None:
    with trio.move_on_after(5):
        await yard.call("POST", "/queues/q/reserve", {"wait": 30})
    job = await yard.publish()
    assert (await yard.job(job))["state"] == "ready"


async def test_a_result_is_waited_for(yard: Yard, autojump_clock: MockClock) -> None:
    job = await yard.publish()
    waited = await yard.call("GET", f"/jobs/{job}/wait?wait=2.5")
    assert waited.json["job"]["state"] == "ready"

    async def finish() -> None:
        await trio.sleep(1)
        (held,) = (await yard.call("POST", "/queues/q/reserve")).json["jobs"]
        said = {"reservation": held["reservation"], "result": "r"}
        await yard.call("POST", f"/jobs/{job}/done", said)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(finish)
        over = await yard.call("GET", f"/jobs/{job}/wait?wait=30")
    assert over.json["job"]["result"] == "r"


async def test_a_change_in_between_is_not_written_over(yard: Yard) -> None:
    job = await yard.publish()
    tag = (await yard.call("GET", f"/jobs/{job}")).headers["etag"]
    engine = yard.site.engine

    class Meddling:
        """Somebody else is faster, between the look and the change."""

        async def execute(self, who: Caller, command: Any, request_id: str | None = None) -> Reply:
            if isinstance(command, Edit):
                assert await engine.execute(who, Edit(job, payload=b"theirs")) == OK
            return await engine.execute(who, command, request_id)

    meddled = Yard(evolve(yard.site, engine=cast("Engine", Meddling())))
    late = await meddled.call("PATCH", f"/jobs/{job}", {"payload": "mine"}, if_match=tag)
    assert (late.status, late.code) == (412, "changed")
    assert (await yard.job(job))["payload"] == "theirs"
