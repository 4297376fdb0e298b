"""The OpenAPI document: it is one, it covers every path, and answers are what it says."""

import json

import jsonschema_rs
import pytest
import schemathesis
from attrs import evolve
from schemathesis.openapi.loaders import from_dict
from trio.testing import MockClock

from frontends.http.exchange import Response
from frontends.http.native.documents import Documents
from frontends.http.native.path import PREFIX
from frontends.http.native.table import PATHS
from frontends.http.problems import STATUS
from tests.frontends.http.native.asking import ask, populate
from tests.frontends.http.native.calling import Heard, Yard, request
from tests.frontends.http.native.schema_checking import DOCUMENT, complaint


async def read(yard: Yard, path: str, method: str = "GET") -> Heard:
    response = await Documents(yard.site).answer(request(method, path))
    assert isinstance(response, Response)
    headers = {name.decode(): value.decode() for name, value in response.headers}
    return Heard(response.status, headers, response.body)


def test_it_is_an_openapi_document() -> None:
    schema = from_dict(DOCUMENT)
    assert isinstance(schema, schemathesis.BaseSchema)
    schema.validate()
    names = [
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    ]
    assert len(names) == len(set(names))


def test_it_describes_every_path_and_the_other_dialects() -> None:
    described = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert {(path.method, PREFIX + path.template) for path in PATHS} <= described
    others = {path for _, path in described if not path.startswith(PREFIX)}
    assert {
        "/gateway", "/api/v1/jobs/next", "/api/v1/job", "/healthz", "/readyz", "/version",
        "/metrics", "/rpc",
    } <= others  # fmt: skip
    assert ("GET", "/api/v2/events") in described


def test_every_code_of_a_problem_is_named() -> None:
    codes = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert set(codes) >= {*STATUS, "invalid-request", "unknown-host", "head-too-large", "too-slow"}


def test_an_answer_of_either_version_of_json_rpc_is_described() -> None:
    answers = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/RpcAnswer", "components": DOCUMENT["components"]}
    )
    error = {"code": -32601, "message": "m", "data": {"code": "unknown-command"}}
    for said in (
        {"id": 1, "result": None, "error": "unknown-command: no"},
        {"jsonrpc": "2.0", "id": None, "error": error},
    ):
        assert answers.is_valid(said)


def test_bounds_are_those_of_the_commands() -> None:
    paths = DOCUMENT["paths"]
    listing = {
        one.get("name"): one for one in paths["/api/v2/queues/{queue}/jobs"]["get"]["parameters"]
    }
    assert listing["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1_000}
    assert set(listing) >= {"queue", "state", "type", "cursor"}
    reserve = paths["/api/v2/queues/{queue}/reserve"]["post"]["requestBody"]
    body = reserve["content"]["application/json"]["schema"]["properties"]
    assert body["wait"]["maximum"] == 60.0
    assert "queue" not in body
    job = DOCUMENT["components"]["schemas"]["Job"]
    assert {"payload_base64", "checkpoint", "lease", "unique_key"} <= job["properties"].keys()
    assert "payload" not in job["required"]


async def test_it_is_served_and_shown(yard: Yard) -> None:
    served = await read(yard, "/openapi.json")
    assert served.json["paths"] == json.loads(json.dumps(DOCUMENT["paths"]))
    page = await read(yard, "/docs")
    assert b"/api/v2/queues/{queue}/jobs" in page.text
    assert b"<script" not in page.text
    assert b"style=" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await read(yard, "/docs/style.css")).headers["content-type"].startswith("text/css")
    assert (await read(yard, "/docs", "POST")).status == 405
    assert await Documents(yard.site).answer(request("GET", "/docs/x")) is None


async def test_what_a_page_shows_is_text(yard: Yard) -> None:
    hostile = Yard(evolve(yard.site, version="<script>1</script>"))
    page = await read(hostile, "/docs")
    assert b"&lt;script&gt;1&lt;/script&gt;" in page.text
    assert b"<script" not in page.text


@pytest.mark.parametrize("user", ["ada", "read", "eve", "root", None])
async def test_answers_are_what_the_document_says(
    yard: Yard, user: str | None, autojump_clock: MockClock
) -> None:
    names = await populate(yard)
    await yard.call("POST", "/queues/q/jobs", {"payload_base64": "/w==", "max_attempts": 1})
    for path in sorted(PATHS, key=lambda path: (path.method == "DELETE", path.method)):
        heard = await ask(yard, path, user, "yard", names)
        assert complaint(path.method, PREFIX + path.template, heard) is None
        assert heard.status != 400, heard.text
