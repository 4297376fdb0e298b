"""A disk that is really full, and then is not."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.line import Line
from tests.acceptance.served import Server, output, settings

SIZE: Final = 24 << 20
BLOCK: Final = 4096
LOW_WATER: Final = 4 << 20
RESUMES: Final = 5.0
"""Seconds within which a server notices that there is room again."""
PAYLOAD: Final = "x" * 200_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, as small as that."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("not run: mounting a small file system needs root")
    said = output([mount, "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", place])
    if not place.is_mount():
        pytest.skip(f"not run: cannot mount a small file system ({said.strip()})")
    yield place
    subprocess.run([umount, place], check=True)


@pytest.fixture
def server(tmp_path: Path, disk: Path) -> Iterator[Server]:
    said = settings(job_timeout=3600, store={"set_aside": 2 << 20, "low_water": LOW_WATER})
    made = Server(tmp_path, said)
    made.store = disk / "data"
    yield made.start()
    made.close()


def fill(disk: Path, leave: int) -> Path:
    """Something else takes the space."""
    room = os.statvfs(disk)
    size = max(0, room.f_bavail * room.f_frsize - leave)
    other = disk / "somebody-elses"
    with other.open("wb", buffering=0) as file, suppress(OSError):
        for _ in range(size // BLOCK):
            file.write(bytes(BLOCK))
    return other


def work_off(worker: Line, jobs: int) -> None:
    for _ in range(jobs):
        assert worker.update(worker.pushed()["ID"], "done") == "OK"


def test_publishing_stops_work_goes_on_and_both_resume(server: Server, disk: Path) -> None:
    with Line.to(server.port) as publisher, Line.to(server.port) as worker:
        publisher.log_in()
        worker.log_in()
        jobs = [publisher.publish("q") for _ in range(20)]
        other = fill(disk, LOW_WATER // 2)
        heard = [publisher.ask(f"PUBLISH q t {number}") for number in range(5)]
        assert "Err: storage-full" in heard
        assert publisher.ask("PUBLISH q t p") == "Err: storage-full"
        assert worker.ask("SUBSCRIBE q") == "OK"
        work_off(worker, 10)
        assert publisher.ask(f"DELETE_JOB {jobs[-1]}") == "OK"
        accepted = sum(each.startswith("OK#") for each in heard)
        work_off(worker, 9 + accepted)
        other.unlink()
        until = time.monotonic() + RESUMES
        while not (answer := publisher.ask("PUBLISH q t p")).startswith("OK#"):
            assert answer == "Err: storage-full"
            assert time.monotonic() < until, "publishing did not resume by itself"
        assert worker.pushed()["ID"] == answer.removeprefix("OK#")


def test_a_disk_without_a_byte_loses_nothing(server: Server, disk: Path) -> None:
    with Line.to(server.port) as publisher:
        publisher.log_in()
        kept: list[str] = []
        while (answer := publisher.ask(f"PUBLISH q t {PAYLOAD}")).startswith("OK#"):
            kept.append(answer.removeprefix("OK#"))
            assert len(kept) < SIZE / len(PAYLOAD)
        assert answer == "Err: storage-full"
        fill(disk, 0)
        assert publisher.ask("SUBSCRIBE q") == "OK"
        work_off(publisher, 5)
        assert publisher.pushed()["ID"] == kept[5]
        assert publisher.ask(f"DELETE_JOB {kept[-1]}") == "OK"
    server.kill()
    (disk / "somebody-elses").unlink()
    server.start()
    with Line.to(server.port) as publisher:
        publisher.log_in()
        found = {job["ID"]: job["State"] for job in publisher.jobs("q")}
    assert found == {
        **dict.fromkeys(kept[:5], "done"),
        **dict.fromkeys(kept[5:-1], "pending"),
    }
