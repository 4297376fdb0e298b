"""The operations of the example, and the worker that they make."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from jobyard import examples
from jobyard.blocking import BlockingClient
from jobyard.examples import encoder
from jobyard.examples.arithmetic import DEPTH_MAX, LENGTH_MAX, calculate, shown
from jobyard.examples.fibonacci import N_MAX, fibonacci
from jobyard.examples.reverse import backwards, characters
from jobyard.testing import VirtualEngine
from tests.acceptance.served import WITHIN, Server
from tests.clients.conftest import url_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("16 / 4 / 2", "2"),
        ("2 * -3", "-6"),
        ("--2", "2"),
        ("-(2 + +3)", "-5"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 8", "0.125"),
        ("-1 / 8", "-0.125"),
        ("7 / 3", "7/3"),
        ("1/3 * 3", "1"),
        ("0 * 5", "0"),
        ("100", "100"),
        ("\t1\n+ 1 ", "2"),
        ("9" * LENGTH_MAX, "9" * LENGTH_MAX),
        ("(" * DEPTH_MAX + "1" + ")" * DEPTH_MAX, "1"),
    ],
)
def test_arithmetic(text: str, value: str) -> None:
    assert calculate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 +", "1 2", "(1", "1)", "()", "1 / 0", "1 / (2 - 2)", "* 1", "1 ** 2", "1e9",
        ".5", "5.", "1_000", "٣", "²", "x", "__import__('os')", "1\0", "nan", "\u00a01", "1,5",
        "9" * (LENGTH_MAX + 1), "(" * 900, "-" * 900 + "1", "1\x0b+1",
    ],
)  # fmt: skip
def test_what_is_no_arithmetic(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        calculate(text)


@given(st.fractions(), st.fractions(), st.sampled_from("+-*/"))
def test_it_agrees_with_fractions(left: Fraction, right: Fraction, sign: str) -> None:
    told = f"{left.numerator}/{left.denominator}", f"({right.numerator}/{right.denominator})"
    if sign == "/" and not right:
        return
    value = {"+": left + right, "-": left - right, "*": left * right}.get(sign)
    assert calculate(f"({told[0]}) {sign} {told[1]}") == shown(
        left / right if value is None else value
    )
    assert Fraction(shown(left)) == left


def test_fibonacci() -> None:
    this, after = 0, 1
    for n in range(300):
        assert fibonacci(str(n)) == str(this)
        this, after = after, this + after
    assert len(fibonacci(f" {N_MAX}\n")) == 2_090


@pytest.mark.parametrize(
    "text", ["", "-1", "1.0", "1_0", "٣", "²", "10001", "9" * 5_000, "x", "1\0"]
)
def test_no_such_number(text: str) -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        fibonacci(text)


@pytest.mark.parametrize(
    "pieces",
    [
        ["a", "b", "c"],
        ["e\u0301", "x"],
        ["n\u0303\u0323", "o"],
        ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "!"],
        ["\U0001f44d\U0001f3fd", "\U0001f44d"],
        ["\U0001f1eb\U0001f1f7", "\U0001f1e9\U0001f1ea", "\U0001f1ea"],
        ["\u2764\ufe0f\u200d\U0001f525", "a"],
        ["\U0001f3f4\U000e0067\U000e0062\U000e007f", "b"],
        ["1\ufe0f\u20e3", "2"],
        ["\u0915\u093f", "\u0924"],
        ["a", "\r\n", "b", "\n", "\u0301"],
        ["\ud55c", "\uad6d"],
    ],
)
def test_what_looks_like_one_character_stays_whole(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert list(characters(text)) == pieces
    assert backwards(text) == "".join(reversed(pieces))
    assert backwards("") == ""


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert "".join(characters(text)) == text
    assert sorted(backwards(text)) == sorted(text)


def test_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "bcrypt", None)
    first, second = encoder.encode("pässword"), encoder.encode("pässword")
    assert first != second
    assert PasswordHasher().verify(first, "pässword")
    with pytest.raises(ValueError, match="empty"):
        encoder.encode("")
    fake = SimpleNamespace(gensalt=lambda: b"$2b$", hashpw=lambda raw, salt: salt + raw)
    monkeypatch.setattr(encoder, "bcrypt", fake)
    assert encoder.encode("word") == "$2b$word"
    with pytest.raises(ValueError, match="72"):
        encoder.encode("ä" * 37)


@pytest.fixture
def engine() -> Iterator[VirtualEngine]:
    with VirtualEngine() as engine:
        yield engine


def test_the_worker_does_them_all(engine: VirtualEngine) -> None:
    for kind, payload in [
        ("arithmetic", b"6 * 7"), ("fibonacci", b"90"), ("reverse", "héy".encode()),
        ("encoder", b"secret"),
    ]:  # fmt: skip
        engine.publish(examples.QUEUE, kind, payload)
    answers = [job.result for job in engine.drain(examples.worker)]
    assert answers[:3] == [b"42", b"2880067194370816120", "yéh".encode()]
    assert answers[3] is not None
    assert b"secret" not in answers[3]


@pytest.mark.parametrize("payload", [b"1 +", b"\xff", b"1" * (examples.LONGEST + 1)])
def test_what_cannot_be_done_is_not_tried_again(engine: VirtualEngine, payload: bytes) -> None:
    engine.publish(examples.QUEUE, "arithmetic", payload)
    [failed] = engine.drain(examples.worker)
    assert (failed.state, failed.failures) == ("failed", 1)


def test_it_runs_as_it_is_typed(server: Server, client: BlockingClient) -> None:
    made = client.publish(examples.QUEUE, "reverse", "abc")
    process = started(server)
    try:
        assert client.wait(made.job, WITHIN).result == b"cba"
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN) == 0
    finally:
        process.kill()
        process.wait()


def started(server: Server) -> "subprocess.Popen[bytes]":
    environment = {
        "JOBYARD_URL": url_of(server),
        "PYTHONPATH": ":".join(map(os.path.abspath, sys.path)),
    }
    line = [sys.executable, "-m", "jobyard", "work", "jobyard.examples:worker"]
    return subprocess.Popen(line, env={**os.environ, **environment})
