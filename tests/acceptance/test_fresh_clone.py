"""A stranger's first minute: clone, `make run`, and a job server runs."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from tests.acceptance.line import Line
from tests.acceptance.served import ROOT, Log, environment

MINUTE: Final = 60.0


@pytest.mark.nightly
def test_a_fresh_clone_serves_within_a_minute(tmp_path: Path) -> None:
    git, make = shutil.which("git"), shutil.which("make")
    if git is None or make is None or not (ROOT / ".git").exists():
        pytest.skip("not run: needs git, make and a clone")
    clone = tmp_path / "clone"
    subprocess.run([git, "clone", "--quiet", ROOT, clone], check=True)
    variables = environment(tmp_path)
    del variables["PYTHONPATH"]
    began = time.monotonic()
    process = subprocess.Popen(
        [make, "run", "ARGS=--port 0"],
        cwd=clone,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log = Log(process.stderr)
    try:
        log.wait_for(lambda: log.event("serving") is not None, MINUTE)
        assert time.monotonic() - began < MINUTE
        said = log.event("serving")
        assert said is not None
        assert said["encrypted"] == "sqlcipher"
        (password,) = [line.split()[-1] for line in log.lines if "password  " in line]
        with Line.to(int(said["lines"][0].rpartition(":")[2])) as client:
            client.log_in("admin", password, "default").publish("q")
    finally:
        process.terminate()
        process.wait(MINUTE)
        log.finish()
