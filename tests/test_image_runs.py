"""The Dockerfile's RUN, HEALTHCHECK and CMD lines, executed in an empty folder."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import frozen

from tests.benchmarks.servers import free_port
from tests.containers import Elsewhere, argv, settings
from tests.test_image import DOCKERFILE, ROOT, TOPS, the

STAND_INS = {
    "groupadd": "exit 0",
    "useradd": "exit 0",
    "python": f'exec "{sys.executable}" "$@"',
    # Changing owners needs root; everything else of `install` happens.
    "install": 'for word do shift; case $word in --owner=*|--group=*) ;; *) set -- "$@" "$word";;'
    ' esac; done; exec /usr/bin/env -u PATH install "$@"',
}
PATIENCE = 30.0


@frozen
class Built:
    image: Elsewhere
    environment: dict[str, str]
    workdir: Path

    def run(self, rest: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            argv(self.image.text(rest)), cwd=self.workdir, env=self.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip


def copy(rest: str, into: Path) -> None:
    *names, place = rest.split()
    for name in names:
        source, target = ROOT / name, into / place
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


def build(root: Path) -> Built:
    """Carry out the file, line by line, the way a builder would."""
    tools = root / "stand-ins"
    tools.mkdir()
    for name, script in STAND_INS.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("JOBYARD_", "PYTHON", "VIRTUAL_ENV", "COV_"))
    }  # fmt: skip
    kept["PATH"] = f"{tools}:/usr/bin:/bin"
    built = Built(Elsewhere(root / "image", TOPS), kept, root)
    for place in ("/data", "/opt"):
        built.image.path(place).parent.mkdir(parents=True, exist_ok=True)
    for word, rest in DOCKERFILE:
        if word == "WORKDIR":
            workdir = built.image.path(rest)
            workdir.mkdir(parents=True)
            built = Built(built.image, built.environment, workdir)
        elif word == "COPY":
            copy(rest, built.workdir)
        elif word == "ENV":
            told = {name: built.image.text(value) for name, value in settings(rest).items()}
            built.environment.update(told)
        elif word == "RUN":
            done = built.run(rest)
            assert done.returncode == 0, f"{rest}\n{done.stdout}{done.stderr}"
    return built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("build"))


def test_the_image_installs_without_the_folder_it_came_from(built: Built) -> None:
    python = built.image.path("/opt/venv/bin/python")
    program = "import engine, frontends, config, jobyard; print(engine.__file__)"
    found = subprocess.run(
        [python, "-c", program], cwd="/", env={}, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(built.image.path("/opt/venv/lib")))


def test_the_volume_is_for_its_owner_only(built: Built) -> None:
    assert built.image.path("/data").stat().st_mode & 0o777 == 0o700


def test_it_serves_is_healthy_and_stops(built: Built) -> None:
    port = free_port()
    check = the("HEALTHCHECK").partition(" CMD ")[2].replace("8962", str(port))
    assert built.run(check).returncode != 0
    environment = {**built.environment, "JOBYARD_PORT": str(port)}
    log = built.workdir / "log"
    with log.open("wb") as spoken:
        server = subprocess.Popen(
            argv(built.image.text(the("CMD"))),
            cwd=built.workdir, env=environment, stdout=spoken, stderr=spoken,
        )  # fmt: skip
        try:
            end = time.monotonic() + PATIENCE
            while built.run(check).returncode != 0:
                assert server.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE) == 0, log.read_text()
        finally:
            server.kill()
            server.wait()
    assert list(built.image.path("/data").iterdir())
