"""The house of the project, read from its imports; and the reader itself, on houses gone wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import complaints, is_pure

ROOT = Path(__file__).parent.parent
TOP = {"engine", "frontends", "clients", "config", "tests"}


def read_house() -> dict[str, str]:
    sources: dict[str, str] = {}
    for folder in sorted(TOP):
        base = ROOT / "clients" if folder == "clients" else ROOT
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = ".".join(path.relative_to(base).with_suffix("").parts)
            sources[name] = path.read_text(encoding="utf-8")
    return sources


def test_the_house_is_in_order() -> None:
    sources = read_house()
    assert {name.split(".")[0] for name in sources} == {
        "engine", "frontends", "config", "jobyard", "tests",
    }  # fmt: skip
    assert complaints(sources) == []


def test_the_top_level_holds_the_fixed_folders_only() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not run: this is no git checkout")
    folders = {name.split("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    assert folders == {*TOP, ".ci"}


@pytest.mark.parametrize(
    ("imported", "unwanted"),
    [
        ("engine.commands", ("trio", "apsw", "socket")),
        ("engine.replies", ("trio", "apsw", "socket")),
        ("engine", ("trio", "apsw")),
        ("config", ("trio", "apsw")),
        ("jobyard", ("trio", "apsw", "quart")),
    ],
)
def test_what_an_import_loads(imported: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys, {imported}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'clients'}"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert imported in loaded.stdout.split()
    assert not set(unwanted).intersection(loaded.stdout.split())


def test_a_new_file_of_the_engine_is_pure_until_it_is_said_otherwise() -> None:
    assert is_pure("engine.something_new")
    assert is_pure("engine.queue_state.waiting")
    assert is_pure("engine.store.tables")
    assert is_pure("frontends.dialects.resp")
    assert not is_pure("engine.directory.routing")
    assert not is_pure("engine.store.sqlite.writer")
    assert not is_pure("frontends.lines.session")


KNOWN = (
    "engine.__init__", "engine.job", "engine.clock", "engine.directory", "engine.retry",
    "engine.queue_state.__init__", "engine.commands.__init__", "engine.store.sqlite",
    "engine.store.tables", "frontends.tcp.__init__", "frontends.http.__init__",
    "frontends.serve", "frontends.dialects.resp", "config.settings", "jobyard.command",
)  # fmt: skip

WRONG = [
    ("config.settings", "import engine", "may not import engine"),
    ("config.settings", "import trio", "may not import trio"),
    ("engine.job", "from frontends.dialects import resp", "may not import frontends.dialects.resp"),
    ("engine.job", "import trio", "may not import trio"),
    ("engine.job", "import trio.lowlevel as low", "may not import trio.lowlevel"),
    ("engine.job", "if TYPE_CHECKING:\n    import trio", "may not import trio"),
    ("engine.job", "def f():\n    import trio", "may not import trio"),
    ("engine.job", "from engine import clock", "may not import engine.clock"),
    ("engine.job", "from . import clock", "may not import engine.clock"),
    ("engine.job", "from .clock import now", "may not import engine.clock"),
    ("engine.job", "from engine import queue_state", "may not import engine.queue_state"),
    ("engine.job", "import engine", "may not import engine"),
    ("engine.job", "open('x')", "opens no file"),
    ("engine.job", "async def f(): ...", "nothing to wait for"),
    ("engine.queue_state", "from engine.store import sqlite", "may not import engine.store.sqlite"),
    ("engine.queue_state", "import time\nx = time.time()", "may not use time.time"),
    ("engine.queue_state", "import time as t\nx = t.time", "may not use time.time"),
    ("engine.queue_state", "from time import monotonic", "may not use time.monotonic"),
    ("engine.queue_state", "import uuid\nuuid.uuid4()", "may not use uuid.uuid4"),
    ("engine.queue_state", "import random\nrandom.random()", "may not use random"),
    ("engine.queue_state", "from secrets import token_hex", "may not use secrets.token_hex"),
    ("engine.queue_state", "from os import urandom", "may not use os.urandom"),
    (
        "engine.queue_state",
        "from datetime import datetime\ndatetime.now()",
        "may not use datetime.datetime.now",
    ),
    ("engine.hydration", "import trio", "may not import trio"),
    ("engine.directory", "import time\nx = time.monotonic()", "may not use time.monotonic"),
    ("engine.directory", "import trio\ntrio.to_thread.run_sync(f)", "may not use trio.to_thread"),
    ("engine.directory", "from trio import to_thread", "may not use trio.to_thread"),
    ("engine.directory", "import frontends.tcp", "may not import frontends.tcp"),
    (
        "engine.directory",
        "import importlib\nimportlib.import_module(x)",
        "computes what it imports",
    ),
    (
        "engine.directory",
        "import importlib\nimportlib.import_module('jobyard')",
        "may not import jobyard",
    ),
    ("engine.directory", "import tests", "ships and may not import tests"),
    ("frontends.dialects.resp", "import socket", "may not import socket"),
    ("frontends.dialects.resp", "import trio", "may not import trio"),
    ("frontends.dialects.resp", "import frontends.tcp", "may not import frontends.tcp"),
    ("frontends.dialects.resp", "from engine import directory", "may not import engine.directory"),
    ("frontends.tcp", "import frontends.http", "may not import frontends.http"),
    ("frontends.tcp", "from frontends import http", "may not import frontends.http"),
    ("frontends.tcp", "import frontends.serve", "may not import frontends.serve"),
    ("frontends.tcp", "import jobyard", "may not import jobyard"),
    ("frontends.tcp", "import engine.queue_state", "may not import engine.queue_state"),
    ("frontends.listening", "import frontends.tcp", "may not import frontends.tcp"),
    ("frontends.serve", "import jobyard.command", "may not import jobyard.command"),
    ("jobyard.command", "import engine", "may not import engine"),
    ("jobyard.command", "import frontends.serve", "may not import frontends.serve"),
    ("jobyard.command", "import engine.job", "may not import engine.job"),
    ("jobyard.command", "import config.settings", "may not import config.settings"),
    ("jobyard.command", "def f():\n    import engine.clock", "may not import engine.clock"),
    ("jobyard.command", "from jobyard.soak import house", "may not import jobyard.soak"),
    ("engine.job", "\n" * 301, "more than 300"),
    ("tests.engine.test_job", "\n" * 301, "more than 300"),
    ("engine.util", "", "a name that says nothing"),
    ("engine.queue_manager", "", "a name that says nothing"),
]


@pytest.mark.parametrize(("name", "text", "complaint"), WRONG)
def test_a_house_gone_wrong_is_told_so(name: str, text: str, complaint: str) -> None:
    sources = dict.fromkeys(KNOWN, "")
    package = f"{name}.__init__"
    sources[package if package in sources else name] = text
    found = complaints(sources)
    assert any(line.startswith(name) and complaint in line for line in found), found


FINE = [
    ("engine.job", "import attrs, msgspec\nfrom enum import StrEnum"),
    ("engine.queue_state", "from engine import job, retry\nfrom engine.store.tables import Row"),
    ("engine.queue_state", "def f(time):\n    return time.time()"),
    ("engine.hydration", "async def f(): ..."),
    ("engine.clock", "import time, trio\ntime.time()"),
    ("engine", "def __getattr__(name):\n    import importlib\n    importlib.import_module(name)"),
    ("engine", "def __getattr__(name):\n    from engine import directory"),
    ("engine.directory", "import trio\nfrom engine import clock, job, queue_state"),
    ("engine.store.sqlite", "import trio, apsw\ntrio.to_thread.run_sync(f)"),
    ("frontends.dialects.resp", "from engine.commands import Publish"),
    (
        "frontends.tcp",
        "import trio\nfrom engine import directory\nfrom frontends.dialects import resp",
    ),
    ("frontends.tcp", "from . import session"),
    ("frontends.engine_settings", "from engine.queue_state import QueueState"),
    (
        "frontends.serve",
        "import frontends.tcp, frontends.http, engine.store.sqlite, config.settings",
    ),
    ("jobyard.command", "from engine.commands import Publish\nfrom frontends.dialects import resp"),
    ("jobyard.command", "def serve():\n    from frontends import serve"),
    ("jobyard.command", "if TYPE_CHECKING:\n    from config import settings"),
    ("jobyard.command", "import time\ntime.time()"),
    ("jobyard.command", "def soak():\n    from jobyard.soak import house"),
    ("jobyard.soak.house", "import engine.clock, frontends.tcp, config.settings, jobyard.resp"),
    ("engine.job", "\n" * 300),
]


@pytest.mark.parametrize(("name", "text"), FINE)
def test_a_house_in_order_is_left_alone(name: str, text: str) -> None:
    sources = dict.fromkeys(KNOWN, "")
    package = f"{name}.__init__"
    sources[package if package in sources else name] = text
    assert complaints(sources) == []
