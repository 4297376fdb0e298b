"""The first page: how the queues of a group stand, and the server."""

import shlex

import msgspec
from quart import Blueprint, Response, abort, request

from engine.access import Right
from engine.job import JobState
from frontends.http.pages import curves
from frontends.http.pages.access import Answer, Visitor, page, signed_in
from frontends.http.pages.percentiles import spread
from frontends.http.pages.search import Search, text_of
from frontends.http.readiness import reasons

blueprint = Blueprint("overview", __name__)

CHARTS = ("rates", "backlog")


@blueprint.get("/")
@signed_in
async def overview(who: Visitor) -> Answer:
    """How things stand."""
    observed, standings = who.site.observed, who.app.standings
    if observed is None or standings is None or not who.may("read"):
        return await page("overview.html", who, standing=None)
    group, span = _scope(who), _span()
    now = who.site.now()
    published, finished = curves.lately(observed.history, group, now)
    shown = curves.samples(observed.history, group, span, now)
    standing = await standings.of(group)
    return await page(
        "overview.html",
        who,
        standing=standing,
        group=group,
        span=span,
        published=published,
        finished=finished,
        charts={"rates": curves.rates(shown, span), "backlog": curves.backlog(shown)},
        server=observed.statistics(),
        worst=[
            (kind, count, text_of(Search((JobState.FAILED,), type=kind)))
            for kind, count in standing.worst
        ],
        commits=spread(observed.statistics().commit_seconds),
        connections={name: counted() for name, counted in observed.connections.items()},
        reasons=list(reasons(who.site, observed)),
        sessions=len(who.app.sessions),
        started_at=who.site.started_at,
        origin=request.host_url.rstrip("/"),
        shell=shlex.quote,
    )


@blueprint.get("/console/chart/<name>")
@signed_in
async def chart(who: Visitor, name: str) -> Answer:
    """The lines of one chart, for the script that draws them."""
    observed = who.site.observed
    if name not in CHARTS or observed is None or not who.caller.rights & Right.READ:
        abort(404)
    span = _span()
    points = curves.samples(observed.history, _scope(who), span, who.site.now())
    drawn = curves.rates(points, span) if name == "rates" else curves.backlog(points)
    answer = Response(msgspec.json.encode(drawn.plain()), content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _scope(who: Visitor) -> str | None:
    """The group that is looked at; None: all of them, for administrators who ask for it."""
    return None if who.admin and request.args.get("all") else who.group


def _span() -> str:
    return curves.DAY if request.args.get("span") == curves.DAY else curves.HOUR
