"""Readers of event streams, without a socket."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import trio
from attrs import define, field
from trio.testing import wait_all_tasks_blocked

from config.settings import Settings
from config.users import EVERY_GROUP, Grant, Group, User
from engine.access import Principal, caller
from engine.commands import Publish
from engine.replies import Published
from frontends.http.events import Events
from frontends.http.exchange import Request, Stream
from frontends.http.site import Site

SETTINGS = Settings(
    groups=(Group("g"), Group("h")),
    users=(
        User("ada", password="secret", groups=(Grant("g"),)),
        User("bob", password="secret", groups=(Grant("g"), Grant("h"))),
        User("pub", password="secret", groups=(Grant("g", ("publish",)),)),
        User("root", password="secret", groups=(Grant(EVERY_GROUP),)),
    ),
)
ROOT = Principal("root", admin=True)


@define
class Reader:
    """Somebody who reads a stream."""

    text: bytes = b""
    takes: trio.Event = field(factory=trio.Event)
    """Set: it takes what comes."""
    over: bool = False

    async def write(self, piece: bytes) -> None:
        await self.takes.wait()
        self.text += piece

    @property
    def told(self) -> list[dict[str, Any]]:
        """Events, as the fields that the stream has for them."""
        found = []
        for block in self.text.decode().split("\n\n"):
            fields = dict(
                line.split(": ", 1) for line in block.split("\n") if line and line[0] != ":"
            )
            if "event" in fields:
                fields["data"] = json.loads(fields["data"])
                found.append(fields)
        return found

    @property
    def kinds(self) -> list[str]:
        return [each["event"] for each in self.told]


def get(query: str = "", user: str = "ada", **headers: str) -> Request:
    said = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    said[b"authorization"] = b"Basic " + b64encode(f"{user}:secret".encode())
    path = "/api/v2/events"
    return Request("GET", path, path.encode(), query.encode(), said, address="127.0.0.1:5")


def dialect(site: Site) -> Events:
    assert site.observed is not None
    return Events(site, site.observed)


@asynccontextmanager
async def reading(
    site: Site, request: Request, events: Events | None = None, *, takes: bool = True
) -> AsyncGenerator[Reader]:
    """Somebody who reads what a request gives, as long as the block goes on."""
    stream = await (events or dialect(site)).answer(request)
    assert isinstance(stream, Stream), stream
    assert stream.status == 200
    reader = Reader()
    if takes:
        reader.takes.set()

    async def run() -> None:
        await stream.run(reader.write)
        reader.over = True

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await wait_all_tasks_blocked()
        yield reader
        nursery.cancel_scope.cancel()


async def publish(site: Site, queue: str = "q", kind: str = "t", group: str = "g") -> str:
    who = caller(ROOT, group)
    reply = await site.engine.execute(who, Publish(queue, kind, b"a secret payload"))
    assert isinstance(reply, Published)
    await wait_all_tasks_blocked()
    return reply.job
