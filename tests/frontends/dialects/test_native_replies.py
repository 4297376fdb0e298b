"""Every kind of reply as RESP of both versions."""

from typing import Any

import pytest
from attrs import evolve
from msgspec.structs import replace

from engine.job import Details, JobMore, JobState
from engine.replies import (
    OK,
    CancelAsked,
    Granted,
    HealthCounts,
    Jobs,
    OneJob,
    Published,
    PublishedMany,
    Pushed,
    QueueCounts,
    Queues,
    QueueView,
    RecurrenceSet,
    RecurrenceView,
    Reply,
    WorkerView,
)
from frontends.dialects import native_replies
from tests.frontends.resp_reading import Push, flat, read_all
from tests.frontends.scripted import job

COUNTS = QueueCounts((0, 1, 0, 0, 0, 0, 0), {"t\u00e9": (0, 1, 0, 0, 0, 0, 0)}, 2, 1, paused=True)
WORKER = WorkerView("ada", "h:1", None, busy=False, types=("t",), credit=3, holding=())
RECURRENCE = RecurrenceView(1, "q", "t", "@hourly", None, False, None, 5.5)
QUEUE = QueueView(1, "g", "q", "id", COUNTS, (job(),), (WORKER,), (RECURRENCE,))


def shown(reply: Reply) -> Any:
    (value,) = read_all(native_replies.render(reply, 3))
    return value


def test_ok_is_a_status() -> None:
    assert [native_replies.render(OK, version) for version in (2, 3)] == [b"+OK\r\n"] * 2


def test_replies_are_maps_of_their_fields() -> None:
    assert shown(Published("j", existing=True)) == {"job": b"j", "existing": True}
    assert shown(PublishedMany((Published("j"),)))["jobs"] == [{"job": b"j", "existing": False}]
    assert shown(RecurrenceSet(7)) == {"number": 7}
    assert shown(HealthCounts(1, 2, 3, (("g", "q"),)))["failed"] == [[b"g", b"q"]]
    assert shown(Jobs((), 5)) == {"jobs": [], "next": 5}
    assert shown(Granted((job(),)))["jobs"][0]["id"] == b"job-1"


def test_a_queue_whole() -> None:
    queue = shown(Queues((QUEUE,)))["queues"][0]
    assert queue["counts"]["types"] == {"t\u00e9": [0, 1, 0, 0, 0, 0, 0]}
    assert queue["counts"]["paused"] is True
    assert queue["workers"][0]["types"] == [b"t"]
    assert queue["recurrences"][0]["next_tick"] == 5.5
    assert queue["jobs"][0]["state"] == b"ready"


def test_a_job_is_one_flat_map() -> None:
    view = job(state=JobState.DONE, payload=b"\r\n\x00")
    view.more = evolve(JobMore(), unique_scope=5.0, progress=0.25, note="\ud800")
    view.details = Details(b"r", "E", "no", "trace", ((1.5, "line"),))
    one = shown(OneJob(view))["job"]
    assert (one["payload"], one["state"], one["unique_scope"]) == (b"\r\n\x00", b"done", 5.0)
    assert (one["result"], one["error_type"], one["log"]) == (b"r", b"E", [[1.5, b"line"]])
    assert (one["lease"], one["run_limit"], one["max_attempts"]) == (60.0, None, 20)
    assert one["backoff"] == {"min": 1.0, "max": 21600.0, "factor": 2.0, "jitter": 0.25}
    assert (one["note"], one["reservation"], one["on_lapse"]) == (b"?", None, b"retry")
    assert {"more", "details", "policy", "lapses_count"}.isdisjoint(one)


def test_a_job_without_details_has_empty_ones() -> None:
    one = shown(OneJob(job(payload=None)))["job"]
    assert (one["payload"], one["result"], one["error"], one["log"]) == (None, None, b"", [])


def test_version_2_says_the_same_with_less() -> None:
    (wire,) = read_all(native_replies.render(OneJob(job()), 2))
    old, new = flat(flat(wire)["job"]), shown(OneJob(job()))["job"]
    assert old.keys() == new.keys()
    assert (old["ready_at"], old["started"], old["started_at"]) == (b"0.0", 0, None)


@pytest.mark.parametrize("version", [2, 3])
def test_pushes_name_what_they_are(version: int) -> None:
    wire = native_replies.pushed(Pushed(job()), version)
    wire += native_replies.pushed(CancelAsked("j", "1-2"), version)
    first, second = read_all(wire)
    if version == 3:
        assert isinstance(first, Push)
        assert second == Push([b"cancel", {"job": b"j", "reservation": b"1-2"}])
    else:
        assert (first[0], flat(first[1])["id"]) == (b"job", b"job-1")
        assert second == [b"cancel", [b"job", b"j", b"reservation", b"1-2"]]


def test_a_pushed_job_says_what_a_worker_needs() -> None:
    push = read_all(native_replies.pushed(Pushed(job()), 3))[0]
    assert isinstance(push, Push)
    (_, said), whole = push.items, shown(OneJob(job()))["job"]
    told = {name for name, value in whole.items() if value or name == "payload"}
    assert said == {
        name: whole[name]
        for name in told - {"on_lapse", "backoff", "keep_done", "keep_failed"}
        | {"ready_at", "created_at", "updated_at", "attempts", "reservation", "holder"}
    }
    details = Details(checkpoint=b"here", log=((1.0, "l"),))
    rare = replace(job(), more=JobMore(note="n"), details=details)
    more = read_all(native_replies.pushed(Pushed(rare), 3))[0].items[1]
    assert {name: more[name] for name in more.keys() - said.keys()} == {
        "note": b"n", "checkpoint": b"here", "log": [[1.0, b"l"]],
    }  # fmt: skip
