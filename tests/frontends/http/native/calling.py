"""The native API asked without a socket: requests as values, answers read back."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import unquote

from attrs import frozen

from config.settings import Settings
from config.users import Grant, Group, User
from frontends.http.exchange import Request, Response
from frontends.http.native.api import Native
from frontends.http.site import Site
from tests.support.sites import memory_site

RIGHTS: Final = ("publish", "work", "read", "manage")
SETTINGS: Final = Settings(
    groups=(Group("yard"), Group("field")),
    users=(
        User("ada", password="ada", groups=(Grant("yard"),)),
        User("eve", password="eve", groups=(Grant("field"),)),
        User("bob", password="bob", groups=(Grant("yard"), Grant("field"))),
        User("root", password="root", groups=(Grant("*"),)),
        User("nobody", password="nobody"),
        *(User(right, password=right, groups=(Grant("yard", (right,)),)) for right in RIGHTS),
    ),
)
"""Everybody's password is the name; who is named for a right has no other."""


@frozen
class Heard:
    """An answer."""

    status: int
    headers: dict[str, str]
    text: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        found: str = self.json["code"]
        return found


def basic(name: str, password: str | None = None) -> bytes:
    return b"Basic " + b64encode(f"{name}:{password or name}".encode())


def request(
    method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Request:
    """What a server makes of a request line, headers in any case, and a body."""
    path, _, query = target.partition("?")
    named = {name.lower().encode(): value.encode() for name, value in (headers or {}).items()}
    if body and b"content-type" not in named:
        named[b"content-type"] = b"application/json"
    return Request(
        method, unquote(path), path.encode(), query.encode(), named, body, address="192.0.2.1:5"
    )


class Yard:
    """The API of one server."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.native = Native(site)

    async def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        user: str | None = "ada",
        **headers: str,
    ) -> Heard:
        """Ask under `/api/v2`; a body that is no bytes is sent as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if user is not None:
            said["authorization"] = basic(user).decode()
        return await self.send(request(method, f"/api/v2{target}", body or b"", said))

    async def send(self, asked: Request) -> Heard:
        response = await self.native.answer(asked)
        assert isinstance(response, Response)
        headers = {name.decode(): value.decode() for name, value in response.headers}
        return Heard(response.status, headers, response.body)

    async def publish(self, queue: str = "q", **job: Any) -> str:
        heard = await self.call("POST", f"/queues/{queue}/jobs", {"payload": "p", **job})
        assert heard.status == 201, heard.text
        found: str = heard.json["job"]
        return found

    async def job(self, job: str) -> Any:
        return (await self.call("GET", f"/jobs/{job}")).json["job"]


Yards = Callable[[], AsyncGenerator[Yard]]


@asynccontextmanager
async def open_yard(settings: Settings = SETTINGS) -> AsyncGenerator[Yard]:
    async with memory_site(settings) as site:
        yield Yard(site)
