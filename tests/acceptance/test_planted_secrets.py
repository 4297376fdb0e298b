"""Secrets that were planted everywhere are looked for in everything that a server says or keeps."""

import http.client
import json
import signal
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from engine import passwords
from tests.acceptance.line import Line, array
from tests.acceptance.served import GROUP, WITHIN, Server, run, settings
from tests.frontends.rpc.rpc_lines import RpcLines

SECRETS: Final = {
    name: f"planted-{name}-4711"
    for name in (
        "plain-password", "hashed-password", "added-password", "changed-password", "guess-by-line",
        "guess-by-hello", "guess-over-http", "guess-by-form", "guess-by-gateway", "guess-by-rpc",
        "access-key", "bearer", "wrap",
    )
}  # fmt: skip
ROOT: Final = b64encode(f"root:{SECRETS['plain-password']}".encode()).decode()
PAYLOAD: Final = "planted-payload-4711"
SHOWN: Final = (
    "/api/v2/users", "/api/v2/tokens", "/api/v2/groups", "/api/v2/audit", "/api/v2/health",
    f"/api/v2/queues?group={GROUP}", f"/api/v2/queues/open/jobs?group={GROUP}",
    f"/api/v2/users/none?group={GROUP}", "/metrics", "/readyz", "/healthz", "/version",
)  # fmt: skip
ASKED: Final = (
    "LIST_SESSIONS", "CURRENT_SESSION", "LIST_USERS", "LIST_GROUPS", "DEBUG", "DEBUG_JSON",
    "DEBUG_PARTS", "LIST_QUEUES", "AUTH root", "AUTH root a b c", "HELP AUTH",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Everything open, and told a secret wherever one can be told."""
    users: list[dict[str, Any]] = [
        {"username": "root", "password": SECRETS["plain-password"], "groups": ["*"]},
        {
            "username": "ada",
            "password_hash": passwords.hash_password(SECRETS["hashed-password"]),
            "groups": [GROUP],
        },
    ]
    said = settings(
        users=users, http={"port": 0}, rpc={"port": 0, "group": GROUP}, test_mode=True,
        log_level="debug", login={"failures": 100},
    )  # fmt: skip
    started = Server(tmp_path_factory.mktemp("planted"), said)
    started.environment["JOBYARD_SECRET"] = SECRETS["wrap"]
    started.start()
    yield started
    started.close()


@pytest.fixture(scope="module")
def said(server: Server) -> list[str]:
    """What came of telling them, and of asking for everything there is."""
    heard = [*_by_line(server), *_over_http(server), *_by_rpc(server)]
    server.signal(signal.SIGHUP)
    server.log.wait_for(lambda: server.log.event("users-read-again") is not None)
    return heard


def _by_line(server: Server) -> Iterator[str]:
    with Line.to(server.port) as client:
        yield client.ask(f"AUTH root {SECRETS['guess-by-line']}")
        yield client.ask(f"AUTH ada {SECRETS['hashed-password']}")
    with Line.to(server.port) as client:
        client.log_in("root", SECRETS["plain-password"])
        for line in ASKED:
            yield client.ask(line)
    with Line.to(server.port) as client:
        client.send(array("HELLO", "2", "AUTH", "root", SECRETS["guess-by-hello"]))
        yield client.hears()
        client.send(array("AUTH", "root", SECRETS["plain-password"]))
        client.hears()
        client.send(array("USE_GROUP", GROUP))
        client.hears()
        for words in (
            ("ADD_USER", "kim", SECRETS["added-password"]),
            ("CHANGE_USER", "kim", "PASSWORD", SECRETS["changed-password"]),
            ("ADD_USER", "bad\n", SECRETS["added-password"]),
            ("ENQUEUE", "open", "t", PAYLOAD),
        ):
            client.send(array(*words))
            yield client.hears()


def _over_http(server: Server) -> Iterator[str]:
    root = {"Authorization": f"Basic {ROOT}"}
    guess = b64encode(f"root:{SECRETS['guess-over-http']}".encode()).decode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    kind = {"Content-Type": "application/json"}
    gateway = json.dumps({"commands": [f"AUTH root {SECRETS['guess-by-gateway']}"]})
    yield from _asked(server, "GET", "/api/v2/users", {"Authorization": f"Basic {guess}"})
    bearer = {"Authorization": f"Bearer {SECRETS['bearer']}"}
    yield from _asked(server, "GET", "/api/v2/users", bearer)
    yield from _asked(
        server, "POST", "/login", form, f"name=root&password={SECRETS['guess-by-form']}"
    )
    yield from _asked(server, "POST", "/gateway", kind, gateway)
    queue = json.dumps({"name": "keyed", "access_key": SECRETS["access-key"]})
    yield from _asked(server, "PUT", "/api/v1/queue", {**kind, **root}, queue)
    yield from _asked(
        server, "GET", "/api/v1/queue?name=keyed", {"X-Access-Key": SECRETS["access-key"]}
    )
    user = json.dumps({"name": "tim", "password": SECRETS["added-password"], "x": 1})
    yield from _asked(server, "POST", "/api/v2/users", {**kind, **root}, user)
    for path in SHOWN:
        yield from _asked(server, "GET", path, root)


def _by_rpc(server: Server) -> Iterator[str]:
    with RpcLines.to(server) as client:
        for password in (SECRETS["guess-by-rpc"], SECRETS["plain-password"]):
            yield json.dumps(
                client.ask({"jsonrpc": "2.0", "method": "login", "params": ["root", password]})
            )
        said = {"name": "tom", "password": SECRETS["added-password"], "groups": 7}
        for method, params in (
            ("add_user", said), ("users", {}), ("audit", {}), ("dump", {}),
            ("backup", {"name": "copy.db"}),
        ):  # fmt: skip
            yield json.dumps(client.ask({"jsonrpc": "2.0", "method": method, "params": params}))


def _asked(
    server: Server, method: str, path: str, headers: dict[str, str], body: str = ""
) -> Iterator[str]:
    told = server.log.event("serving")
    assert told is not None
    port = int(told["http"][0].rpartition(":")[2])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        yield f"{answer.status} {answer.headers} {answer.read().decode()}"


def test_no_answer_has_one(said: list[str]) -> None:
    whole = "".join(said)
    for taken in ('"kim"', '"keyed"', '"CHANGE_USER"', 'copy.db"', "invalid-creds"):
        assert taken in whole, "what is looked for was told in vain"
    for answer in said:
        for name, secret in SECRETS.items():
            assert secret not in answer, name


def test_the_log_has_none_and_no_payload(server: Server, said: list[str]) -> None:
    for name, secret in {**SECRETS, "payload": PAYLOAD, "basic": ROOT}.items():
        assert secret not in server.log.text, name


def test_no_file_has_one_but_that_of_the_settings(server: Server, said: list[str]) -> None:
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    assert {"copy.db", "config.yml"} <= {path.name for path in files}
    for path in files:
        kept = path.read_bytes()
        for name, secret in {**SECRETS, "payload": PAYLOAD, "basic": ROOT}.items():
            if path == server.config and name == "plain-password":
                continue
            assert secret.encode() not in kept, (path.name, name)


def test_no_process_shows_one(server: Server, said: list[str]) -> None:
    assert server.process is not None
    proc = Path("/proc") / str(server.process.pid)
    if not proc.exists():
        pytest.skip("not run: this system has no /proc")
    children = (proc / "task" / proc.name / "children").read_text().split()
    for number in (proc.name, *children):
        shown = (Path("/proc") / number / "cmdline").read_bytes()
        assert not [name for name, secret in SECRETS.items() if secret.encode() in shown]


def test_settings_are_shown_without_any(server: Server) -> None:
    for words in (("config", "show"), ("config", "check")):
        done = run(
            *words, server.config, home=server.folder,
            variables={"JOBYARD_SECRET": SECRETS["wrap"]},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        for name, secret in SECRETS.items():
            assert secret not in done.stdout + done.stderr, name
