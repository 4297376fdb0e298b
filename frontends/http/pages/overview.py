"""The first page: how the server does."""

from quart import Blueprint

from frontends.http.pages.access import Answer, Visitor, page, signed_in

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@signed_in
async def overview(who: Visitor) -> Answer:
    """How the server does."""
    return await page("overview.html", who)
