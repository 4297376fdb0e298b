"""The files round the code: locks, Makefile, .ci/run."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(*names: str) -> dict[str, str]:
    lines = [line for name in names for line in (ROOT / name).read_text().splitlines()]
    pins = [line for line in lines if line and not line.startswith(("#", "-r "))]
    found = [re.fullmatch(r"([a-z0-9][a-z0-9-]*)==([0-9][0-9a-z.]*)", pin) for pin in pins]
    assert all(found), "a lock line names one version of one package and nothing else"
    return {match[1]: match[2] for match in found if match}


def assert_locked(requirements: list[str], pins: dict[str, str]) -> None:
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{name} stands in no lock"
        assert requirement.specifier.contains(pins[name]), f"{requirement} against {pins[name]}"


def test_the_runtime_lock_answers_every_dependency() -> None:
    assert_locked(PROJECT["project"]["dependencies"], locked("requirements.lock"))


def test_the_development_lock_answers_every_development_dependency() -> None:
    pins = locked("requirements.lock", "requirements-dev.lock")
    assert_locked(PROJECT["dependency-groups"]["dev"], pins)


def test_the_mutation_lock_answers_what_changes_the_engine() -> None:
    pins = locked("requirements.lock", "requirements-dev.lock", "requirements-mutation.lock")
    assert_locked(PROJECT["dependency-groups"]["mutation"], pins)


def test_the_build_is_pinned() -> None:
    for requirement in map(Requirement, PROJECT["build-system"]["requires"]):
        assert re.fullmatch(r"==[0-9.]+", str(requirement.specifier)), requirement


def test_a_dependency_outside_its_lock_is_seen() -> None:
    with pytest.raises(AssertionError, match="stands in no lock"):
        assert_locked(["left-pad"], {"trio": "0.35.0"})
    with pytest.raises(AssertionError, match="against"):
        assert_locked(["trio>=1"], {"trio": "0.35.0"})


TARGETS = (
    "run", "test", "test-nightly", "test-browser", "screenshots", "check", "format", "bench",
    "scoreboard", "mutants", "fuzz",
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_its_targets(target: str) -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "-m venv .venv" in plan.stdout
    assert "requirements.lock" in plan.stdout


MADE = ["made check", "made test", "made test-browser"]


def run_ci(folder: Path, *, failing: str) -> subprocess.CompletedProcess[str]:
    """Run `.ci/run` with a make of our own that fails for one target."""
    (folder / ".ci").mkdir()
    script = folder / ".ci" / "run"
    script.write_text((ROOT / ".ci" / "run").read_text())
    tools = folder / "tools"
    tools.mkdir()
    for name in ("redis-cli", "beanstalkd", "cc", "chromium", "apt-get"):
        (tools / name).write_text("#!/bin/sh\nexit 0\n")
    (tools / "make").write_text(f'#!/bin/sh\necho "made $2"\n[ "$2" != "{failing}" ]\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    return subprocess.run(
        ["bash", str(script)],
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_ci_runs_check_and_the_tests(tmp_path: Path) -> None:
    done = run_ci(tmp_path, failing="nothing")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [*MADE, "passed: check test test-browser"]


@pytest.mark.parametrize("failing", ["check", "test", "test-browser"])
def test_ci_fails_when_one_of_them_fails_and_still_runs_the_others(
    tmp_path: Path, failing: str
) -> None:
    done = run_ci(tmp_path, failing=failing)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [*MADE, f"failed: {failing}"]


FOREIGN = re.compile(
    rb"--(?:extra-)?index-url|pypi[.]org|files[.]pythonhosted"
    rb"|[.][.][/]shared|(?<![\w.}])/(?:work|tmp|root)/[A-Za-z]"
)


def test_no_file_names_a_package_registry_or_a_folder_of_its_builder() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not run: this is no git checkout")
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    found = [path for path in paths if path.is_file() and FOREIGN.search(path.read_bytes())]
    assert not found


@pytest.mark.parametrize("tail", ["pypi" + ".org", ".." + "/shared", " /" + "work/main"])
def test_such_a_name_would_be_seen(tail: str) -> None:
    assert FOREIGN.search(f"see{tail}".encode())


@pytest.mark.parametrize("page", ["SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    for target in links:
        assert target.startswith("https://") or (ROOT / target).exists(), target
