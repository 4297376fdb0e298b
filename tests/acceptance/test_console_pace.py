"""The console of a large store answers quickly, and its first page is light."""

import gzip
import http.client
import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from statistics import median
from typing import Final
from urllib.parse import urlencode

import pytest

from jobyard import BlockingClient, NewJob
from jobyard.calls import publish_many
from tests.acceptance.conftest import Serve
from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN, Server, settings
from tests.acceptance.test_http_stopping import port

QUEUES: Final = 10_000
JOBS: Final = 1_000_000
LARGEST: Final = JOBS // 2
"""Jobs of the largest queue; the others share the rest."""
TIMES: Final = 5
SOON: Final = 0.3
"""Seconds within which every page answers."""
LIGHT: Final = 150_000
"""Bytes of the first visit, compressed."""
PAGE: Final = 300_000
"""Bytes of any page before compression: it has what it shows, not what there is."""
PATHS: Final = (
    "/", "/queues", "/queues/largest", "/queues/q-17", "/jobs", "/jobs?q=state%3Aready",
    "/jobs?q=queue%3Alargest+type%3Aresize", "/jobs?q=payload.n%3A499999", "/jobs?q=age%3A%3C1h",
    "/failures", "/workers", "/recurrences", "/publish", "/users", "/groups", "/tokens", "/audit",
)  # fmt: skip


class Reader:
    """A browser that keeps its cookie and knows how long it waited."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("localhost", port(server), timeout=WITHIN * 3)
        self.cookie = ""
        form = urlencode({"name": USER, "password": PASSWORD})
        self.ask("POST", "/login", form)
        assert self.cookie

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, form: str = "") -> tuple[bytes, float]:
        """The body as it was sent, and the seconds until it was there."""
        headers = {"Accept-Encoding": "gzip", "Cookie": self.cookie}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        self._connection.request(method, path, form or None, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took = time.monotonic() - began
        assert answer.status in {200, 303}, (path, answer.status)
        if kept := answer.getheader("Set-Cookie"):
            self.cookie = kept.partition(";")[0]
        if answer.getheader("Content-Encoding") == "gzip":
            assert gzip.decompress(body)
        return body, took


def text(body: bytes) -> str:
    return (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode()


def jobs(count: int) -> list[NewJob]:
    kinds = ("resize", "crop", "welcome", "deliver")
    return [
        NewJob(kinds[each % len(kinds)], json.dumps({"n": each, "to": "ada@example.com"}))
        for each in range(count)
    ]


def bulks() -> Iterator[tuple[str, list[NewJob]]]:
    for _ in range(LARGEST // 1_000):
        yield "largest", jobs(1_000)
    each = (JOBS - LARGEST) // (QUEUES - 1)
    rest = JOBS - LARGEST - each * (QUEUES - 2)
    for number in range(QUEUES - 1):
        yield f"q-{number}", jobs(rest if number == 0 else each)


def filled(server: Server) -> None:
    url = f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"
    with BlockingClient(url) as client:
        some: list[tuple[str, list[NewJob]]] = []
        for bulk in bulks():
            some.append(bulk)
            if sum(len(each) for _, each in some) >= 5_000:
                client.call_many([publish_many(*each) for each in some])
                some.clear()
        client.call_many([publish_many(*each) for each in some])


def test_the_first_visit_is_light(serve: Serve) -> None:
    with closing(Reader(serve(settings(http={"port": 0})))) as reader:
        body, _ = reader.ask("GET", "/")
        parts = set(re.findall(r'(?:src|href)="([^"]+\.(?:js|css|svg|png|woff2))"', text(body)))
        assert len(parts) >= 3
        sent = {part: len(reader.ask("GET", part)[0]) for part in parts}
    total = len(body) + sum(sent.values())
    assert total <= LIGHT, (total, sent)


@pytest.mark.nightly
def test_every_page_of_a_large_store_answers_soon(serve: Serve) -> None:
    users = [{"username": USER, "password": PASSWORD, "groups": ["*"]}]
    server = serve(settings(http={"port": 0}, users=users))
    filled(server)
    took: dict[str, float] = {}
    with closing(Reader(server)) as reader:
        one = re.search(r'href="(/jobs/[^"?]+)"', text(reader.ask("GET", "/jobs")[0]))
        assert one
        for path in (*PATHS, one[1]):
            answers = [reader.ask("GET", path) for _ in range(TIMES)]
            took[path] = median(seconds for _, seconds in answers)
            assert len(text(answers[0][0])) < PAGE, path
    assert max(took.values()) < SOON, took
