"""A browser without a screen: it keeps cookies, follows nothing, and asks the pages in process."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from html import unescape
from typing import Any, Final, cast
from urllib.parse import unquote, urlencode

import trio
from attrs import define, evolve, field, frozen
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from config.settings import Settings
from config.users import Grant, Group, User
from engine.access import Caller, caller
from frontends.http.pages import Pages, pages
from frontends.http.site import Site
from frontends.http.tasks import LOCAL
from tests.support.sites import memory_site

SETTINGS: Final = Settings(
    groups=(Group("yard"), Group("field")),
    users=(
        User("ada", password="ada", groups=(Grant("yard"),)),
        User("bob", password="bob", groups=(Grant("yard"), Grant("field"))),
        User("eve", password="eve", groups=(Grant("field"),)),
        User("looker", password="looker", groups=(Grant("yard", ("read",)),)),
        User("root", password="root", groups=(Grant("*"),)),
        User("nobody", password="nobody"),
    ),
)
"""Everybody's password is the name."""


@frozen
class Seen:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """The page with its entities as the characters they stand for."""
        return unescape(self.text)

    @property
    def location(self) -> str:
        return self.headers["location"]


@define
class Browser:
    """One browser in front of one server."""

    app: Pages
    local: bool = True
    scheme: str = "http"
    address: str = "192.0.2.1"
    cookies: dict[str, str] = field(factory=dict[str, str])

    async def get(self, target: str, **headers: str) -> Seen:
        return await self.send("GET", target, b"", headers)

    async def post(self, target: str, form: Mapping[str, Any], **headers: str) -> Seen:
        """Send a form as a page of this server does."""
        said = {
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
            **headers,
        }
        return await self.send("POST", target, urlencode(form, doseq=True).encode(), said)

    async def follow(self, seen: Seen) -> Seen:
        """Go where an answer sends."""
        assert seen.status in {302, 303}, (seen.status, seen.text)
        return await self.get(seen.location)

    async def log_in(self, name: str) -> Seen:
        seen = await self.post("/login", {"name": name, "password": name})
        assert seen.status == 303, seen.text
        return seen

    async def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Seen:
        path, _, query = target.partition("?")
        said = {"host": "console.example", **headers}
        if self.cookies:
            said["cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if body:
            said["content-length"] = str(len(body))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (key.replace("_", "-").encode(), value.encode()) for key, value in said.items()
            ],
            "client": (self.address, 5),
            "server": ("127.0.0.1", 80),
            "state": {},
            "extensions": {LOCAL: self.local},
        }
        return self._keep(await self._run(scope, body))

    async def _run(self, scope: Mapping[str, Any], body: bytes) -> Seen:
        told, heard = trio.Event(), []

        async def receive() -> Any:
            if told.is_set():
                await trio.sleep_forever()
            told.set()
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            await trio.lowlevel.checkpoint()
            heard.append(message)

        await self.app(
            cast("Scope", scope),
            cast("ASGIReceiveCallable", receive),
            cast("ASGISendCallable", send),
        )
        head = next(each for each in heard if each["type"] == "http.response.start")
        said = [(key.decode().lower(), value.decode()) for key, value in head["headers"]]
        pieces = [each.get("body", b"") for each in heard if each["type"] == "http.response.body"]
        cookies = tuple(value for key, value in said if key == "set-cookie")
        return Seen(head["status"], dict(said), b"".join(pieces), cookies)

    def _keep(self, seen: Seen) -> Seen:
        for cookie in seen.cookies:
            key, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.cookies[key] = value
            else:
                self.cookies.pop(key, None)
        return seen


@define
class Console:
    """A server's pages, with its engine at hand."""

    site: Site
    app: Pages

    def browser(self, **kind: Any) -> Browser:
        return Browser(self.app, **kind)

    async def logged_in(self, name: str = "ada", **kind: Any) -> Browser:
        browser = self.browser(**kind)
        await browser.log_in(name)
        return browser

    def caller(self, name: str = "ada", group: str = "yard") -> Caller:
        """Somebody, to give commands without a browser."""
        principal = self.site.login.principal(name)
        assert principal is not None
        return caller(principal, group)

    async def run(self, command: object, name: str = "ada", group: str = "yard") -> Any:
        return await self.site.engine.execute(self.caller(name, group), command)


@asynccontextmanager
async def open_console(settings: Settings = SETTINGS, **http: Any) -> AsyncGenerator[Console]:
    """The pages of a server in virtual time.

    Args:
        settings: its settings.
        http: fields of section `http`.
    """
    settings = evolve(settings, http=evolve(settings.http, **http))
    async with memory_site(settings) as site:
        yield Console(site, pages(site))
