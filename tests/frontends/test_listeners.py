"""Which sockets a server takes, and what is said when it cannot."""

import socket
from collections.abc import Callable, Generator
from contextlib import closing

import pytest
from attrs import evolve
from structlog.testing import capture_logs

from config.sections import Http, JobEngine, Tls
from config.settings import Settings
from frontends.listeners import Bound, StartError, bind_all

LINES = Settings(port=0, http=Http(port=-1))


@pytest.fixture
def taken() -> Generator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def ports(bound: Bound) -> list[int]:
    return [each.getsockname()[1] for each in (*bound.lines(), *bound.web())]


async def test_each_listener_has_a_socket_and_says_what_it_speaks() -> None:
    settings = evolve(LINES, http=Http(port=0), jobengine=JobEngine(v0_port=0, v1_port=0))
    with closing(await bind_all(settings)) as bound:
        assert len(bound.plain) == 1
        assert [each.speaks for each, _ in bound.http] == ["main", "jobengine-v0", "jobengine-v1"]
        assert len(set(ports(bound))) == 4
        assert 0 not in ports(bound)
        assert bound.reload() is False


async def test_without_http_there_is_no_socket_of_it() -> None:
    with closing(await bind_all(LINES)) as bound:
        assert not list(bound.web())


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("port", lambda port: evolve(LINES, port=port)),
        ("http.port", lambda port: evolve(LINES, http=Http(port=port))),
        ("jobengine.v1_port", lambda port: evolve(LINES, jobengine=JobEngine(v1_port=port))),
    ],
)
async def test_a_port_that_is_taken_is_a_sentence(
    setting: str, said: Callable[[int], Settings], taken: int
) -> None:
    with pytest.raises(StartError) as caught:
        await bind_all(said(taken))
    assert str(caught.value).startswith(f"{setting}: cannot listen on 127.0.0.1:{taken}: ")


async def test_a_start_that_fails_leaves_no_socket(taken: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    with pytest.raises(StartError):
        await bind_all(evolve(LINES, port=free, http=Http(port=taken)))
    socket.create_server(("127.0.0.1", free)).close()


async def test_a_default_that_is_taken_gives_way(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.settings.HTTP_PORT", taken)
    with capture_logs() as logs, closing(await bind_all(Settings(port=0))) as bound:
        assert len(ports(bound)) == 1
    [said] = logs
    assert said["event"] == "no-http"
    assert f"127.0.0.1:{taken}" in said["sentence"]


async def test_a_certificate_that_cannot_be_read_is_a_sentence() -> None:
    settings = evolve(LINES, tls=Tls(certificate="no-such.pem", key="no-such.pem"))
    with pytest.raises(StartError, match=r"^tls\.certificate, tls\.key: "):
        await bind_all(evolve(settings, http=Http(port=-1, tls_port=0)))
