"""A browser, and the server whose console it visits."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from jobyard import BlockingClient
from tests.acceptance.served import GROUP, PASSWORD, USER, Server, settings
from tests.browser.visitor import Visitor

Visit = Callable[..., Visitor]
READER: Final = "grace"
ROOT_USER: Final = "root"
OTHER: Final = "office"
"""A second group."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def people(**said: Any) -> dict[str, Any]:
    """Settings with a member of two groups, a reader and an administrator."""
    users = [
        {"username": USER, "password": PASSWORD, "groups": [GROUP, OTHER]},
        {"username": READER, "password": PASSWORD, "groups": [{"slug": GROUP, "rights": ["read"]}]},
        {"username": ROOT_USER, "password": PASSWORD, "groups": ["*"]},
    ]
    return settings(groups=[GROUP, OTHER], users=users, http={"port": 0}, **said)


def home_of(server: Server) -> str:
    """Where the console is."""
    said = server.log.event("serving")
    assert said is not None
    address: str = said["http"][0]
    return f"http://localhost:{address.rpartition(':')[2]}"


def url_of(server: Server, group: str = GROUP, user: str = USER) -> str:
    """Where clients and workers find it."""
    return f"jobyard://{user}:{PASSWORD}@127.0.0.1:{server.port}/{group}"


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
