"""JSON bound to commands: every field of every command, by name and by place, and the traps."""

import json
from math import inf, nan
from typing import Any

import pytest

from engine.commands import (
    BY_WORD,
    TABLE,
    Checkpoint,
    Done,
    Edit,
    Fail,
    ListJobs,
    Progress,
    Publish,
    PublishMany,
    Reserve,
    ReserveAny,
    SetRecurrence,
)
from engine.job import DEFAULT_POLICY, JobPolicy, JobState
from engine.replies import Code, Refused
from engine.retry import Backoff
from frontends.dialects import native_json_binding

DEEP = b"[" * 100_000
LARGE = b"9" * 5_000


def bind(word: str, values: Any, policy: JobPolicy = DEFAULT_POLICY) -> Any:
    return native_json_binding.bind(BY_WORD[word], values, policy)


def refused(word: str, values: Any) -> Refused:
    found = bind(word, values)
    assert isinstance(found, Refused), found
    return found


VALUES: dict[str, Any] = {
    "queue": "q", "type": "t", "payload": "p", "job": "j", "number": 7, "address": "h:1",
    "state": "done", "cron": "@hourly", "text": "@hourly", "n": 3, "zone": "UTC",
    "queues": ["q"], "jobs": [{"payload": "p"}], "progress": 0.5, "line": "l", "data": "d",
    "seconds": 5,
    "ADOPT jobs": [
        {"id": "j", "type": "t", "state": "ready", "created_at": 1, "updated_at": 2, "payload": "p"}
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.word)
def test_every_command_is_bound_by_name_and_by_place(row: Any) -> None:
    needed = [f.name for f in native_json_binding.command_fields(row.kind) if f.required]
    values = {name: VALUES.get(f"{row.word} {name}", VALUES.get(name, "x")) for name in needed}
    named = native_json_binding.bind(row, values, DEFAULT_POLICY)
    assert isinstance(named, row.kind), named
    placed = json.dumps(list(values.values())).encode()
    assert native_json_binding.bind(row, placed, DEFAULT_POLICY) == named
    unknown = native_json_binding.bind(row, values | {"colour": "red"}, DEFAULT_POLICY)
    assert isinstance(unknown, Refused)
    assert "colour" in unknown.sentence


def test_values_are_what_the_fields_say() -> None:
    assert bind("RESERVE", b'{"queue":"q","types":["a",""],"limit":10,"wait":1}') == Reserve(
        "q", ("a", ""), 10, 1.0
    )
    assert bind("RESERVE", {"queue": "q", "lease": None}) == Reserve("q")
    assert bind("RESERVE_ANY", [["a", "b"]]) == ReserveAny(("a", "b"))
    listed = bind("LIST", {"queue": "q", "states": ["ready", "done", "ready"], "type": ""})
    assert listed == ListJobs("q", (JobState.READY, JobState.DONE), "")
    assert bind("FAIL", {"job": "j", "error": "no", "retry": False}) == Fail(
        "j", error="no", retry=False
    )
    assert bind("PROGRESS", ["j", 1]) == Progress("j", 1.0)
    assert bind("SET_RECURRENCE", ["q", "t", "@hourly", "p"]) == SetRecurrence(
        "q", "t", "@hourly", b"p"
    )


def test_bytes_are_text_or_base64() -> None:
    assert bind("DONE", {"job": "j", "result": "\u00e9"}) == Done("j", result=b"\xc3\xa9")
    assert bind("DONE", {"job": "j", "result_base64": "AP8="}) == Done("j", result=b"\x00\xff")
    assert bind("DONE", {"job": "j", "result": None}) == Done("j")
    assert bind("EDIT", {"job": "j", "payload": ""}) == Edit("j", payload=b"")
    assert bind("CHECKPOINT", {"job": "j", "data_base64": ""}) == Checkpoint("j", b"")


@pytest.mark.parametrize(
    "values",
    [
        {"data": "a", "data_base64": "YQ=="}, {"data": 1}, {"data": {}}, {"data": None}, {},
        {"data_base64": "A"}, {"data_base64": "AP8=\n"}, {"data_base64": "\u00e9"},
        {"data_base64": 1}, {"data_base64": None}, {"data": "\ud800"},
    ],
)  # fmt: skip
def test_what_is_no_bytes(values: dict[str, Any]) -> None:
    assert refused("CHECKPOINT", {"job": "j"} | values).code is Code.INVALID_VALUE


def test_a_job_with_its_options_in_one_object() -> None:
    made = bind(
        "ENQUEUE",
        b'{"queue":"q","type":"t","payload_base64":"AP8=","priority":3,"max_attempts":null,'
        b'"backoff":{"fixed":3},"unique_scope":5}',
    )
    assert isinstance(made, Publish)
    assert (made.queue, made.type, made.payload) == ("q", "t", b"\x00\xff")
    assert (made.options.priority, made.options.unique_scope) == (3, 5.0)
    assert made.options.policy.max_attempts is None
    assert made.options.policy.backoff == Backoff.fixed(3)
    assert bind("ENQUEUE", ["q", "t", "p"]) == Publish("q", "t", b"p")
    own = JobPolicy(lease=5.0)
    assert bind("ENQUEUE", {"queue": "q"}, own).options.policy == own


def test_many_jobs() -> None:
    made = bind("ENQUEUE_MANY", {"queue": "q", "jobs": [{"payload": "a"}, {"delay": 2}]})
    assert isinstance(made, PublishMany)
    assert [one.payload for one in made.jobs] == [b"a", b""]
    hostile: tuple[Any, ...] = (
        [],
        [{}] * 1_001,
        [{"nope": 1}],
        {},
        None,
        [{"payload": "a"}, {"delay": -1}],
    )
    for jobs in hostile:
        assert refused("ENQUEUE_MANY", {"queue": "q", "jobs": jobs}).code is Code.INVALID_VALUE


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "queue: is missing"),
        ({"queue": 1}, "queue: Expected"),
        ({"queue": "q", "limit": 0}, "limit: Expected"),
        ({"queue": "q", "limit": 1.0}, "limit: Expected"),
        ({"queue": "q", "limit": True}, "limit: Expected"),
        ({"queue": "q", "limit": "1"}, "limit: Expected"),
        ({"queue": "q", "limit": None}, "limit: Expected"),
        ({"queue": "q", "wait": -1}, "wait: Expected"),
        ({"queue": "q", "wait": True}, "wait: Expected"),
        ({"queue": "q", "types": "t"}, "types: Expected"),
        ({"queue": "q", "colour": "red"}, "colour: there is no such field"),
        ({"queue": "q", "Limit": 1}, "Limit: there is no such field"),
    ],
)
def test_a_refusal_names_the_field(values: dict[str, Any], named: str) -> None:
    found = refused("RESERVE", values)
    assert found.code is Code.INVALID_VALUE
    assert found.sentence.startswith(named)


@pytest.mark.parametrize("name", ["", "a\n", "\x00", "x" * 201])
def test_what_is_no_name(name: str) -> None:
    assert refused("PURGE", {"queue": name}).code is Code.INVALID_NAME
    assert refused("RESERVE_ANY", {"queues": ["q", name]}).code is Code.INVALID_NAME
    assert refused("ENQUEUE", {"queue": name}).code is Code.INVALID_NAME


@pytest.mark.parametrize("states", ["ready", ["other"], [1], [["ready"]], {}, 1, None])
def test_what_is_no_list_of_states(states: Any) -> None:
    assert refused("LIST", {"queue": "q", "states": states}).code is Code.INVALID_VALUE


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"null", b'"x"', b"1", b"\xff", b"\xef\xbb\xbf{}", DEEP, b'{"queue":' + DEEP,
        b'{"queue":"q","wait":NaN}', b'{"queue":"q","wait":Infinity}',
        b'{"queue":"q","wait":1e999}', b'{"queue":"q","wait":%b}' % LARGE,
        b'{"queue":"q","limit":%b}' % LARGE, b'{"queue":"q","wait":%b}' % (b"9" * 400),
        b'{"queue":"q","limit":-%b}' % (b"9" * 300), b'{"queue":"q","limit":9223372036854775808}',
        b'{"queue":"\\ud800"}', b'{"\\ud800":"q"}', b'{"queue":"q","queue":"r"}',
        b'{"queue":"q","types":[{"a":1,"a":2}]}', b'{"queue":"q","limit":1_000}',
        b'{"queue":"q","limit":+5}', '{"queue":"q","limit":\u0663}'.encode(), b'{"queue":"q"}x',
        b'{"queue":"q","types":[' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"]}",
        b'["q",[],1,0,null,1]', b'{"queue":"q\\u0000"}', b"'q'",
    ],
)  # fmt: skip
def test_traps_of_json_are_refused(raw: bytes) -> None:
    assert refused("RESERVE", raw).code in {Code.INVALID_VALUE, Code.INVALID_NAME}


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "values",
    [
        {"queue": "q", "wait": nan}, {"queue": "q", "wait": inf}, {"queue": "q", "wait": 10**400},
        {"queue": "q", "limit": -(2**64)}, {"queue": "\ud800"}, {"\ud800": 1},
        {"queue": nested(5_000)},
        {"queue": "q", "types": ["\udfff"]}, {1: 2}, {"queue": b"q"}, "queue", 1, None, [[]],
        {"queue": "q", "types": nested(100_000)},
    ],
)  # fmt: skip
def test_traps_in_what_was_read_by_another_are_refused(values: Any) -> None:
    assert refused("RESERVE", values).code is Code.INVALID_VALUE


def test_traps_inside_jobs_are_refused() -> None:
    for job in (
        {"payload": "\ud800"},
        {"delay": nan},
        {"unique_key": "\ud800"},
        {"priority": 2**53},
    ):
        assert refused("ENQUEUE", {"queue": "q"} | job).code is Code.INVALID_VALUE
        assert refused("ENQUEUE_MANY", ["q", [job]]).code is Code.INVALID_VALUE
