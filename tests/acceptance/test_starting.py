"""How a server starts, and what keeps it from starting."""

import hashlib
import socket
import stat
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.conftest import Serve
from tests.acceptance.line import Line
from tests.acceptance.served import Server, run, settings

MADE_AT_FIRST_START: Final = {"admin.hash", "admin.token", "jobyard.db", "jobyard.db.key"}
FIVE_MISTAKES: Final = """\
port: 70000
log_level: loud
lines:
  silence: -1
users:
  - username: ada
    password: secret
    groups: [{slug: yard, rights: [fly]}]
limits:
  payloads: 10
"""


def contents(folder: Path) -> dict[str, str]:
    """Every file and what is in it; the lock's own words may change."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if not file.name.endswith(".lock")
    }


def refused(server: Server) -> str:
    """What a server says that does not start."""
    log = server.launch()
    assert server.wait() == 1
    return log.finish()


def test_the_first_start_shows_a_password_once(prepare: Serve) -> None:
    server = prepare({"port": 0}).start()
    (said,) = [line for line in server.log.lines if "password  " in line]
    password = said.split()[-1]
    with Line.to(server.port) as client:
        client.log_in("admin", password, "default")
        client.publish("q")
    assert server.stop() == 0
    server.start()
    assert password not in server.log.text
    assert "first start" in server.log.text
    with Line.to(server.port) as client:
        client.log_in("admin", password, "default")
        assert client.states("q") == ["pending"]


def test_its_files_are_for_its_user_only(prepare: Serve) -> None:
    server = prepare({"port": 0}).start()
    found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in server.store.iterdir()}
    assert stat.S_IMODE(server.store.stat().st_mode) == 0o700
    assert set(found.values()) == {0o600}
    assert found.keys() >= MADE_AT_FIRST_START
    (kept,) = [file for file in server.store.iterdir() if file.name == "admin.hash"]
    assert kept.read_text().startswith("$argon2id$")


def test_without_settings_it_binds_loopback_and_keeps_data_at_home(prepare: Serve) -> None:
    server = prepare().start("--port", "0")
    assert server.addresses[0].startswith("127.0.0.1:")
    said = server.log.event("serving")
    assert said is not None
    assert said["groups"] == ["default"]
    assert Path(said["store"]).is_relative_to(server.folder)


def test_a_second_server_on_the_store_is_refused(prepare: Serve) -> None:
    first = prepare().start()
    second = prepare()
    second.store = first.store
    assert "store-in-use" in refused(second)
    with Line.to(first.port) as client:
        client.log_in().publish("q")


def test_a_wrong_secret_is_refused_and_changes_no_byte(prepare: Serve) -> None:
    server = prepare()
    server.environment["JOBYARD_SECRET"] = "the right one"
    server.start()
    with Line.to(server.port) as client:
        client.log_in().publish("q")
    assert server.stop() == 0
    before = contents(server.store)
    del server.environment["JOBYARD_SECRET"]
    assert "key" in refused(server)
    assert contents(server.store) == before
    server.environment["SECRET"] = "a wrong one"
    said = refused(server)
    assert "wrong" in said
    assert "Traceback" not in said
    assert contents(server.store) == before
    server.environment["SECRET"] = "the right one"
    server.start()
    with Line.to(server.port) as client:
        assert client.log_in().states("q") == ["pending"]


def test_a_damaged_file_is_refused_and_left_alone(prepare: Serve) -> None:
    server = prepare().start()
    assert server.stop() == 0
    database = server.store / "jobyard.db"
    whole = bytearray(database.read_bytes())
    whole[100] ^= 1
    database.write_bytes(whole)
    before = contents(server.store)
    said = refused(server)
    assert "jobyard.db" in said
    assert "Traceback" not in said
    assert contents(server.store) == before


@pytest.mark.parametrize("name", ["port", "tls.port"])
def test_a_port_that_is_taken_stops_the_start(
    prepare: Serve, name: str, certificate: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        ports = {"port": number, "tls": {**certificate, "port": 0}}
        if name == "tls.port":
            ports = {"port": 0, "tls": {**certificate, "port": number}}
        server = prepare(settings(**ports))
        said = refused(server)
    assert f"jobyard: cannot-start: {name}: cannot listen on 127.0.0.1:{number}" in said
    assert not list(server.folder.glob("data/*.db")), "nothing is made by a start that fails"


def test_config_check_lists_every_mistake_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text(FIVE_MISTAKES)
    done = run("config", "check", file, home=tmp_path)
    assert done.returncode == 2
    mistakes = [line for line in done.stdout.splitlines() if line.startswith(("  ", str(file)))]
    for path in ("port", "log_level", "lines.silence", "users[0].groups[0]", "limits.payloads"):
        assert any(path in line for line in mistakes), (path, done.stdout)
    served = run("serve", "--config", file, home=tmp_path)
    assert served.returncode == 2
    assert served.stderr == done.stdout


def test_config_show_hides_what_is_secret(tmp_path: Path) -> None:
    file = tmp_path / "config.yml"
    file.write_text("secret: open-sesame\nusers: [{username: ada, password: enchantress}]\n")
    done = run("config", "show", file, home=tmp_path)
    assert done.returncode == 0
    assert "ada" in done.stdout
    assert "open-sesame" not in done.stdout
    assert "enchantress" not in done.stdout
