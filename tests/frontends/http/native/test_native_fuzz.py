"""Requests made up from the document: no 5xx, nothing that the document does not say."""

from collections.abc import Callable
from typing import Any, cast

import pytest
import requests
import trio
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.openapi.loaders import from_dict
from trio.testing import MockClock

from tests.frontends.http.native.asking import populate
from tests.frontends.http.native.calling import Heard, Yard, basic, open_yard, request
from tests.frontends.http.native.schema_checking import DOCUMENT, complaint

NATIVE = {path: one for path, one in DOCUMENT["paths"].items() if path.startswith("/api/v2/")}
SCHEMA = from_dict({**DOCUMENT, "paths": NATIVE | {"/api/v2/events": {}}})
OPERATIONS = [cast("Any", result).ok() for result in SCHEMA.get_all_operations()]

QUERIES = {
    (operation.method, operation.path): {one.name for one in operation.query}
    for operation in OPERATIONS
}
"""The query parameters of each operation."""
HELD = {"started", "done", "fail", "release", "touch", "progress", "log", "checkpoint"}
"""What is said of a job that is held."""


def _point(case: Any, names: dict[str, Any], reservation: str) -> None:
    """Have a made-up request mean what there is."""
    given = {name: names.get(name, value) for name, value in case.path_parameters.items()}
    case.path_parameters = given
    if isinstance(case.body, dict) and case.path.rpartition("/")[2] in HELD:
        case.body["reservation"] = reservation
    for named in (case.query or {}, case.headers or {}):
        named.pop("group", None)
        named.pop("Jobyard-Group", None)
    if "group" in QUERIES[case.operation.method, case.operation.path]:
        case.query = {**(case.query or {}), "group": "yard"}


async def _answer(case: Any, known: bool) -> Heard:
    async with open_yard() as yard:
        return await _ask(yard, case, known)


async def _ask(yard: Yard, case: Any, known: bool) -> Heard:
    names = await populate(yard)
    taken = await yard.call("POST", "/queues/q/reserve?group=yard", user="root")
    if known:
        _point(case, {"address": "h:1", **names}, taken.json["jobs"][0]["reservation"])
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://h")).prepare()
    assert sent.url is not None
    body = sent.body or b""
    whole = body if isinstance(body, bytes) else str(body).encode()
    asked = request(str(sent.method), sent.url.removeprefix("http://h"), whole)
    headers = {
        name.lower().encode("latin-1"): value if isinstance(value, bytes) else value.encode()
        for name, value in sent.headers.items()
    }
    headers[b"authorization"] = basic("root" if known else "ada")
    return await yard.send(evolve(asked, headers=headers))


def _one_of_each(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS), label="operation")
    case = data.draw(operation.as_strategy())
    known = data.draw(st.sampled_from((True, True, True, False)), label="known")
    heard = trio.run(_answer, case, known, clock=MockClock(autojump_threshold=0))
    assert heard.status < 500
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
