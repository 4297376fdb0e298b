"""The console through a real server, on a real socket."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import trio

from engine.access import Principal, caller
from engine.commands import Publish
from frontends.http.exchange import Speaks
from frontends.http.pages.live import PATH
from frontends.http.server import HttpServer
from frontends.http.site import Site
from frontends.listening import bind
from tests.frontends.http.pages.browser import SETTINGS
from tests.frontends.http.web import Web, asking, running, status
from tests.support.sites import memory_site

FORM = "application/x-www-form-urlencoded"


@asynccontextmanager
async def console() -> AsyncGenerator[tuple[Site, Web]]:
    async with memory_site(SETTINGS) as site:
        server = HttpServer(site)
        sockets = await bind("127.0.0.1", 0)
        server.listen(sockets, Speaks.EVERYTHING)
        async with running(server, sockets[0]) as web:
            yield site, web


async def log_in(web: Web) -> str:
    """The cookie of a session."""
    form = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin", "Connection": "close"}
    answer = await web.talk(asking("/login", "POST", "name=ada&password=ada", **form))
    assert status(answer) == 303
    found = re.search(rb"set-cookie: (jobyard=[0-9a-f]{64});", answer, re.IGNORECASE)
    assert found is not None
    return found[1].decode()


async def test_a_page_and_its_files_are_served() -> None:
    async with console() as (_, web):
        cookie = await log_in(web)
        page = await web.get("/", Cookie=cookie)
        assert status(page) == 200
        for target in re.findall(rb'(?:src|href)="(/static/[^"]+)"', page):
            assert status(await web.get(target.decode())) == 200
        assert status(await web.get("/healthz", Cookie=cookie)) == 200


async def test_an_unknown_path_is_a_page_for_people_and_what_go_says_for_programs() -> None:
    async with console() as (_, web):
        cookie = await log_in(web)
        page = await web.get("/nothing", Cookie=cookie, Accept="text/html")
        assert status(page) == 404
        assert b"There is nothing at this address" in page
        for headers in ({}, {"Accept": "text/html"}, {"Cookie": cookie}):
            answer = await web.get("/nothing", **headers)
            assert status(answer) == 404
            assert answer.endswith(b"404 page not found\n")


async def test_an_open_page_hears_of_a_job() -> None:
    async with console() as (site, web):
        cookie = await log_in(web)
        async with await web.connect() as client:
            await client.send_all(asking(PATH, Cookie=cookie))
            heard = bytearray()
            with trio.fail_after(5):
                while b"retry:" not in heard:
                    heard += await client.receive_some(4096)
                root = caller(Principal("root", admin=True), "yard")
                await site.engine.execute(root, Publish("mail", "welcome", b"x"))
                while b'"queues":["mail"]' not in heard:
                    heard += await client.receive_some(4096)
            assert b"text/event-stream" in heard
            assert web.statistics.streams == 1
        assert status(await web.get(PATH)) == 401


async def test_an_open_stream_does_not_hold_up_the_end() -> None:
    async with console() as (_, web):
        cookie = await log_in(web)
        client = await web.connect()
        await client.send_all(asking(PATH, Cookie=cookie))
        heard = bytearray()
        while b"retry:" not in heard:
            heard += await client.receive_some(4096)
        with trio.fail_after(5):
            await web.server.drain(60)
        await client.aclose()
