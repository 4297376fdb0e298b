"""Files that browsers keep: read once, compressed once, named by what is in them."""

import gzip
import mimetypes
from hashlib import sha256
from importlib.resources import files
from typing import Final

from attrs import frozen
from quart import Blueprint, Response, abort, request

FOLDER: Final = "static"
KEPT: Final = "public, max-age=31536000, immutable"
SENT: Final = (".js", ".css", ".svg")
DIGITS: Final = 16

blueprint = Blueprint("assets", __name__)


@frozen
class Asset:
    """One file."""

    name: str
    digest: str
    """The beginning of its sha256, in hexadecimal."""
    kind: str
    plain: bytes
    packed: bytes
    """The same under gzip."""


def _read() -> dict[str, Asset]:
    found = {}
    for each in files(__package__).joinpath(FOLDER).iterdir():
        if each.name.endswith(SENT):
            plain = each.read_bytes()
            kind = mimetypes.guess_type(each.name)[0] or "application/octet-stream"
            digest = sha256(plain).hexdigest()[:DIGITS]
            packed = gzip.compress(plain, 9, mtime=0)
            found[each.name] = Asset(each.name, digest, kind, plain, packed)
    return found


ASSETS: Final = _read()
"""By name."""


def address(name: str) -> tuple[str, str, str]:
    """The segments of the path of a file as it is now."""
    return FOLDER, ASSETS[name].digest, name


@blueprint.get("/static/<digest>/<name>")
async def send(digest: str, name: str) -> Response:
    """The file, if it is that one: a page of another version asks for other ones."""
    found = ASSETS.get(name)
    if found is None or found.digest != digest:
        abort(404)
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(found.packed if packs else found.plain, content_type=found.kind)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = KEPT
    response.headers["Vary"] = "Accept-Encoding"
    return response
