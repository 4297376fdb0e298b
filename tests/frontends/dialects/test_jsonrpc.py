"""JSON-RPC as text: what is a call, what is none, and what each is told."""

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from engine.commands import BY_WORD, Get, Publish
from engine.job import DEFAULT_POLICY
from engine.replies import Code, Refused
from frontends.dialects import jsonrpc
from frontends.dialects.answers import Denied
from frontends.dialects.jsonrpc import Call, Mistake, read
from frontends.dialects.jsonrpc_commands import METHODS, Bound, bound
from tests.support.fuzzing import mutations

SAMPLES = (
    b'{"jsonrpc":"2.0","method":"enqueue","params":{"queue":"q","type":"t"},"id":1}',
    b'[{"jsonrpc":"2.0","method":"get","params":["j"],"id":"a"},{"method":"x"}]',
    b'{"method":"RpcHandler.AddTask","params":[{"Type":"t","Input":1.5}],"id":null}',
)


def call(raw: bytes) -> Call:
    found = read(raw)
    assert isinstance(found, Call), found
    return found


def error(found: Any) -> Any:
    assert isinstance(found, Mistake), found
    return msgspec.json.decode(found.answer)


def test_calls() -> None:
    one = call(b'{"jsonrpc":"2.0","method":"get","params":{"job":"j"},"id":1}')
    assert (one.method, one.params, bytes(one.id), one.is_notification) == (
        "get",
        {"job": "j"},
        b"1",
        False,
    )
    assert call(b'{"jsonrpc":"2.0","method":"x"}').is_notification
    assert not call(b'{"jsonrpc":"2.0","method":"x","id":null}').is_notification
    assert not call(b'{"method":"x","params":[]}').is_notification
    assert call(b'{"jsonrpc":"2.0","method":"x","params":[1],"more":[{}]}').params == [1]


@pytest.mark.parametrize("said", [b"1", b'"a\\u00e9"', b"-1.5e3", b"null", b"9" * 200, b'""'])
def test_an_id_comes_back_as_it_was_written(said: bytes) -> None:
    one = call(b'{"jsonrpc":"2.0","method":"x","id":%b}' % said)
    assert b'"id":' + said + b"," in jsonrpc.success(one, b"7")
    assert b'"id":' + said + b"," in jsonrpc.refusal(one, Refused(Code.UNKNOWN_JOB))


@pytest.mark.parametrize(
    ("raw", "number", "said"),
    [
        (b"{}", -32600, None),
        (b'{"method":1,"id":7}', -32600, 7),
        (b'{"method":"x","id":{}}', -32600, None),
        (b'{"method":"x","id":[1]}', -32600, None),
        (b'{"method":"x","id":true}', -32600, None),
        (b'{"method":"x","id":"\xff"}', -32600, None),
        (b'{"method":"x","id":%b}' % (b"9" * 300), -32600, None),
        (b'{"method":"x","params":"y","id":"a"}', -32600, "a"),
        (b'{"jsonrpc":"3.0","method":"x","id":7}', -32600, None),
        (b"[]", -32600, None),
        (b"[%b1]" % (b"1," * 1000), -32600, None),
    ],
)
def test_no_calls(raw: bytes, number: int, said: Any) -> None:
    found = error(read(raw))
    assert (found["error"]["code"], found["id"]) == (number, said)
    assert found["error"]["data"] == {"code": "invalid-value"}


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b'{"a":}', b"[1", b'{"a":NaN}', b'{"a":"\xff"}', b"nope",
        b'{"params":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"[" * 100_000,
    ],
)  # fmt: skip
def test_no_json(raw: bytes) -> None:
    assert read(raw) is None


def test_a_batch_is_read_call_by_call() -> None:
    found = read(b'[{"jsonrpc":"2.0","method":"a","id":1},5,{"method":7,"id":3},{"method":"b"}]')
    assert isinstance(found, list)
    assert [type(one) for one in found] == [Call, Mistake, Mistake, Call]
    assert jsonrpc.batch([b"1", b"2"]) == b"[1,2]"


def test_numbers_of_refusals() -> None:
    one = Call("x", id=Raw(b"1"), jsonrpc="2.0")
    for why, number, code in (
        (Refused(Code.INVALID_VALUE, "no"), -32602, "invalid-value"),
        (Refused(Code.INVALID_NAME), -32602, "invalid-name"),
        (Denied("unknown-command", "no"), -32601, "unknown-command"),
        (Refused(Code.UNKNOWN_JOB), -32000, "unknown-job"),
        (Denied("not-logged", 'say "login" <first>'), -32000, "not-logged"),
    ):
        found = msgspec.json.decode(jsonrpc.refusal(one, why))["error"]
        assert (found["code"], found["message"], found["data"]["code"]) == (
            number, why.sentence, code,
        )  # fmt: skip


def test_version_one_is_answered_in_version_one() -> None:
    one = call(b'{"method":"x","params":[{}],"id":0}')
    assert jsonrpc.success(one, b"7") == b'{"id":0,"result":7,"error":null}'
    assert jsonrpc.refusal(one, Refused(Code.UNKNOWN_JOB, "none")) == (
        b'{"id":0,"result":null,"error":"unknown-job: none"}'
    )


def test_calls_become_commands() -> None:
    assert METHODS["enqueue"] is METHODS["ENQUEUE"] is BY_WORD["ENQUEUE"]

    def made(method: str, params: Any) -> Bound | Refused:
        return bound(Call(method, params), METHODS[method], DEFAULT_POLICY)

    assert made("get", {"job": "j"}) == Bound(Get("j"))
    assert made("GET", ["j"]) == Bound(Get("j"))
    found = made("enqueue", {"queue": "q", "type": "t", "payload": "p", "request_id": "r"})
    assert isinstance(found, Bound)
    assert found.request_id == "r"
    assert isinstance(found.command, Publish)
    assert (found.command.queue, found.command.payload) == ("q", b"p")
    for params in ({"job": 7}, {}, None, ["a", "b"], {"job": "j", "x": 1}, {"job": "x" * 65}):
        refused = made("get", params)
        assert isinstance(refused, Refused), params
        assert refused.code is Code.INVALID_VALUE
    for request_id in (7, "x" * 201, None):
        assert isinstance(made("get", {"job": "j", "request_id": request_id}), Refused)
    assert isinstance(made("health_counts", {"request_id": "r"}), Refused)


def read_well(raw: bytes) -> int:
    """How many calls it is; each is bound to its command and answered."""
    found = read(raw)
    calls = [
        one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Call)
    ]
    for one in calls:
        row = METHODS.get(one.method)
        if row is not None:
            bound(one, row, DEFAULT_POLICY)
        assert msgspec.json.decode(jsonrpc.success(one, b"1")) is not None
    return len(calls)


def test_no_input_trips_it() -> None:
    assert sum(map(read_well, mutations(SAMPLES, seed=5))) > 0
