"""Pages that say why there is none."""

from typing import Final

from quart import Response
from werkzeug.exceptions import HTTPException

from frontends.http.pages.access import Answer, RefusedPage, html, page, site_pages, visitor
from frontends.http.pages.app import Pages

INTERNAL: Final = 500
SENTENCES: Final = {
    404: "There is nothing at this address. It may have been deleted, or it is in another group.",
    405: "This address does not take that.",
    413: "What was sent is larger than the server takes.",
    INTERNAL: "The server made a mistake; its log says where. Nothing was changed.",
}


def register(app: Pages) -> None:
    """Answer failures with pages."""
    app.register_error_handler(RefusedPage, _refused)
    app.register_error_handler(HTTPException, _failed)


async def _refused(error: Exception) -> Answer:
    assert isinstance(error, RefusedPage)
    sentence = error.refusal.sentence
    return await _page(error.status, f"{sentence[:1].upper()}{sentence[1:]}.")


async def _failed(error: Exception) -> Answer:
    assert isinstance(error, HTTPException)
    code = error.code or INTERNAL
    if error.response is not None or 300 <= code < 400:
        return error.get_response()
    answer = await _page(code, SENTENCES.get(code, error.description or ""))
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


async def _page(status: int, sentence: str) -> Response:
    who = visitor()
    if who is not None:
        return await page("error.html", who, status, sentence=sentence, code=status)
    values = {"sentence": sentence, "code": status, "visitor": None, "said": (), "here": ""}
    return html(site_pages().renderer.render("error.html", values), status)
