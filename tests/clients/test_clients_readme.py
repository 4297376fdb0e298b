"""The page on clients is run: its programs, its commands, and what they print."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from jobyard import errors
from jobyard.http.paths import NO_PATH
from jobyard.verbs import Verbs
from tests.acceptance.served import GROUP, PASSWORD, ROOT, USER, WITHIN, Server, settings
from tests.clients.kinds import http_port

TEXT: Final = (ROOT / "clients" / "README.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
PROGRAMS: Final = {
    text.partition("\n")[0].removeprefix("# "): text
    for kind, text in BLOCKS
    if kind in {"python", "jobyard"}
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The page's programs, beside a server that they find."""
    server = Server(tmp_path, settings(http={"port": 0})).start()
    (tmp_path / "url").write_text(f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{server.port}/{GROUP}")
    ports = {"8962": str(server.port), "8952": str(http_port(server))}
    for name, text in PROGRAMS.items():
        there = re.sub("8962|8952", lambda found: ports[found[0]], text)
        there = there.replace("PASSWORD", PASSWORD)
        if name.endswith(".py"):
            assert f"{USER}:{PASSWORD}" in there
            assert f"/{GROUP}" in there or f"/?group={GROUP}" in there
        (tmp_path / name).write_text(there)
    yield tmp_path
    server.close()


def start(folder: Path, line: str) -> "subprocess.Popen[str]":
    line, _, lines = line.partition("<")
    program, *words = line.split()
    module = {"python": [], "jobyard": ["-m", "jobyard"]}[program]
    own = {
        "PYTHONPATH": ":".join(map(os.path.abspath, sys.path)),
        "JOBYARD_URL": (folder / "url").read_text(),
    }
    with (folder / lines.strip() if lines else Path(os.devnull)).open() as stdin:
        return subprocess.Popen(
            [sys.executable, *module, *words], cwd=folder, text=True, stdin=stdin,
            stdout=subprocess.PIPE, env={**os.environ, **own},
        )  # fmt: skip


def test_every_command_of_the_page_prints_what_it_says(folder: Path) -> None:
    shown = [(kind, text) for kind, text in BLOCKS if kind in {"sh", "text"}]
    (worker_kind, worker_line), *rest = shown
    assert (worker_kind, worker_line) == ("sh", "jobyard work tasks:worker\n")
    assert [kind for kind, _ in rest] == ["sh", "text"] * (len(rest) // 2)
    with start(folder, worker_line) as worker:
        try:
            for (_, line), (_, printed) in zip(rest[::2], rest[1::2], strict=True):
                with start(folder, line) as program:
                    assert program.communicate(timeout=WITHIN)[0] == printed
                    assert program.returncode == 0
        finally:
            worker.send_signal(signal.SIGTERM)
        assert worker.wait(WITHIN) == 0


def test_the_page_names_what_http_cannot_do() -> None:
    said = re.search(r"raises `NotOverHttp`, (.*?)\. A `Worker`", TEXT, re.DOTALL)
    assert said is not None
    assert set(re.findall(r"`([A-Z_]+)`", said[1])) == NO_PATH.keys() - {"SUBSCRIBE_PUSH"}


def test_the_page_names_every_method_and_every_family() -> None:
    said = re.search(r"same methods: `([a-z_\s]+)`", TEXT)
    assert said is not None
    methods = {name for name in vars(Verbs) if not name.startswith("_")} - {"call"}
    assert set(said[1].split()) == methods
    families = re.search(r"families of codes: `([A-Za-z\s]+)`", TEXT)
    assert families is not None
    assert set(families[1].split()) == {kind.__name__ for kind in errors.FAMILIES.values()}
