"""P4: what is counted, what is said of peers that are not there, and the row against our server."""

import json
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.benchmarks import python_rates
from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load, LoadError
from tests.benchmarks.peers.catalogue import PEERS, Environments, Peer, last_line
from tests.benchmarks.peers.enqueue import enqueue
from tests.benchmarks.python_rates import Rates, lines, rate, watch
from tests.benchmarks.python_rates import python_rates as row

BROKEN = Peer("broken", ("python", "-c", "pass"))


@pytest.fixture
def ended() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.exit(3)"])
    process.wait()
    return process


def test_what_comes_first_is_not_counted() -> None:
    samples = [(10.0, 0), (10.1, 1), (10.5, 10), (11.0, 60), (12.0, 160)]
    assert rate(samples, warm=0.5) == pytest.approx(150 / 1.5)


def test_what_ends_before_counting_begins_is_counted_whole() -> None:
    assert rate([(10.0, 0), (10.25, 50)], warm=0.5) == pytest.approx(200)
    assert rate([(10.0, 0), (10.25, 50), (11.0, 50)], warm=0.5) == pytest.approx(50)


def test_enqueuing_ends_after_its_time() -> None:
    clock = count(step=1.0)
    # One look at the clock starts it, one goes before each call, one says how long it took.
    assert enqueue(lambda _: 10, 3.0, 1_000, lambda: next(clock)) == {"rate": 5.0, "waiting": 30}


def test_enqueuing_ends_after_its_count() -> None:
    clock = count(step=1.0)
    assert enqueue(len, 1e9, 150, lambda: next(clock)) == {"rate": 200 / 3, "waiting": 300}


def test_a_worker_that_ended_is_no_figure(tmp_path: Path, ended: "subprocess.Popen[bytes]") -> None:
    tally = tmp_path / "tally"
    tally.write_bytes(b"..")
    with pytest.raises(LoadError, match="ended with status 3 after 2 jobs"):
        watch(tally, ended, waiting=3, seconds=1)


def test_a_worker_that_ended_with_its_work_is_one(
    tmp_path: Path, ended: "subprocess.Popen[bytes]"
) -> None:
    tally = tmp_path / "tally"
    tally.write_bytes(b"...")
    (begun, none), (done, all_of_them) = watch(tally, ended, waiting=3, seconds=1)
    assert (none, all_of_them) == (0, 3)
    assert done > begun


def test_the_fastest_peer_comes_first_and_the_missing_are_named() -> None:
    fast, slow, absent = (Peer(name, ()) for name in ("fast", "slow", "absent"))
    theirs = {slow: [Rates(9, 10)], absent: [], fast: [Rates(1, 30), Rates(1, 20)]}
    found = lines("work", "working", [Rates(0, 100)], theirs, {absent: "absent is gone"})
    assert [(line.against, line.peer, line.reached) for line in found] == [
        ("fast", (30, 20), False),
        ("slow", (10,), True),
        ("absent is gone", (), None),
    ]


def test_without_redis_every_peer_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    environments = Environments(tmp_path / "peers")
    assert {environments.missing(peer) for peer in PEERS} == {"redis-server is not installed"}
    assert not environments.place.exists()


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_that_cannot_be_installed_is_named(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(words: list[str], **_: object) -> SimpleNamespace:
        return SimpleNamespace(returncode=1, stderr="so much\nno such thing\n\n", stdout="")

    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", refuse)
    why = Environments(tmp_path).missing(peer)
    assert why == f"{peer.name} could not be installed: no such thing"


def test_a_peer_is_installed_once_for_its_pins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[list[str]] = []

    def take(words: list[str], **_: object) -> SimpleNamespace:
        (tmp_path / PEERS[0].name).mkdir(exist_ok=True)
        steps.append(words)
        return SimpleNamespace(returncode=0, stderr="", stdout="")

    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(subprocess, "run", take)
    environments = Environments(tmp_path)
    assert [environments.missing(PEERS[0]) for _ in range(2)] == ["", ""]
    assert [words[2] for words in steps] == ["venv", "pip"]
    (tmp_path / PEERS[0].name / "pins.txt").write_text("others==1\n")
    assert environments.missing(PEERS[0]) == ""
    assert len(steps) == 4


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_what_is_installed_has_fixed_versions(peer: Peer) -> None:
    pins = peer.pins.read_text().split()
    assert any(pin.startswith(f"{peer.name}==") for pin in pins)
    assert all(pin.count("==") == 1 for pin in pins)


def test_the_last_line_is_what_went_wrong() -> None:
    assert last_line("one\n two \n\n") == "two"
    assert last_line("\n") == "it said nothing"


def test_the_row_is_measured_on_our_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_rates, "MOST", 1_000)
    monkeypatch.setattr(Environments, "missing", lambda self, peer: f"{peer.name} is not here")
    figures = list(row(Bench(tmp_path, Load(tmp_path / "none", 20), rounds=1)))
    assert [figure.against for figure in figures] == [
        f"{peer.name} is not here" for peer in PEERS
    ] * 2
    assert all(figure.ours[0] > 0 and figure.reached is None for figure in figures)
    assert json.dumps([figure.as_json() for figure in figures])


def test_a_peer_that_fails_says_how(tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    side = python_rates.Side(BROKEN, Path(sys.executable).parent, 1, tally)
    with pytest.raises(LoadError, match="enqueuing failed: ModuleNotFoundError"):
        side.run(1)
