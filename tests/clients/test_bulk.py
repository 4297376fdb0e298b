"""Publishing the lines of stdin."""

import io
import sys

import pytest

from jobyard.blocking import BlockingClient
from jobyard.commands import bulk
from tests.clients.typing_commands import Said, Type


@pytest.fixture
def piped(typed: Type, queue: str, monkeypatch: pytest.MonkeyPatch) -> Type:
    def pipe(raw: bytes, *more: str) -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return typed("publish", queue, "t", "--lines", *more)

    return pipe


def test_each_line_is_a_job(piped: Type, queue: str, client: BlockingClient) -> None:
    lines = [b"%d" % n for n in range(2_500)] + [b"", b"\xff\x00\r", "é\u2028".encode(), b"last"]
    said = piped(b"\n".join(lines), "--priority", "3", "--delay", "60")
    assert (said.code, said.out, said.err) == (0, "2504\n", "")
    found, after = [], None
    while True:
        page = client.list(queue, after=after, limit=1_000)
        found += [job.payload for job in page.jobs]
        assert {(job.priority, job.state) for job in page.jobs} == {(3, "scheduled")}
        if (after := page.next) is None:
            break
    assert found == lines
    assert piped(b"", "-o", "json").json == {"published": 0}
    assert piped(b"one\n", "-o", "json").json == {"published": 1}


def test_long_lines_go_in_calls_of_their_own(
    piped: Type, queue: str, client: BlockingClient
) -> None:
    lines = [b"short", b"\0" * 2**20, b"\0" * 60_000, b"short", b'"' * 2**20, b"\xff"]
    assert piped(b"\n".join(lines)).out == "6\n"
    page = client.list(queue, limit=1_000)
    assert [job.payload for job in page.jobs] == lines


def test_what_was_published_before_a_refusal_is_told(
    piped: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_TOGETHER", 2)
    monkeypatch.setattr(bulk, "PAYLOAD_MAX", 5)
    said = piped(b"1\n2\n3\n12345\n123456\n")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "jobyard: 2 jobs were published before",
        "jobyard: a line is longer than 5 bytes",
    ]
    assert client.counts(queue).published == 2
    assert piped(b"x\ny", "--max-attempts", "0").code == 1


def test_lines_and_another_payload(piped: Type) -> None:
    assert piped(b"", "--file", "/nowhere").code == 2
