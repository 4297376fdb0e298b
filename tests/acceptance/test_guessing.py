"""Guessing a password is slowed at every door, for whoever guesses and for nobody else.

All of 127/8 is this machine: each address of it counts as another one.
"""

import http.client
import json
import socket
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from tests.acceptance.line import Line, array
from tests.acceptance.served import GROUP, PASSWORD, WITHIN, Server, settings

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the loopback has one address"
)
ATTEMPTS: Final = 5
HERE, ELSEWHERE, BEYOND = "127.0.0.1", "127.0.0.2", "127.0.0.3"
IN: Final = "in"
WRONG: Final = "invalid-creds"
LATER: Final = "try-later"
STATUSES: Final = {200: IN, 303: IN, 401: WRONG, 429: LATER}

Door = Callable[[Server, str, str, str], str]
"""A server, from which address, user and password -> what became of it."""


def test_every_door_has_a_user(guessed: Server) -> None:
    with Line.to(guessed.port) as client:
        assert all(client.ask(f"AUTH {name} {PASSWORD}") == "Welcome!" for name in DOORS)


@pytest.fixture(scope="module")
def guessed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with every door, and a user for each; a pause that no test outlives."""
    users = [{"username": name, "password": PASSWORD, "groups": [GROUP]} for name in DOORS]
    said = settings(
        users=users,
        http={"port": 0},
        rpc={"port": 0, "group": GROUP},
        login={"failures": ATTEMPTS, "pause": 3600, "pause_max": 3600, "forget": 7200},
    )
    server = Server(tmp_path_factory.mktemp("guessed"), said).start()
    yield server
    server.close()


def place(server: Server, door: str) -> int:
    told = server.log.event("serving")
    assert told is not None
    return int(told[door][0].rpartition(":")[2])


def reach(server: Server, door: str, source: str) -> socket.socket:
    return socket.create_connection((HERE, place(server, door)), WITHIN, (source, 0))


# -- the doors -------------------------------------------------------------------------------------


def by_line(server: Server, source: str, user: str, password: str) -> str:
    with Line(reach(server, "lines", source)) as client:
        heard = client.ask(f"AUTH {user} {password}")
    return IN if heard == "Welcome!" else heard.removeprefix("Err: ")


def by_words(*before: str) -> Door:
    """The array form, and the handshake of Redis clients."""

    def log_in(server: Server, source: str, user: str, password: str) -> str:
        with Line(reach(server, "lines", source)) as client:
            client.send(array(*before, "AUTH", user, password))
            heard = client.hears().rstrip("\r")
        return heard.split(" ")[1] if heard.startswith("-") else IN

    return log_in


def by_basic(method: str, path: str, body: str = "", door: str = "http") -> Door:
    """A request with user and password."""

    def log_in(server: Server, source: str, user: str, password: str) -> str:
        said = b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {said}", "Content-Type": "application/json"}
        return STATUSES[_asked(server, source, door, method, path, body, headers)[0]]

    return log_in


def by_form(server: Server, source: str, user: str, password: str) -> str:
    form = urlencode({"name": user, "password": password})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return STATUSES[_asked(server, source, "http", "POST", "/login", form, kind)[0]]


def by_gateway(server: Server, source: str, user: str, password: str) -> str:
    body = json.dumps({"commands": [f"AUTH {user} {password}"]})
    kind = {"Content-Type": "application/json"}
    _, told = _asked(server, source, "http", "POST", "/gateway", body, kind)
    errors = json.loads(told)["errors"]
    return str(errors[0]["code"]) if errors else IN


def by_call(server: Server, source: str, user: str, password: str) -> str:
    said = {"jsonrpc": "2.0", "method": "login", "params": [user, password], "id": 1}
    with reach(server, "rpc", source) as plain, plain.makefile("rb") as heard:
        plain.sendall(json.dumps(said).encode())
        answer: Any = json.loads(heard.readline())
    return IN if "result" in answer else str(answer["error"]["data"]["code"])


def _asked(
    server: Server, source: str, door: str, method: str, path: str, body: str, headers: Any
) -> tuple[int, bytes]:
    port = place(server, door)
    connection = http.client.HTTPConnection(HERE, port, WITHIN, (source, 0))
    with closing(connection):
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read() if method == "POST" else b""


CALL: Final = json.dumps({"jsonrpc": "2.0", "method": "health_counts", "id": 1})
DOORS: Final[dict[str, Door]] = {
    "line": by_line,
    "array": by_words(),
    "hello": by_words("HELLO", "3"),
    "api": by_basic("GET", f"/api/v2/queues?group={GROUP}"),
    "events": by_basic("GET", f"/api/v2/events?group={GROUP}"),
    "post-rpc": by_basic("POST", f"/rpc?group={GROUP}", CALL),
    "rpc-page": by_basic("GET", "/", door="rpc"),
    "go": by_basic("CONNECT", "/_goRPC_", door="rpc"),
    "rpc": by_call,
    "console": by_form,
    "gateway": by_gateway,
}


@pytest.mark.parametrize("name", DOORS)
def test_the_sixth_wrong_password_is_not_even_looked_at(guessed: Server, name: str) -> None:
    door = DOORS[name]
    wrong = [door(guessed, ELSEWHERE, name, f"wrong-{n}") for n in range(ATTEMPTS + 2)]
    assert wrong == [WRONG] * ATTEMPTS + [LATER] * 2
    assert door(guessed, ELSEWHERE, name, PASSWORD) == LATER, "or guessing would go on"
    assert door(guessed, HERE, name, PASSWORD) == IN, "who is at home is not locked out"


def test_what_is_wrong_at_one_door_counts_at_all(guessed: Server) -> None:
    doors = list(DOORS.values())
    heard = [door(guessed, BEYOND, "line", "wrong") for door in doors[:ATTEMPTS]]
    assert heard == [WRONG] * ATTEMPTS
    assert {door(guessed, BEYOND, "line", "wrong") for door in doors} == {LATER}
    assert by_line(guessed, BEYOND, "array", PASSWORD) == IN, "another user is not held up"


def test_no_guess_is_in_the_log(guessed: Server) -> None:
    assert PASSWORD not in guessed.log.text
    assert "wrong" not in guessed.log.text
