"""Every kind of reply as JSON."""

import json
from math import inf, nan
from typing import Any

from attrs import evolve

from engine.explanations import Explanation, Ticks
from engine.job import Details, JobMore, JobState
from engine.replies import (
    OK,
    CancelAsked,
    Code,
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
    Refused,
    Reply,
    WorkerView,
)
from frontends.dialects.native_json import STATE_NAMES, render
from tests.frontends.scripted import job

COUNTS = QueueCounts((0, 1, 0, 0, 0, 0, 0), {"t\u00e9": (0, 1, 0, 0, 0, 0, 0)}, 2, 1, paused=True)
WORKER = WorkerView("ada", "h:1", None, busy=False, types=("t",), credit=3, holding=())
RECURRENCE = RecurrenceView(1, "q", "t", "@hourly", None, False, None, 5.5)
QUEUE = QueueView(1, "g", "q", "id", COUNTS, (job(),), (WORKER,), (RECURRENCE,))


def shown(reply: Reply) -> Any:
    return json.loads(render(reply))


def test_replies_are_objects_of_their_fields() -> None:
    assert shown(OK) == {"ok": True}
    assert shown(Published("j", existing=True)) == {"job": "j", "existing": True}
    assert shown(PublishedMany((Published("j"),))) == {"jobs": [{"job": "j", "existing": False}]}
    assert shown(RecurrenceSet(7)) == {"number": 7}
    assert shown(Jobs((), 5)) == {"jobs": [], "next": 5}
    assert shown(Granted((job(),)))["jobs"][0]["id"] == "job-1"
    assert shown(Pushed(job()))["job"]["state"] == "ready"
    assert shown(CancelAsked("j", "1-2")) == {"job": "j", "reservation": "1-2"}
    assert shown(Ticks((1.5, 2.0))) == {"ticks": [1.5, 2.0]}
    assert shown(Explanation("j", JobState.READY, "next", "soon"))["state"] == "ready"


def test_a_refusal_has_its_code_and_a_sentence() -> None:
    assert shown(Refused(Code.WRONG_STATE)) == {
        "code": "wrong-state",
        "detail": "the job's state does not allow this",
    }
    assert shown(Refused(Code.INVALID_CRON, "why"))["detail"] == "why"


def test_counts_have_the_names_of_the_states() -> None:
    queue = shown(Queues((QUEUE,)))["queues"][0]
    ready = dict.fromkeys(STATE_NAMES, 0) | {"ready": 1}
    assert queue["counts"] == {
        "states": ready, "types": {"t\u00e9": ready}, "published": 2, "finished": 1,
        "paused": True, "draining": False,
    }  # fmt: skip
    assert (queue["workers"][0]["types"], queue["workers"][0]["groups"]) == (["t"], None)
    assert queue["recurrences"][0]["next_tick"] == 5.5
    failed = shown(HealthCounts(1, 2, 3, (("g", "q"),)))["failed"]
    assert failed == [{"group": "g", "queue": "q"}]


def test_a_job_is_one_flat_object() -> None:
    view = job(state=JobState.DONE, payload=b"\r\n\x00")
    view.seq = 2**53 + 1
    view.history = (("ada", 1.0, 2.5, "done"),)
    view.more = evolve(JobMore(), unique_scope=5.0, progress=0.25)
    view.details = Details(b"r", "E", "no", "trace", ((1.5, "line"),), b"\xff\x00")
    one = shown(OneJob(view))["job"]
    assert (one["payload"], one["state"], one["seq"]) == ("\r\n\x00", "done", 2**53 + 1)
    assert (one["result"], one["error_type"]) == ("r", "E")
    assert one["log"] == [{"at": 1.5, "line": "line"}]
    assert one["history"] == [{"holder": "ada", "since": 1.0, "until": 2.5, "ended": "done"}]
    assert (one["checkpoint_base64"], "checkpoint" in one) == ("/wA=", False)
    assert (one["unique_scope"], one["progress"], one["reservation"]) == (5.0, 0.25, None)
    assert (one["lease"], one["max_attempts"], one["on_lapse"]) == (60.0, 20, "retry")
    assert one["backoff"] == {"min": 1.0, "max": 21600.0, "factor": 2.0, "jitter": 0.25}
    assert {"more", "details", "policy", "lapses_count"}.isdisjoint(one)


def test_bytes_that_are_no_text_are_base64() -> None:
    one = shown(OneJob(job(payload=b"\xed\xa0\x80")))["job"]
    assert (one["payload_base64"], "payload" in one) == ("7aCA", False)


def test_a_job_without_details_has_empty_ones() -> None:
    one = shown(OneJob(job(payload=None)))["job"]
    assert (one["payload"], one["result"], one["error"], one["log"]) == (None, None, "", [])


def test_what_is_no_character_or_no_number_is_never_sent() -> None:
    view = job()
    view.more = evolve(JobMore(), note="a\ud800b", progress=nan, tick=inf)
    wire = render(OneJob(view))
    one = json.loads(wire.decode())["job"]
    assert (one["note"], one["progress"], one["tick"]) == ("a?b", None, None)
    assert b"\n" not in wire
