"""Accounts over HTTP, and tokens as credentials."""

from typing import Any, cast

import pytest

from config.users import accounts
from engine.directory import Directory
from frontends.users import Users
from tests.frontends.http.native.calling import SETTINGS, Heard, Yard, request


@pytest.fixture
async def kept(yard: Yard) -> Yard:
    """With users and tokens that are added while it runs."""
    engine = cast("Directory", yard.site.engine)
    Users(engine, yard.site.login, accounts(SETTINGS.users), SETTINGS.group_names)
    return yard


async def bearing(yard: Yard, token: str, method: str, target: str, body: bytes = b"") -> Heard:
    said = {"authorization": f"Bearer {token}"}
    return await yard.send(request(method, f"/api/v2{target}", body, said))


async def test_a_token_is_made_used_and_dropped(kept: Yard) -> None:
    said = {"name": "bot", "group": "yard", "rights": ["read"], "lifetime": 60}
    made = await kept.call("POST", "/tokens", said, user="root")
    assert (made.status, made.headers["cache-control"]) == (201, "no-store")
    token = made.json["token"]
    assert (await bearing(kept, token, "GET", "/queues")).status == 200
    refused = await bearing(kept, token, "POST", "/queues/q/jobs", b"{}")
    assert (refused.status, refused.code) == (403, "forbidden")
    foreign = await bearing(kept, token, "GET", "/queues?group=field")
    assert (foreign.status, foreign.code) == (404, "unknown-queue")
    shown = (await kept.call("GET", "/tokens", user="root")).text
    assert b"bot" in shown
    assert token.encode() not in shown
    for wrong in (token[:-1], f"{token}x", "", "\u00e9"):
        assert (await bearing(kept, wrong, "GET", "/queues")).code == "invalid-creds"
    assert (await kept.call("DELETE", "/tokens/bot", user="root")).status == 204
    assert (await bearing(kept, token, "GET", "/queues")).status == 401


async def test_users_and_groups_are_looked_after(kept: Yard) -> None:
    root: dict[str, Any] = {"user": "root"}
    assert (await kept.call("POST", "/groups", {"name": "pond"}, **root)).status == 204
    said = {"name": "kim", "password": "a long word", "groups": [{"group": "pond"}]}
    assert (await kept.call("POST", "/users", said, **root)).status == 204
    again = await kept.call("POST", "/users", said, **root)
    assert (again.status, again.code) == (409, "already-exists")
    changed = await kept.call("PATCH", "/users/kim", {"admin": False, "groups": []}, **root)
    assert changed.status == 204
    users = (await kept.call("GET", "/users", **root)).json["users"]
    assert {"name": "kim", "groups": [], "admin": False, "settings": False} in users
    fixed = await kept.call("DELETE", "/users/ada", **root)
    assert (fixed.status, fixed.code) == (409, "in-settings")
    assert (await kept.call("DELETE", "/users/kim", **root)).status == 204
    assert (await kept.call("DELETE", "/groups/pond", **root)).status == 204
    gone = await kept.call("DELETE", "/groups/pond", **root)
    assert (gone.status, gone.code) == (404, "unknown-group")
    audit = (await kept.call("GET", "/audit?limit=2", **root)).json
    assert [entry["word"] for entry in audit["entries"]] == ["ADD_GROUP", "ADD_USER"]
    more = await kept.call("GET", f"/audit?cursor={audit['next']}&limit=1", **root)
    assert more.json["entries"][0]["outcome"] == "already-exists"
    assert b"a long word" not in (await kept.call("GET", "/audit", **root)).text


async def test_a_store_in_memory_is_not_copied(kept: Yard) -> None:
    heard = await kept.call("POST", "/backup", {"name": "copy"}, user="root")
    assert (heard.status, heard.code) == (409, "backup-failed")
