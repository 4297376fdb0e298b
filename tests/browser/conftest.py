"""A browser, and the server whose console it visits."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from playwright.sync_api import Browser, sync_playwright

from jobyard import BlockingClient
from tests.acceptance.served import Server
from tests.browser.filled import lived_in
from tests.browser.people import ROOT_USER, home_of, people, url_of
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    program = shutil.which("chromium")
    if program is None and os.environ.get("CI") != "true":
        pytest.skip("not run: chromium is not installed")
    assert program is not None, "chromium is not installed, and CI=true wants these tests run"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for every test that keeps to queues of its own; it must live to the end."""
    server = Server(tmp_path_factory.mktemp("yard"), people())
    try:
        yield server.start()
        assert server.process is not None
        assert server.process.poll() is None, server.log.text
        assert server.stop() == 0
        assert "Traceback" not in server.log.finish()
    finally:
        server.close()


@pytest.fixture
def visit(browser: Browser, yard: Server) -> Iterator[Visit]:
    """Browser sessions, of that server unless the address of another is given."""
    with ExitStack() as closing:

        def make(home: str = "", **more: Any) -> Visitor:
            visitor = Visitor(browser, home or home_of(yard), **more)
            closing.callback(visitor.close)
            return visitor

        yield make


@pytest.fixture
def client(yard: Server) -> Iterator[BlockingClient]:
    """A client of that server."""
    with BlockingClient(url_of(yard)) as made:
        yield made


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    """A queue that no other test uses."""
    name: str = request.node.name
    return "".join(letter if letter.isalnum() else "-" for letter in name.removeprefix("test_"))


@frozen
class Shop:
    """A server that looks lived in; nobody changes anything there."""

    home: str
    cookies: Any
    """Of an administrator who is logged in."""


@pytest.fixture(scope="session")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    server = Server(tmp_path_factory.mktemp("shop"), people())
    try:
        with lived_in(server):
            visitor = Visitor(browser, home_of(server)).log_in(ROOT_USER)
            cookies = visitor.context.storage_state()
            visitor.close()
            yield Shop(home_of(server), cookies)
    finally:
        server.close()
