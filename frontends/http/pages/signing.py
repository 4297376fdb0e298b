"""Logging in and out, and choosing the group that is looked at."""

import math
from typing import Final

from quart import Blueprint, Response, redirect, request

from frontends.http.pages.access import (
    SEE_OTHER,
    Answer,
    Visitor,
    html,
    signed_in,
    site_pages,
    visible_groups,
    visitor,
)
from frontends.http.pages.app import COOKIE
from frontends.http.tasks import LOCAL
from frontends.listening import written
from frontends.login import Verdict

blueprint = Blueprint("signing", __name__)

LONGEST: Final = 512
"""Characters of a name or a password."""
WRONG: Final = "No user has this password, or there is no such user."
CLEAR: Final = "A password is not taken in clear from another machine: open this page over https."


@blueprint.get("/login")
async def ask_who() -> Answer:
    """The form."""
    if visitor() is not None:
        return redirect(_next(request.args.get("next", "")), SEE_OTHER)
    return _form("" if _private() else CLEAR, 200)


@blueprint.post("/login")
async def log_in() -> Answer:
    """Open a session, or say why not."""
    app, form = site_pages(), await request.form
    name, password = form.get("name", ""), form.get("password", "")
    if not _private():
        return _form(CLEAR, 403, name)
    if not 0 < len(name) <= LONGEST or not 0 < len(password) <= LONGEST:
        return _form(WRONG, 401, name[:LONGEST])
    login, address = app.site.login, _address()
    if not login.remembered(name, password, address):
        verdict = await login.check(name, password, address)
        if verdict is Verdict.TRY_LATER:
            seconds = math.ceil(app.site.settings.login.pause)
            later = _form("Too many wrong passwords: wait a moment, then try again.", 429, name)
            later.headers["Retry-After"] = str(seconds)
            return later
        if verdict is not Verdict.WELCOME:
            return _form(WRONG, 401, name)
    session = app.sessions.open(name, address, "")
    if session is None:
        return _form(WRONG, 401, name)
    groups = visible_groups(app.site, session)
    session.group = groups[0] if groups else ""
    old = app.sessions.peek(request.cookies.get(COOKIE, ""))
    if old is not None:
        app.sessions.close(old)
    answer = redirect(_next(form.get("next", "")), SEE_OTHER)
    answer.set_cookie(
        COOKIE, session.id, path=_cookie_path(), httponly=True, samesite="Strict", secure=_secret()
    )
    return answer


@blueprint.post("/logout")
@signed_in
async def log_out(who: Visitor) -> Answer:
    """End this session, or all of this user's."""
    form = await request.form
    if form.get("everywhere"):
        who.app.sessions.close_all(who.name)
    else:
        who.app.sessions.close(who.session)
    answer = redirect(who.app.places.at("login"), SEE_OTHER)
    answer.delete_cookie(COOKIE, path=_cookie_path(), httponly=True, samesite="Strict")
    return answer


@blueprint.post("/group")
@signed_in
async def switch_group(who: Visitor) -> Answer:
    """Look at another group from now on."""
    form = await request.form
    group = form.get("group", "")
    if group in who.groups:
        who.session.group = group
        who.session.say(f"You look at group {group} now.")
    else:
        who.session.say("There is no such group that you may see.", bad=True)
    return redirect(who.app.places.at(), SEE_OTHER)


def _form(problem: str, status: int, name: str = "") -> Response:
    app = site_pages()
    values = {
        "problem": problem,
        "name": name,
        "next": request.args.get("next", ""),
        "visitor": None,
        "said": (),
        "here": "",
    }
    return html(app.renderer.render("login.html", values), status)


def _next(target: str) -> str:
    return site_pages().places.own(target)


def _cookie_path() -> str:
    return f"{site_pages().places.prefix}/"


def _private() -> bool:
    """Whether a password may be said here."""
    extensions = request.scope.get("extensions") or {}
    local = bool(extensions.get(LOCAL))
    plain = site_pages().site.settings.plaintext_auth
    return request.scheme == "https" or local or plain


def _secret() -> bool:
    """Whether the browser speaks TLS, perhaps with a proxy in front of this server."""
    return request.scheme == "https" or request.headers.get("Origin", "").startswith("https://")


def _address() -> str:
    client = request.scope["client"]
    return written(client[0], client[1] or 0) if client else ""
