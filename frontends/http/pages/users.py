"""Who may log in: users of the settings file, to look at, and those added here, to change."""

from typing import Any

from quart import Blueprint, abort, request
from werkzeug.datastructures import MultiDict

from engine.account_replies import Groups, Users
from engine.commands import (
    RIGHT_NAMES,
    AddUser,
    ChangeUser,
    DropUser,
    ListGroups,
    ListUsers,
)
from frontends.http.pages.access import Answer, Visitor, page, signed_in
from frontends.http.pages.forms import act, shown
from frontends.http.pages.looking import asked_page

blueprint = Blueprint("users", __name__)


@blueprint.get("/users")
@signed_in
async def users(who: Visitor) -> Answer:
    """Everybody, and a form for one more."""
    found = await who.ask(ListUsers(), Users)
    listed = shown(found.users, asked_page())
    return await page(
        "users.html", who, listed=listed, groups=await _groups(who), rights=RIGHT_NAMES
    )


@blueprint.post("/users")
@signed_in
async def add(who: Visitor) -> Answer:
    """Let somebody log in."""
    form = await request.form
    name = form.get("name", "")
    said = {
        "name": name,
        "password": form.get("password", ""),
        "groups": _grants(form),
        "admin": "admin" in form,
    }
    return await act(who, AddUser, said, f"User {name} may log in.")


@blueprint.get("/users/<name:name>")
@signed_in
async def user(who: Visitor, name: str) -> Answer:
    """One user: rights, password, end."""
    found = await who.ask(ListUsers(), Users)
    one = next((each for each in found.users if each.name == name), None)
    if one is None:
        abort(404)
    return await page("user.html", who, user=one, groups=await _groups(who), rights=RIGHT_NAMES)


@blueprint.post("/users/<name:name>/rights")
@signed_in
async def change_rights(who: Visitor, name: str) -> Answer:
    """Let a user do other things than before."""
    form = await request.form
    said = {"name": name, "groups": _grants(form), "admin": "admin" in form}
    return await act(who, ChangeUser, said, f"The rights of {name} are changed.")


@blueprint.post("/users/<name:name>/password")
@signed_in
async def change_password(who: Visitor, name: str) -> Answer:
    """Give a user another password."""
    form = await request.form
    said = {"name": name, "password": form.get("password", "")}
    return await act(who, ChangeUser, said, f"The password of {name} is changed.")


@blueprint.post("/users/<name:name>/drop")
@signed_in
async def drop(who: Visitor, name: str) -> Answer:
    """Let a user log in no more."""
    said = {"name": name}
    return await act(
        who, DropUser, said, f"User {name} may log in no more.", who.app.places.at("users")
    )


def _grants(form: "MultiDict[str, str]") -> list[dict[str, Any]]:
    """Fields `group`, and for each of them by its place the ticked `rights-<place>`."""
    found: list[dict[str, Any]] = []
    for place, group in enumerate(form.getlist("group")):
        rights = form.getlist(f"rights-{place}")
        if group and rights:
            found.append({"group": group, "rights": rights})
    return found


async def _groups(who: Visitor) -> list[str]:
    """Names to choose from."""
    found = await who.ask(ListGroups(), Groups)
    return [each.name for each in shown(found.groups).rows]
