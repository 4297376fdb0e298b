"""Pages of administrators: groups, tokens, and who did what."""

from typing import Any, Final

from quart import Blueprint, request

from engine.account_replies import AuditEntries, Groups, TokenMade, Tokens
from engine.commands import (
    RIGHT_NAMES,
    TABLE,
    AddGroup,
    AddToken,
    Audit,
    DropGroup,
    DropToken,
    ListGroups,
    ListTokens,
)
from engine.commands.fields import SECONDS_MAX
from frontends.http.pages.access import Answer, RefusedPage, Visitor, page, signed_in
from frontends.http.pages.forms import ROWS, act, command_of, shown
from frontends.http.pages.looking import asked_page
from frontends.http.pages.words import number

blueprint = Blueprint("administration", __name__)

CREATED: Final = 201
DAY: Final = 86_400.0
MOST_DAYS: Final = int(SECONDS_MAX // DAY)
BAD_DAYS: Final = f"a token ends after a whole number of days, 1 to {number(MOST_DAYS)}"
DIGITS: Final = 16
AUDITED: Final = sorted(row.word for row in TABLE.values() if row.audited)
"""Words that leave an entry."""


@blueprint.get("/groups")
@signed_in
async def groups(who: Visitor) -> Answer:
    """Every group, and a form for one more."""
    found = await who.ask(ListGroups(), Groups)
    return await page("groups.html", who, listed=shown(found.groups, asked_page()))


@blueprint.post("/groups")
@signed_in
async def add_group(who: Visitor) -> Answer:
    """Make a group."""
    name = (await request.form).get("name", "")
    return await act(who, AddGroup, {"name": name}, f"Group {name} is made.")


@blueprint.post("/groups/<name:name>/drop")
@signed_in
async def drop_group(who: Visitor, name: str) -> Answer:
    """Remove a group that nobody uses."""
    return await act(who, DropGroup, {"name": name}, f"Group {name} is gone.")


@blueprint.get("/tokens")
@signed_in
async def tokens(who: Visitor) -> Answer:
    """Every token, and a form for one more."""
    return await _tokens(who, None)


@blueprint.post("/tokens")
@signed_in
async def add_token(who: Visitor) -> Answer:
    """Make a token and show it; no later page does."""
    form = await request.form
    said: dict[str, Any] = {"name": form.get("name", ""), "group": form.get("group", "")}
    said["rights"] = form.getlist("rights")
    if days := form.get("days", ""):
        if not _is_whole(days) or not 0 < int(days) <= MOST_DAYS:
            who.session.say(f"Not done: {BAD_DAYS}.", bad=True)
            return await who.back()
        said["lifetime"] = int(days) * DAY
    try:
        made = await who.ask(command_of(AddToken, said), TokenMade)
    except RefusedPage as refused:
        who.session.say(f"Not done: {refused.refusal.sentence}.", bad=True)
        return await who.back()
    return await _tokens(who, made)


@blueprint.post("/tokens/<name:name>/drop")
@signed_in
async def drop_token(who: Visitor, name: str) -> Answer:
    """End a token."""
    return await act(who, DropToken, {"name": name}, f"Token {name} ended.")


@blueprint.get("/audit")
@signed_in
async def audit(who: Visitor) -> Answer:
    """Who did what, newest first."""
    after, name, word = (request.args.get(key, "") for key in ("after", "who", "word"))
    said: dict[str, Any] = {"newest": True, "limit": ROWS}
    if after:
        said["after"] = int(after) if _is_whole(after) else after
    said |= {key: value for key, value in (("who", name), ("word", word)) if value}
    found = await who.ask(command_of(Audit, said), AuditEntries)
    return await page(
        "audit.html", who, found=found, after=after, name=name, word=word, words=AUDITED
    )


async def _tokens(who: Visitor, made: TokenMade | None) -> Answer:
    found = await who.ask(ListTokens(), Tokens)
    groups = await who.ask(ListGroups(), Groups)
    return await page(
        "tokens.html",
        who,
        CREATED if made else 200,
        made=made,
        listed=shown(found.tokens, asked_page()),
        groups=[each.name for each in shown(groups.groups).rows],
        rights=RIGHT_NAMES,
        most_days=MOST_DAYS,
    )


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < DIGITS
