"""The README is run: its session, its commands, its settings, and what its tables claim."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.acceptance.line import Line
from tests.acceptance.served import ROOT, Server, environment, output, run
from tests.support.pages import table

TEXT: Final = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
PORT: Final = "8962"
WEB_PORT: Final = "8952"
HASHER: Final = ".venv/bin/python"
COMMAND: Final = ".venv/bin/jobyard"


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == language]


COMMANDS: Final = [line for text in blocks("sh") for line in text.splitlines()]


class FirstStart:
    """A server nobody has configured, as the reader has it."""

    def __init__(self, folder: Path, store: Path | None = None) -> None:
        self.server = Server(folder, {"port": 0, "http": {"port": 0}})
        self.server.store = store or self.server.store
        self.server.start()
        (said,) = [line for line in self.server.log.lines if "password  " in line]
        self.password = said.split()[-1]

    def put_in(self, text: str) -> str:
        """What the reader makes of the README's words here."""
        web = self.server.log.event("serving")
        assert web is not None
        ports = {PORT: str(self.server.port), WEB_PORT: web["http"][0].rpartition(":")[2]}
        for shown, real in ports.items():
            text = text.replace(shown, real)
        return text.replace("PASSWORD", self.password)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    first = FirstStart(tmp_path_factory.mktemp("readme"))
    yield first
    first.server.close()


def converse(first: FirstStart, text: str, job: str) -> str:
    """Hold one conversation; answers the id of the job it speaks of."""
    start, *lines = text.splitlines()
    assert start == f"$ nc 127.0.0.1 {PORT}"
    with Line.to(first.server.port) as client:
        for line in lines:
            if line.startswith("> "):
                client.say(re.sub(r"\bID\b", job, first.put_in(line.removeprefix("> "))))
                continue
            heard = client.hears()
            if line == "OK#ID":
                job = heard.removeprefix("OK#")
                assert heard == f"OK#{job}"
            else:
                wanted = re.escape(line.replace('"ID":"ID"', f'"ID":"{job}"'))
                assert re.fullmatch(wanted.replace("…", ".*"), heard), heard
        assert client.rest() == b"\n"
    return job


def test_the_session_with_a_restart_in_between(tmp_path: Path) -> None:
    first = FirstStart(tmp_path)
    publishing, working = blocks("session")
    assert sum(text.count("\n> ") for text in (publishing, working)) <= 10
    try:
        job = converse(first, publishing, "")
        assert first.server.stop() == 0
        first.server.start()
        converse(first, working, job)
    finally:
        first.server.close()


def test_the_first_start_says_what_the_readme_shows(started: FirstStart) -> None:
    (shown,) = blocks("text")
    said = started.server.log.text.replace(started.password, "…")
    assert shown in said + "\n"


def test_the_python_lines_publish(started: FirstStart, tmp_path: Path) -> None:
    program, _ = blocks("python")
    heard = output([sys.executable, "-c", started.put_in(program)])
    assert heard.startswith("b'OK#"), heard


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The README's settings, with a hash made by its own command."""
    (hasher,) = [line for line in COMMANDS if line.startswith(HASHER)]
    made = output([sys.executable, *shlex.split(hasher)[1:]], said="a-password\n").strip()
    file = tmp_path / "jobyard.yml"
    file.write_text(blocks("yaml")[0].replace("PASTE_THE_HASH_HERE", f"'{made}'"))
    return file


def test_its_settings_serve_its_users(written: Path, tmp_path: Path) -> None:
    assert f"{COMMAND} serve --config jobyard.yml" in COMMANDS
    server = Server(tmp_path)
    server.environment["JOBYARD_PORT"] = "0"
    server.environment["JOBYARD_STORE"] = "memory"
    server.start("--config", str(written))
    try:
        with Line.to(server.port) as ada, Line.to(server.port) as board:
            ada.log_in("ada", "a-password", "shop").publish("q")
            board.log_in("board", "a-password", "shop")
            assert board.states("q") == ["pending"]
            assert board.ask("PUBLISH q t p") == "Err: forbidden"
            assert ada.ask("USE_GROUP office") == "Err: forbidden-group"
            board.log_in("root", "a-password", "office")
    finally:
        server.close()


@pytest.mark.parametrize("verb", ["check", "show"])
def test_its_settings_are_fine(written: Path, verb: str) -> None:
    assert f"{COMMAND} config {verb} jobyard.yml" in COMMANDS
    done = run("config", verb, written.name, home=written.parent)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_tls_lines_are_settings(tmp_path: Path) -> None:
    file = tmp_path / "tls.yml"
    file.write_text(blocks("yaml")[1])
    done = run("config", "check", file, home=tmp_path)
    paths = re.findall(r":\d+: ([\w.]+):", done.stdout)
    assert set(paths) <= {"tls.certificate", "tls.key", "users", "host"}, done.stdout


def test_every_setting_it_names_is_one() -> None:
    settings = yaml.safe_load((ROOT / "config/examples/jobyard.yml").read_text(encoding="utf-8"))
    named = re.findall(r"`([a-z]+\.[a-z_]+)(?:: [^`]+)?`", TEXT)
    paths = [name for name in named if name.partition(".")[0] in settings]
    assert {"lines.silence", "stop.grace", "store.path", "limits.output"} <= set(paths)
    for path in paths:
        section, _, key = path.partition(".")
        assert key in settings[section], path
    defaults = [
        ("lines", "silence", "300 s"),
        ("lines", "retry", "1800 s"),
        ("stop", "grace", "8 s"),
    ]
    for section, key, shown in defaults:
        assert f"`{section}.{key}` ({shown}" in TEXT
        assert shown == f"{settings[section][key]} s"


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("redis-cli")])
def test_its_redis_cli_lines(started: FirstStart, line: str) -> None:
    if shutil.which("redis-cli") is None:
        pytest.skip("not run: redis-cli is not installed")
    heard = output(["redis-cli", "--no-auth-warning", *shlex.split(started.put_in(line))[1:]])
    assert "ERR" not in heard
    assert heard.startswith(("OK#", '[{"ID"')), heard


def test_its_curl_lines_publish_and_take(started: FirstStart) -> None:
    if shutil.which("curl") is None:
        pytest.skip("not run: curl is not installed")
    lines = [line for line in COMMANDS if line.startswith("curl")]
    published, taken, listed = (
        json.loads(output(["curl", "-s", *shlex.split(started.put_in(line))[1:]])) for line in lines
    )
    assert [job["id"] for job in taken["jobs"]] == [published["job"]]
    assert "letters" in [queue["name"] for queue in listed["queues"]]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("make ")])
def test_its_make_lines_are_targets(line: str) -> None:
    words = ["make", "--dry-run", "--always-make", *shlex.split(line)[1:]]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ".venv" in done.stdout


def lines_of(verb: str) -> list[list[str]]:
    """What the README types after `jobyard` in its lines of one command."""
    start = f"{COMMAND} {verb}"
    return [shlex.split(line)[1:] for line in COMMANDS if line.startswith(start)]


def test_its_backup_of_a_running_server_can_be_served(started: FirstStart, tmp_path: Path) -> None:
    (words,) = lines_of("backup")
    with Line.to(started.server.port) as client:
        client.log_in("admin", started.password, "default").publish("kept", "copied")
    done = run(*words, home=tmp_path, variables={"JOBYARD_STORE": str(started.server.store)})
    assert (done.returncode, done.stderr) == (0, "")
    assert ["serve", "--store", words[-1]] in lines_of("serve")
    again = FirstStart(tmp_path, tmp_path / words[-1])
    try:
        with Line.to(again.server.port) as client:
            client.log_in("admin", again.password, "default")
            assert [job["Payload"] for job in client.jobs("kept")] == ["copied"]
    finally:
        again.server.close()


def test_its_rekey_lines_leave_a_store_for_the_new_secret(tmp_path: Path) -> None:
    first = FirstStart(tmp_path)
    server = first.server
    try:
        with Line.to(server.port) as client:
            client.log_in("admin", first.password, "default").publish("kept", "sealed")
        assert server.stop() == 0
        where = {"JOBYARD_STORE": str(server.store)}
        wrapping, anew = lines_of("rekey")
        assert run(*wrapping, home=tmp_path, variables=where, input="new\n").returncode == 0
        assert run(*anew, home=tmp_path, variables=where).returncode == 1
        secret = {"JOBYARD_SECRET": "new"}
        assert run(*anew, home=tmp_path, variables={**where, **secret}).returncode == 0
        server.environment.update(secret)
        server.start()
        with Line.to(server.port) as client:
            client.log_in("admin", first.password, "default")
            assert [job["Payload"] for job in client.jobs("kept")] == ["sealed"]
    finally:
        server.close()


def test_its_deployment_lines_name_what_there_is() -> None:
    unit = (ROOT / "config/examples/jobyard.service").read_text(encoding="utf-8")
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert "ExecStart=/opt/jobyard/bin/jobyard serve" in unit
    assert "--store /var/lib/jobyard" in unit
    assert "ExecReload=" in unit
    for line in COMMANDS:
        words = shlex.split(line)
        match words[0]:
            case "cp":
                assert (ROOT / words[1]).is_file()
            case "docker":
                assert words[1] == "compose"
                assert set(words[3:]) <= {*services, "--detach"}
            case "systemctl":
                assert words[-1] == "jobyard"
            case "/opt/jobyard/bin/pip":
                assert (ROOT / words[-1]).exists()
            case known:
                assert known in {"make", "curl", "redis-cli", "python3.11", HASHER, COMMAND}, line


def test_its_rights_are_the_settings() -> None:
    assert [row[0] for row, _ in table(TEXT, "right")] == ["publish", "work", "read", "manage"]


def test_its_links_lead_somewhere() -> None:
    anchors = {
        "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert target in anchors or (ROOT / target).exists(), target


def test_its_files_are_those_of_a_data_folder(started: FirstStart) -> None:
    listed = " ".join(" ".join(row) for row, _ in table(TEXT, "file"))
    found = {file.name for file in started.server.store.iterdir()}
    assert found
    for name in found:
        assert name in listed or name.removeprefix("jobyard.db") in listed.split(), name


def test_its_plain_claims_about_the_variables() -> None:
    assert "JOBYARD_LINES__SILENCE=1" in TEXT
    shown = subprocess.check_output(
        [sys.executable, "-m", "jobyard", "config", "show"],
        env=environment(Path(__file__).parent, {"JOBYARD_LINES__SILENCE": "1"}),
    )
    assert yaml.safe_load(shown)["lines"]["silence"] == 1
