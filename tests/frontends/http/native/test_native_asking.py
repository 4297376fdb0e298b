"""How requests are read: paths, methods, parameters, bodies, groups, credentials; and the traps."""

from base64 import b64encode
from typing import Any

import pytest
from attrs import evolve

from config.sections import LoginLimits
from config.settings import Settings
from frontends.http.exchange import Request
from frontends.http.problems import STATUS
from tests.frontends.http.native.calling import SETTINGS, Yard, basic, open_yard, request

DEEP = b"[" * 100_000


async def test_what_is_another_dialect_s_is_left_to_it(yard: Yard) -> None:
    for path in ("/", "/api/v1/jobs", "/api/v22", "/gateway", "/api/v2/events", "/api"):
        assert await yard.native.answer(request("GET", path)) is None


async def test_a_path_that_there_is_not(yard: Yard) -> None:
    for target in ("", "/", "/nothing", "/queues/", "/queues/q/jobs/x/y", "/jobs/j/nothing"):
        heard = await yard.call("PUT", target, user=None)
        assert heard.status in {404, 405}, target
    heard = await yard.call("GET", "/nothing", user=None)
    assert (heard.status, heard.code) == (404, "unknown-path")
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.json["type"] == "urn:jobyard:error:unknown-path"


async def test_a_method_that_a_path_does_not_take(yard: Yard) -> None:
    heard = await yard.call("PUT", "/jobs/j", user=None)
    assert (heard.status, heard.code) == (405, "wrong-method")
    assert (await yard.call("TRACE", "/queues")).status == 405
    assert heard.headers["allow"] == "DELETE, GET, HEAD, PATCH, OPTIONS"
    told = await yard.call("OPTIONS", "/jobs/j/done", user=None)
    assert (told.status, told.headers["allow"]) == (204, "POST, OPTIONS")
    job = await yard.publish()
    assert (await yard.call("HEAD", f"/jobs/{job}")).status == 200
    assert (await yard.call("HEAD", f"/jobs/{job}/done")).status == 405


@pytest.mark.parametrize(
    "said",
    [
        "limit=0", "limit=1001", "limit=1.0", "limit=1_000", "limit=%D9%A3", "limit=%C2%B2",
        "limit=", "limit=1%0A", "limit=+1", "limit=%2B1", "limit=" + "9" * 5_000, "limit=1&limit=1",
        "limit=NaN", "cursor=-1", "cursor=9223372036854775808x", "state=lost", "state=ready,done",
        "state=", "type=%FF", "type=%00", "type=%ED%A0%80", "colour=red", "after=1", "queue=r",
        "Limit=1", "%FF=1", "=1", "&".join(["state=ready"] * 201),
    ],
)  # fmt: skip
async def test_a_query_parameter_out_of_its_bounds(yard: Yard, said: str) -> None:
    await yard.publish()
    heard = await yard.call("GET", f"/queues/q/jobs?{said}")
    assert (heard.status, heard.code) in {(400, "invalid-value"), (400, "invalid-name")}


@pytest.mark.parametrize("said", ["wait=1e999", "wait=nan", "wait=-1", "wait=inf", "wait=61"])
async def test_a_wait_out_of_its_bounds(yard: Yard, said: str) -> None:
    job = await yard.publish()
    heard = await yard.call("GET", f"/jobs/{job}/wait?{said}")
    assert (heard.status, heard.code) == (400, "invalid-value")
    assert heard.json["detail"].startswith("wait: ")


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"null", b"[]", b'"x"', b"\xff", DEEP, b'{"payload":' + DEEP, b'{"delay":NaN}',
        b'{"delay":1e999}', b'{"payload":"\\ud800"}', b'{"priority":%b}' % (b"9" * 5_000),
        b'{"priority":1,"priority":2}', b'{"queue":"r"}', b'{"payload":{}}', b'{"type":"\\u0000"}',
        b'{"payload":"a","payload_base64":"YQ=="}', b'{"payload_base64":"?"}', b'{"colour":"red"}',
        b'{"jobs":[]}', b'{"jobs":[{}],"payload":"p"}', b'{"options":{}}', b'{"group":"yard"}',
    ],
)  # fmt: skip
async def test_a_body_that_is_none(yard: Yard, body: bytes) -> None:
    heard = await yard.call("POST", "/queues/q/jobs", body)
    assert (heard.status, heard.code) in {(400, "invalid-value"), (400, "invalid-name")}
    assert (await yard.call("GET", "/queues/q")).code == "unknown-queue"


async def test_a_body_says_that_it_is_json(yard: Yard) -> None:
    for kind in ("text/plain", "", "application/jsonx", "application/json; charset=latin-1"):
        heard = await yard.call("POST", "/queues/q/jobs", b"{}", content_type=kind)
        assert (heard.status, heard.code) == (415, "wrong-content-type")
    for kind in ("application/json", "Application/JSON; charset=utf-8"):
        heard = await yard.call("POST", "/queues/q/jobs", b"{}", content_type=kind)
        assert heard.status == 201
    assert (await yard.call("POST", "/queues/q/pause", content_type="text/plain")).status == 204


async def test_a_change_takes_no_query(yard: Yard) -> None:
    heard = await yard.call("POST", "/queues/q/jobs?payload=p", {})
    assert heard.json["detail"] == "payload: there is no such parameter"


async def test_a_payload_has_its_limit() -> None:
    small = evolve(SETTINGS, limits=evolve(SETTINGS.limits, payload=4))
    async with open_yard(small) as yard:
        heard = await yard.call("POST", "/queues/q/jobs", {"payload": "12345"})
        assert (heard.status, heard.code) == (413, "payload-too-large")


async def test_the_group_is_chosen_by_whoever_has_several(yard: Yard) -> None:
    asked: dict[str, Any] = {"user": "bob"}
    heard = await yard.call("POST", "/queues/q/jobs", {}, **asked)
    assert (heard.status, heard.code) == (400, "group-non-selected")
    made = await yard.call("POST", "/queues/q/jobs?group=field", {}, **asked)
    assert made.status == 201
    for said in ("field", "yard"):
        heard = await yard.call("GET", "/queues", jobyard_group=said, **asked)
        assert len(heard.json["queues"]) == (said == "field")
    both = await yard.call("GET", "/queues?group=yard", jobyard_group="field", **asked)
    assert (both.status, both.code) == (400, "invalid-value")
    assert (await yard.call("GET", "/queues?group=field", user="root")).status == 200
    assert (await yard.call("GET", "/queues", user="nobody")).code == "group-non-selected"


async def test_a_group_of_others_looks_like_none(yard: Yard) -> None:
    made = await yard.call("POST", "/queues/q/jobs", {}, user="eve")
    job = made.json["job"]
    for target, code in (
        ("/queues", "unknown-queue"),
        ("/queues/q", "unknown-queue"),
        (f"/jobs/{job}", "unknown-job"),
        ("/recurrences/preview?text=x", "unknown-queue"),
    ):
        sign = "&" if "?" in target else "?"
        heard = [
            await yard.call("GET", f"{target}{sign}group={group}", user=user)
            for group, user in (("field", "ada"), ("none", "ada"), ("none", "root"))
        ]
        assert heard[0] == heard[1] == heard[2]
        assert (heard[0].status, heard[0].code) == (404, code)
    assert (await yard.call("GET", f"/jobs/{job}")).code == "unknown-job"
    gone = await yard.call("DELETE", "/recurrences/1?group=field")
    assert gone.code == "unknown-recurrent-job"


async def test_a_request_id_comes_back(yard: Yard) -> None:
    heard = await yard.call("GET", "/queues", x_request_id="a-1")
    assert heard.headers["x-request-id"] == "a-1"
    assert "x-request-id" not in (await yard.call("GET", "/queues", x_request_id="a b")).headers


async def test_who_does_not_log_in_is_told_how(yard: Yard) -> None:
    heard = await yard.call("GET", "/queues", user=None)
    assert (heard.status, heard.code) == (401, "not-logged")
    assert heard.headers["www-authenticate"] == 'Basic realm="jobyard", charset="UTF-8"'


@pytest.mark.parametrize(
    "said",
    [
        basic("ada", "wrong"), basic("none"), b"Basic", b"Basic ?", b"Basic " + b64encode(b"ada"),
        b"Basic " + b64encode(b"\xff:\xff"), b"Digest x", b"Bearer none", b"", b"Basic \xff",
    ],
)  # fmt: skip
async def test_wrong_credentials(yard: Yard, said: bytes) -> None:
    asked = evolve(request("GET", "/api/v2/queues"), headers={b"authorization": said})
    heard = await yard.send(asked)
    assert (heard.status, heard.code) == (401, "invalid-creds")
    assert "www-authenticate" in heard.headers


async def test_guessing_is_slowed_down() -> None:
    async with open_yard(evolve(SETTINGS, login=LoginLimits(failures=2, pause=30.0))) as yard:
        wrong = evolve(
            request("GET", "/api/v2/queues"), headers={b"authorization": basic("ada", "wrong")}
        )
        codes = [(await yard.send(wrong)).code for _ in range(3)]
        assert codes == ["invalid-creds", "invalid-creds", "try-later"]
        paused = await yard.call("GET", "/queues")
        assert (paused.status, paused.headers["retry-after"]) == (429, "30")


async def test_a_password_in_clear_is_taken_where_the_settings_let_it() -> None:
    async def status(settings: Settings, **more: Any) -> int:
        async with open_yard(settings) as yard:
            asked: Request = request(
                "GET", "/api/v2/queues", headers={"authorization": basic("ada").decode()}
            )
            return (await yard.send(evolve(asked, **more))).status

    assert await status(SETTINGS, local=False) == 403
    assert await status(SETTINGS, local=False, encrypted=True) == 200
    assert await status(evolve(SETTINGS, insecure_plaintext=True), local=False) == 200


def test_every_status_is_one() -> None:
    assert set(STATUS.values()) <= {400, 401, 403, 404, 405, 409, 412, 413, 415, 429, 500, 503, 507}


@pytest.mark.parametrize("name", ["{}", "%7B%7D", "{queue}", "%2F", "None", "%", "~"])
async def test_a_name_that_looks_like_a_pattern_is_a_name(yard: Yard, name: str) -> None:
    heard = await yard.call("GET", f"/queues/{name}/counts")
    assert (heard.status, heard.code) == (404, "unknown-queue")
    assert (await yard.call("POST", f"/queues/{name}/jobs", {"payload": "p"})).status == 201
    assert (await yard.call("GET", f"/queues/{name}/counts")).json["published"] == 1
