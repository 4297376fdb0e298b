"""Who asks over HTTP: a user by name and password (Basic), or a token (Bearer)."""

import math
from binascii import Error as Base64Error
from binascii import a2b_base64
from typing import Final

from engine.access import Principal
from frontends.http.exchange import Request, Response
from frontends.http.problems import problem
from frontends.http.site import Site
from frontends.login import Verdict

CHALLENGE: Final = (b"www-authenticate", b'Basic realm="jobyard", charset="UTF-8"')


async def identify(site: Site, request: Request) -> Principal | Response:
    """Whoever the request says it comes from, or the answer that it cannot be."""
    said = request.headers.get(b"authorization")
    if said is None:
        return problem(
            "not-logged", "log in: Basic with user and password, or Bearer with a token", CHALLENGE
        )
    if not (request.encrypted or request.local or site.settings.plaintext_auth):
        return problem(
            "plaintext-refused", "a password is not taken in clear from another machine: use TLS"
        )
    scheme, _, rest = said.partition(b" ")
    if scheme.lower() == b"bearer":
        return _bearer(site, rest.strip())
    found = _basic(rest.strip()) if scheme.lower() == b"basic" else None
    if found is None:
        return _invalid()
    return await _log_in(site, found, request.address)


def _invalid() -> Response:
    return problem("invalid-creds", "no user has this password, or no token is this one", CHALLENGE)


def _bearer(site: Site, token: bytes) -> Principal | Response:
    found = site.login.principal_of_token(token.decode()) if token.isascii() else None
    return _invalid() if found is None else found


def _basic(coded: bytes) -> tuple[str, str] | None:
    try:
        name, colon, password = a2b_base64(coded, strict_mode=True).decode().partition(":")
    except (Base64Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


async def _log_in(site: Site, said: tuple[str, str], address: str) -> Principal | Response:
    name, password = said
    login = site.login
    if not login.remembered(name, password, address):
        verdict = await login.check(name, password, address)
        if verdict is Verdict.TRY_LATER:
            after = math.ceil(site.settings.login.pause)
            return problem(
                "try-later", "too many wrong passwords: wait", (b"retry-after", b"%d" % after)
            )
        if verdict is not Verdict.WELCOME:
            return _invalid()
    return login.principal(name) or _invalid()
