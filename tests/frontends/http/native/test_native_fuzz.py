"""Requests made up from the document: no 5xx, nothing that the document does not say."""

from collections.abc import Callable
from typing import Any, cast

import pytest
import requests
import trio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.openapi.loaders import from_dict
from trio.testing import MockClock

from tests.frontends.http.native.calling import Heard, Yard, basic, open_yard, request
from tests.frontends.http.native.schema_checking import DOCUMENT, complaint

NATIVE = {path: one for path, one in DOCUMENT["paths"].items() if path.startswith("/api/v2/")}
SCHEMA = from_dict({**DOCUMENT, "paths": NATIVE | {"/api/v2/events": {}}})
OPERATIONS = [cast("Any", result).ok() for result in SCHEMA.get_all_operations()]


async def _answer(case: Any, known: bool) -> Heard:
    async with open_yard() as yard:
        return await _ask(yard, case, known)


async def _ask(yard: Yard, case: Any, known: bool) -> Heard:
    job = await yard.publish(type="t")
    held = (await yard.call("POST", "/queues/q/reserve")).json["jobs"][0]
    if known:
        names = {"queue": "q", "job": job, "number": "1", "address": "h:1"}
        given = {name: names.get(name, value) for name, value in case.path_parameters.items()}
        case.path_parameters = given
        if isinstance(case.body, dict) and "reservation" in case.body:
            case.body["reservation"] = held["reservation"]
        for named in (case.query or {}, case.headers or {}):
            named.pop("group", None)
            named.pop("Jobyard-Group", None)
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://h")).prepare()
    assert sent.url is not None
    body = sent.body or b""
    whole = body if isinstance(body, bytes) else str(body).encode()
    asked = request(str(sent.method), sent.url.removeprefix("http://h"), whole)
    headers = {
        name.lower().encode("latin-1"): value if isinstance(value, bytes) else value.encode()
        for name, value in sent.headers.items()
    }
    object.__setattr__(asked, "headers", headers | {b"authorization": basic("ada")})
    return await yard.send(asked)


def _one_of_each(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS), label="operation")
    case = data.draw(operation.as_strategy())
    known = data.draw(st.booleans(), label="known")
    heard = trio.run(_answer, case, known, clock=MockClock(autojump_threshold=0))
    assert heard.status < 500 or heard.code == "too-many-queues"
    assert complaint(operation.method, operation.path, heard) is None


def _profile(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


@_profile(100)
@given(data=st.data())
def test_a_hundred_requests(data: st.DataObject) -> None:
    _one_of_each(data)


@pytest.mark.nightly
@_profile(2_000)
@given(data=st.data())
def test_two_thousand_requests(data: st.DataObject) -> None:
    _one_of_each(data)
