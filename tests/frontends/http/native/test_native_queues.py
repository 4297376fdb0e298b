"""Queues, schedules and figures over the native API."""

from urllib.parse import quote

from tests.frontends.http.native.calling import Yard


async def test_queues_come_in_pages_with_their_counts(yard: Yard) -> None:
    for queue in ("a", "b", "c"):
        await yard.publish(queue)
    first = (await yard.call("GET", "/queues?limit=2")).json
    assert [queue["name"] for queue in first["queues"]] == ["a", "b"]
    assert first["queues"][0]["counts"]["states"]["ready"] == 1
    rest = (await yard.call("GET", f"/queues?cursor={first['next']}")).json
    assert ([queue["name"] for queue in rest["queues"]], rest["next"]) == (["c"], None)


async def test_a_queue_is_looked_after(yard: Yard) -> None:
    job = await yard.publish()
    for verb, reason in (("pause", "paused"), ("resume", "no-worker"), ("drain", "draining")):
        assert (await yard.call("POST", f"/queues/q/{verb}")).status == 204
        if verb != "drain":
            assert (await yard.call("GET", "/queues/q/explain")).json["reason"] == reason
    refused = await yard.call("POST", "/queues/q/jobs", {})
    assert (refused.status, refused.code) == (409, "draining")
    assert (await yard.call("GET", "/queues/q/workers")).json == {"workers": []}
    kicked = await yard.call("POST", "/queues/q/kick", {"address": "h:1"})
    assert (kicked.status, kicked.code) == (404, "unknown-worker")
    for verb in ("kick-all", "retry", "purge"):
        assert (await yard.call("POST", f"/queues/q/{verb}", {})).status == 204
    assert (await yard.call("GET", f"/jobs/{job}")).code == "unknown-job"
    assert (await yard.call("GET", "/queues/q")).json["counts"]["states"]["ready"] == 0
    assert (await yard.call("DELETE", "/queues/q")).status == 204
    assert (await yard.call("GET", "/queues/q")).status == 404


async def test_a_queue_may_have_any_name(yard: Yard) -> None:
    for name in ("a/b", "\u00fcber", "100%", "a?b#c", "a b", "jobs"):
        target = f"/queues/{quote(name, safe='')}"
        assert (await yard.call("POST", f"{target}/jobs", {})).status == 201
        assert (await yard.call("GET", target)).json["name"] == name
    for raw in ("%FF", "%00", "", "x" * 201):
        assert (await yard.call("POST", f"/queues/{raw}/jobs", {})).status == 400


async def test_schedules(yard: Yard) -> None:
    said = {"type": "report", "cron": "0 7 * * *", "zone": "Europe/Paris", "missed": "once"}
    made = await yard.call("POST", "/queues/q/recurrences", said)
    number = made.json["number"]
    (shown,) = (await yard.call("GET", "/queues/q/recurrences")).json["recurrences"]
    assert (shown["number"], shown["zone"], shown["paused"]) == (number, "Europe/Paris", False)
    one = f"/queues/q/recurrences/{number}"
    assert (await yard.call("POST", f"{one}/pause")).status == 204
    assert (await yard.call("POST", f"{one}/pause", {"paused": False})).status == 204
    run = await yard.call("POST", f"{one}/run")
    assert (run.status, run.headers["location"]) == (201, f"/api/v2/jobs/{run.json['job']}")
    assert (await yard.call("DELETE", one)).status == 204
    gone = await yard.call("DELETE", f"/recurrences/{number}")
    assert (gone.status, gone.code) == (404, "unknown-recurrent-job")
    ticks = (await yard.call("GET", "/recurrences/preview?text=%40every+90s&n=2")).json["ticks"]
    assert ticks[1] == ticks[0] + 90
    bad = await yard.call("GET", "/recurrences/preview?text=61+*+*+*+*")
    assert (bad.status, bad.code) == (400, "invalid-cron")


async def test_figures_of_the_group_and_of_the_server(yard: Yard) -> None:
    await yard.publish("a", type="t")
    await yard.publish("b", type="t")
    await yard.call("POST", "/queues/x/jobs", {}, user="eve")
    counts = (await yard.call("GET", "/counts")).json
    assert (counts["queues"], counts["published"], counts["states"]["ready"]) == (2, 2, 2)
    assert counts["types"]["t"]["ready"] == 2
    health = (await yard.call("GET", "/health")).json
    assert (health["queues"], health["jobs"], health["failed"]) == (3, 3, [])


async def test_groups_and_what_one_may_do_there(yard: Yard) -> None:
    everything = ["publish", "work", "read", "manage"]
    own = (await yard.call("GET", "/groups/own")).json["groups"]
    assert own == [{"name": "yard", "rights": everything}]
    own = (await yard.call("GET", "/groups/own", user="read")).json["groups"]
    assert own == [{"name": "yard", "rights": ["read"]}]
    own = (await yard.call("GET", "/groups/own", user="root")).json["groups"]
    assert [group["name"] for group in own] == ["yard", "field"]
    assert (await yard.call("GET", "/groups/own", user="nobody")).json == {"groups": []}
