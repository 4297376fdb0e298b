"""What each method says on the wire, and what it makes of the answer."""

import inspect
import math
from typing import Any

import pytest
from attrs import evolve

from jobyard import administering, adopting, calls, errors, managing
from jobyard.errors import BadArgument, ProtocolError
from jobyard.job import Job
from jobyard.options import NewJob
from jobyard.verbs import BlockingVerbs, Verbs
from jobyard.words import Call

HELD = Job(id="j", queue="q", type="t", state="reserved", reservation="1-2")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (calls.reserve("q", ["a", "b"], limit=3, wait=1.5),
            ["RESERVE", "q", "TYPES", '["a","b"]', "LIMIT", "3", "WAIT", "1.5"]),
        (calls.reserve_any(["q", "r"], lease=5),
            ["RESERVE_ANY", '["q","r"]', "LIMIT", "1", "WAIT", "0", "LEASE", "5"]),
        (calls.done(HELD, "fine"), ["DONE", "j", "RESERVATION", "1-2", "RESULT", "fine"]),
        (calls.done("j"), ["DONE", "j"]),
        (calls.fail(HELD, "no", error_type="E", retry=False, delay=0.1),
            ["FAIL", "j", "RESERVATION", "1-2", "ERROR", "no", "ERROR_TYPE", "E",
             "RETRY", "false", "DELAY", "0.1"]),
        (calls.release(HELD, 2), ["RELEASE", "j", "RESERVATION", "1-2", "DELAY", "2"]),
        (calls.touch(HELD), ["TOUCH", "j", "RESERVATION", "1-2"]),
        (calls.progress(HELD, 0.5, "half"),
            ["PROGRESS", "j", "0.5", "RESERVATION", "1-2", "NOTE", "half"]),
        (calls.log(HELD, "line"), ["LOG", "j", "line", "RESERVATION", "1-2"]),
        (calls.checkpoint(HELD, b"at 7"), ["CHECKPOINT", "j", "at 7", "RESERVATION", "1-2"]),
        (calls.edit("j", priority=-1, payload={"a": 1}),
            ["EDIT", "j", "PRIORITY", "-1", "PAYLOAD", '{"a":1}']),
        (calls.wait("j", 3), ["WAIT", "j", "WAIT", "3"]),
        (calls.list_jobs("q", ["ready"], type="t", after=0, limit=5),
            ["LIST", "q", "STATES", '["ready"]', "TYPE", "t", "AFTER", "0", "LIMIT", "5"]),
        (calls.subscribe("q", credit=4), ["SUBSCRIBE_PUSH", "q", "CREDIT", "4"]),
        (managing.set_recurrence("q", "t", "@daily", zone="UTC"),
            ["SET_RECURRENCE", "q", "t", "@daily", "PAYLOAD", "", "ZONE", "UTC"]),
        (calls.execute("KICK", "q", "1.2.3.4:5"), ["KICK", "q", "1.2.3.4:5"]),
    ],
)  # fmt: skip
def test_a_call_says_its_words(call: Call[Any], said: list[str]) -> None:
    assert [word.decode() for word in call.words] == said


def test_a_publish_says_its_options_and_a_request_of_its_own() -> None:
    one, two = (
        calls.publish("q", "t", {"n": 1}, delay=0.000001, max_attempts=None, backoff={"fixed": 3})
        for _ in range(2)
    )
    assert one.words[:-1] == (
        b"ENQUEUE", b"q", b"t", b'{"n":1}', b"DELAY", b"0.000001", b"MAX_ATTEMPTS", b"none",
        b"BACKOFF", b'{"fixed":3}', b"CONTENT_TYPE", b"application/json", b"REQUEST_ID",
    )  # fmt: skip
    assert one.words[-1] != two.words[-1]


def test_a_bulk_is_one_json_array() -> None:
    jobs = [NewJob("a", "text"), NewJob("b", b"\xff", {"priority": 3}), NewJob("c", [1])]
    assert calls.publish_many("q", jobs).words[2] == (
        b'[{"type":"a","payload":"text"},{"type":"b","priority":3,"payload_base64":"/w=="},'
        b'{"type":"c","content_type":"application/json","payload":"[1]"}]'
    )


def deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    "make",
    [
        lambda: calls.publish("q", "\udc80"),
        lambda: calls.publish("q", "t", delay=math.nan),
        lambda: calls.publish("q", "t", delay=math.inf),
        lambda: calls.publish("q", "t", priority=2**63),
        lambda: calls.publish("q", "t", priority=10**5_000),
        lambda: calls.publish("q", "t", {"x": object()}),
        lambda: calls.publish("q", "t", deep()),
        lambda: calls.publish("q", "t", [math.nan]),
        lambda: calls.publish("q", "t", {"x": [None, (math.inf,)]}),
        lambda: calls.publish("q", "t", backoff={"fixed": math.inf}),
        lambda: calls.publish_many("q", [NewJob("t", {"x": -math.inf})]),
        lambda: calls.done("j", {"loss": math.nan}),
        lambda: calls.publish(None, "t"),  # type: ignore[arg-type] # the point
        lambda: calls.get(None),  # type: ignore[arg-type] # the point
        lambda: calls.publish_many("q", [NewJob("t", "\udc80")]),
        lambda: calls.reserve("q", "types"),
        lambda: calls.get("\udc80"),
    ],
)
def test_what_cannot_be_said_is_not_sent(make: Any) -> None:
    with pytest.raises(BadArgument):
        make()


def test_null_is_no_number_that_got_lost() -> None:
    assert calls.publish("q", "t", {"x": [None, 1.5]}).words[3] == b'{"x":[null,1.5]}'
    assert calls.publish("q", "t", "null").words[3] == b"null"


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (calls.get("j"), "OK"),
        (calls.get("j"), {"job": {"id": b"j"}}),
        (calls.get("j"), {"job": {"id": b"j", "queue": b"q", "type": b"t", "state": b"odd"}}),
        (calls.publish("q", "t"), None),
        (calls.touch("j"), {"job": b"j"}),
        (calls.counts("q"), {"states": [1]}),
        (calls.reserve("q"), {"jobs": [7]}),
    ],
)
def test_an_answer_of_another_shape_is_an_error(call: Call[Any], answer: object) -> None:
    with pytest.raises(ProtocolError):
        call.read(answer)


def test_bytes_stay_bytes_and_texts_become_text() -> None:
    fields = {"id": b"j", "queue": b"q", "type": b"t", "state": b"done", "payload": b"\xff",
              "result": b"\xfe", "log": [[1.0, b"line"]], "unknown": {"x": [b"y"]}}  # fmt: skip
    job = calls.get("j").read({"job": fields})
    assert (job.payload, job.result, job.log) == (b"\xff", b"\xfe", ((1.0, "line"),))
    assert job.over


def test_a_payload_is_read_as_json_or_refused() -> None:
    def holding(payload: bytes) -> Job:
        return Job(id="j", queue="q", type="t", state="ready", payload=payload)

    assert holding(b'{"n":1}').json() == {"n": 1}
    for bad in (b"", b"{", b"[" * 100_000, b"NaN", b"\xff"):
        if bad:
            with pytest.raises(ValueError, match="no JSON"):
                holding(bad).json()


def test_both_clients_have_the_same_methods() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(Verbs) == public(BlockingVerbs)
    assert Verbs.publish.__doc__ == BlockingVerbs.publish.__doc__


NO_METHOD = {
    "OVERRIDE", "REPORT", "WRITE_STATUS", "PEEK", "KEEP_FOR",  # for doors without reservations
    "SUBSCRIBE_PUSH", "UNSUBSCRIBE_PUSH",  # `Client.subscribe` and `Worker` say them
    "DELETE_RECURRENCE",  # `drop_recurrence` names its queue
    "DESCRIBE_ALL", "HEALTH_COUNTS", "DUMP", "RETRY_ALL_NOW",  # the server's own: `execute`
}  # fmt: skip


def test_every_command_of_the_table_has_a_method_or_a_reason() -> None:
    from engine.commands import BY_WORD

    source = "".join(map(inspect.getsource, (calls, managing, administering, adopting)))
    assert {word for word in BY_WORD if f'"{word}"' not in source} == NO_METHOD - {"SUBSCRIBE_PUSH"}


def test_every_code_has_its_family() -> None:
    from engine.replies import Code

    missing = {str(code) for code in Code} - set(errors.FAMILIES)
    assert not missing
    error = errors.refusal("ERR unknown-job there is no such job")
    assert isinstance(error, errors.NotFound)
    assert (error.code, error.sentence) == ("unknown-job", "there is no such job")
    assert type(errors.refusal("ERR brand-new")) is errors.Refusal
    assert evolve(calls.done("j"), job="k").ends
