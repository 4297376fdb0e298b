"""What people see in a browser: the console, a Quart application asked when no dialect answers.

How to add a page:

1. A module of its own, `queues.py`, with `blueprint = Blueprint("queues", __name__)`; one line for
   it in `blueprints.py`. Its template in `templates/`, one flat file a page, begins with
   `{% extends layout %}{% import "macros.html" as m with context %}`, has `{% block title %}` and
   `{% block content %}` and nothing around them.
2. A view is guarded and given who looks; names in paths are `<name:...>`, whatever stands in them::

       @blueprint.get("/queues/<name:queue>")
       @signed_in
       async def show(who: Visitor, queue: str) -> Answer:
           counts = await who.ask(Counts(queue), QueueCounts)
           return await page("queue.html", who, queue=queue, counts=counts)

       @blueprint.post("/queues/<name:queue>/pause")
       @signed_in
       async def pause(who: Visitor, queue: str) -> Answer:
           return await who.act(Pause(queue), done=f"Queue {queue} is paused.")

   `who.ask(command, Reply)` answers the reply, or raises `RefusedPage`, which becomes a page that
   says why. `who.act(command, done, back="")` is for forms: it goes back to the page the form was
   on (field `back`, which `m.button` and `m.confirm` send) and says `done`, or why not. A form
   written by hand begins with `{{ m.seen() }}`: sent after its group was left, it changes nothing.
   `who.session.say(text, bad=True)` says a sentence on the next page. `who.may("manage")`,
   `who.admin`, `who.group`, `who.groups`, `who.role`, `who.name`, `who.caller`; `who.site.engine`,
   `who.site.observed` for figures. `await request.form` of quart has the fields. Another site's
   POST never reaches a view.
3. In templates: `at("queues", name, page=2)` for every link and action (also
   `who.app.places.at`), `visitor`, `m.state m.time m.exact_time m.duration m.table m.pager
   m.button m.confirm m.search m.queue_link m.job_link`, filters `number size duration exact
   relative state_name plural times`, `mark` for a name within an `id`, and `unchanged` for values
   of form fields: all other text has its control characters replaced by signs. Never `|safe`,
   `style=`, `on...=` or `<script>` with text.
   The menu marks the page by the first segment of its address.
4. Live: give what changes an `id` and one of `data-live` (anything changed), `data-live-queue="q"`
   (that queue), `data-live-job="id"`. When it may have changed the page is asked for again with
   the header `HX-Request` (then only its content is made, `bare.html`), and those elements are put
   in place by their id; a `<tbody id data-live>` gains and loses rows. The stream begins where
   the page was read, so nothing falls between the two. Nothing else is to do.
"""

from typing import Final

from quart import Response

from frontends.http.pages import failing
from frontends.http.pages.access import crosses
from frontends.http.pages.app import Pages
from frontends.http.pages.blueprints import BLUEPRINTS
from frontends.http.site import Site

__all__ = ["Pages", "pages"]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every page: nothing inline runs, nothing frames it, nothing of another site loads."""


def pages(site: Site) -> Pages:
    """Make the application with all its pages."""
    app = Pages(site)
    app.before_request(_own_pages_only)
    app.after_request(_secure)
    failing.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


async def _own_pages_only() -> Response | None:
    if crosses():
        return Response("A page of another site asked for this.\n", 403, content_type="text/plain")
    return None


async def _secure(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response
