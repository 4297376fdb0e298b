"""Dockerfile and compose.yaml, executed and checked without a container engine."""

import re
import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml

from jobyard import command
from jobyard.commands.simulating import simulate
from tests.containers import Compose, Elsewhere, argv, ignored, instructions, settings

ROOT = Path(__file__).parent.parent
DOCKERFILE = instructions((ROOT / "Dockerfile").read_text())
IGNORE = (ROOT / ".dockerignore").read_text()
PLACES = ("/etc/jobyard/config.yml", "/go/src/app/config.yml", "/jobengine/config.yml")
TOPS = ("/opt/venv", "/opt/jobyard", "/data", "/etc/jobyard", "/go/src/app", "/jobengine")


def every(word: str) -> list[str]:
    return [rest for name, rest in DOCKERFILE if name == word]


def the(word: str) -> str:
    (rest,) = every(word)
    return rest


def test_it_starts_from_the_slim_image_of_our_python() -> None:
    assert the("FROM") == "python:3.11-slim"


def test_it_runs_as_nobody_in_particular_and_keeps_its_jobs_in_a_volume() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", the("USER"))
    assert the("VOLUME") == "/data"
    words = [word for word, _ in DOCKERFILE]
    assert max(i for i, word in enumerate(words) if word == "RUN") < words.index("USER")


def test_clear_text_is_said_aloud() -> None:
    said = settings(the("ENV"))
    assert said["JOBYARD_HOST"] == "0.0.0.0"
    assert said["JOBYARD_INSECURE_PLAINTEXT"] == "true"
    assert said["JOBYARD_STORE"] == "/data"


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    for rest in every("COPY"):
        for name in rest.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert not ignored(IGNORE, name), name
    assert ignored(IGNORE, ".git")
    assert ignored(IGNORE, "tests")


def words_served(image: Elsewhere) -> list[str]:
    """Run the image's CMD with a `jobyard` that says what it was asked."""
    command = image.path("/opt/venv/bin/jobyard")
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    command.chmod(0o755)
    words = argv(image.text(the("CMD")))
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("there", [PLACES, PLACES[1:], PLACES[2:], ()])
def test_the_first_settings_found_are_used(tmp_path: Path, there: tuple[str, ...]) -> None:
    image = Elsewhere(tmp_path, TOPS)
    for file in map(image.path, there):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    wanted = ["--config", str(image.path(there[0]))] if there else []
    assert words_served(image) == ["serve", *wanted]


def test_a_folder_in_place_of_the_settings_is_not_passed_over(tmp_path: Path) -> None:
    """Mounting a file that is missing makes a folder; defaults instead would hide that."""
    image = Elsewhere(tmp_path, TOPS)
    folder = image.path(PLACES[0])
    folder.mkdir(parents=True)
    assert words_served(image) == ["serve", "--config", str(folder)]


def test_paths_of_the_image_are_found_elsewhere(tmp_path: Path) -> None:
    image = Elsewhere(tmp_path, TOPS)
    assert image.text("a /data b /database=/x/data") == f"a {tmp_path}/data b /database=/x/data"


def composed() -> Compose:
    return msgspec.convert(yaml.safe_load((ROOT / "compose.yaml").read_text()), Compose)


def test_compose_keeps_to_its_schema_and_to_loopback() -> None:
    found = composed()
    (service,) = [one for one in found.services.values() if not one.profiles]
    assert service.ports == ["127.0.0.1:8962:8962"]
    assert [volume.split(":")[1] for volume in service.volumes] == [the("VOLUME")]
    assert {port.split(":")[2] for port in service.ports} == set(the("EXPOSE").split())


def test_the_simulator_is_beside_the_server_and_takes_nothing_from_it() -> None:
    services = composed().services
    server, simulator = services["jobyard"], services["simulator"]
    assert (server.profiles, simulator.profiles) == ([], ["simulator"])
    assert simulator.image == server.image
    assert simulator.network_mode == "service:jobyard"
    assert simulator.depends_on["jobyard"].condition == "service_healthy"
    assert simulator.volumes == [f"{server.volumes[0]}:ro"]
    assert (simulator.ports, simulator.restart, simulator.read_only) == ([], "no", True)
    program, *words = simulator.command
    assert program in the("CMD")
    function, bound, _ = command.app.parse_args(words, exit_on_error=False, print_error=False)
    assert function is simulate
    assert bound.arguments["course"].through == "tcp,http"


@pytest.mark.parametrize(
    ("text", "replacement"),
    [
        ("service_healthy", "service_happy"),
        ("service:jobyard", "service:nobody"),
        ("      jobyard:\n        condition", "      nobody:\n        condition"),
        ('"127.0.0.1:8962:8962"', '"8962:8962"'),
        ('"127.0.0.1:8962:8962"', '"0.0.0.0:8962:8962"'),
        ("restart: unless-stopped", "restart: sometimes"),
        ("read_only: true", "read_only: please"),
        ("init: true", "inti: true"),
        ("jobs:/data", "jobz:/data"),
        ("stop_grace_period: 15s", "stop_grace_period: soon"),
        ("name: jobyard", "name: Job Yard"),
    ],
)
def test_a_compose_file_gone_wrong_is_seen(text: str, replacement: str) -> None:
    source = (ROOT / "compose.yaml").read_text()
    assert text in source
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(yaml.safe_load(source.replace(text, replacement, 1)), Compose)


def test_a_word_that_is_no_instruction_is_seen() -> None:
    with pytest.raises(ValueError, match="RUUN"):
        instructions("FROM x\nRUUN y")
