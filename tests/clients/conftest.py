"""A real server for the tests of the command, and a way to type."""

import os
from collections.abc import Iterator

import pytest

from jobyard import command
from jobyard.blocking import BlockingClient
from tests.acceptance.served import GROUP, PASSWORD, USER, Server
from tests.clients.typing_commands import Said, Type


def url_of(server: Server) -> str:
    return f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    served = Server(tmp_path_factory.mktemp("commands")).start()
    yield served
    served.close()


@pytest.fixture
def typed(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Type:
    for name in list(os.environ):
        if name.startswith("JOBYARD_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("JOBYARD_URL", url_of(server))

    def say(*arguments: str) -> Said:
        code = command.main(arguments)
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return Said(code, told.out, told.err)

    return say


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    return "".join(c if c.isalnum() else "-" for c in request.node.name)


@pytest.fixture
def client(server: Server) -> Iterator[BlockingClient]:
    with BlockingClient(url_of(server)) as made:
        yield made
