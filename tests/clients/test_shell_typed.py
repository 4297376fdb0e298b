"""The shell as somebody types: what it keeps, what it completes, and Ctrl-C."""

import io
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from engine.commands import BY_WORD
from jobyard import command
from jobyard.blocking import BlockingClient
from jobyard.commands import shell_history, showing
from jobyard.commands.shell_completion import Completing, candidates
from jobyard.commands.shell_history import BYTES_MAX, LINES_MAX, Lines
from jobyard.commands.shell_names import JOBS_MAX, QUEUES_MAX, Names
from jobyard.job import Job, Page, Published
from tests.clients.typing_commands import Type, published
from tests.clients.yard import NEVER, Line, Yard


class Terminal(io.StringIO):
    """What is written to somebody who watches."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PipeInput]:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(shell_history, "place", lambda: tmp_path / "state" / "history")
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        yield typed


def test_lines_are_said_and_kept_but_for_some(
    typed: Type, keys: PipeInput, client: BlockingClient, queue: str, tmp_path: Path
) -> None:
    keys.send_text(f"publish {queue} t\rAUTH ada nonsense\rget nothing\r# MY PASSWORD\r")
    keys.send_text("half\x03quit\r")
    said = typed("shell")
    assert said.code == 0
    assert "unknown-job" in said.err
    assert client.counts(queue).published == 1
    path = tmp_path / "state" / "history"
    assert path.read_text() == f"publish {queue} t\nget nothing\nquit\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_line_of_before_comes_back(typed: Type, keys: PipeInput, queue: str) -> None:
    keys.send_text(f"publish {queue} t\r\x04")
    assert typed("shell").code == 0
    keys.send_text("\x1b[A\r\x04")
    assert len(typed("shell").out.split()) == 1


def test_tab_completes(
    typed: Type, keys: PipeInput, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete = Completing.get_completions

    def and_type_on(
        self: Completing, document: Document, event: CompleteEvent
    ) -> Iterator[Completion]:
        yield from complete(self, document, event)
        keys.send_text("\r\x04")

    monkeypatch.setattr(Completing, "get_completions", and_type_on)
    published(typed, queue, "t")
    keys.send_text(f"counts -o json {queue[:-2]}\t")
    said = typed("shell")
    assert (said.code, said.err) == (0, "")
    assert said.json["states"]["ready"] == 1


@pytest.mark.parametrize("waiting", ["WAIT job-1 WAIT 60", "wait job-1 --timeout 60"])
def test_ctrl_c_ends_the_command_and_not_the_shell(
    typed: Type, keys: PipeInput, waiting: str
) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(_: Line, __: list[bytes]) -> bytes:
        signal.pthread_kill(main, signal.SIGINT)
        return NEVER

    with Yard() as yard:
        yard.scripts["WAIT"] = interrupt
        yard.scripts["DESCRIBE_ALL"] = lambda _, __: b"-ERR forbidden no\r\n"
        yard.publish("q", "t")
        keys.send_text(f"{waiting}\rcounts q -o json\rquit\r")
        said = typed("shell", "--url", yard.url)
        assert (said.code, said.json["states"]["ready"]) == (0, 1)
        assert said.err.startswith("jobyard: canceled; ")
        assert yard.heard["HELLO"] == 2


def test_answers_have_colours_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, bright = io.StringIO(), Terminal()
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for out in (plain, bright):
        monkeypatch.setattr(sys, "stdout", out)
        showing.say_json({"text": "[red]\x1b[2J" + "long " * 100})
    assert plain.getvalue().startswith('{\n  "text": "[red]\\u001b[2J')
    assert "\x1b[2J" not in bright.getvalue()
    assert "\x1b[" in bright.getvalue()
    assert bright.getvalue().count("\n") == plain.getvalue().count("\n") == 3


def test_a_history_that_grew_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("x" * BYTES_MAX + "\n" + "".join(f"{n}\n" for n in range(LINES_MAX + 5)))
    path.chmod(0o644)
    loaded = list(Lines(path).load_history_strings())
    assert loaded == [str(n) for n in reversed(range(5, LINES_MAX + 5))]
    assert path.read_text().split("\n")[0] == "5"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(Lines(path).load_history_strings()) == loaded


@pytest.mark.parametrize("line", ["", "  ", "AUTH a b", "use Token", "a\nb", "x jobyard://a:b@c"])
def test_lines_that_are_not_kept(tmp_path: Path, line: str) -> None:
    lines = Lines(tmp_path / "history")
    lines.append_string(line)
    assert lines.get_strings() == []
    assert not (tmp_path / "history").exists()


def test_no_history_where_there_can_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_text("of another\n")
    (tmp_path / "history").symlink_to(other)
    lines = Lines(tmp_path / "history")
    lines.append_string("get x")
    assert (list(lines.load_history_strings()), lines.get_strings()) == ([], ["get x"])
    assert other.read_text() == "of another\n"
    assert "not kept" in capsys.readouterr().err
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDWR)
    assert list(Lines(tmp_path / "pipe").load_history_strings()) == []
    os.close(reader)


NAMES = Names()
NAMES.met((b"COUNTS", b"mail box"), None)
NAMES.met((b"GET", b"job-1"), None)


@pytest.mark.parametrize(
    ("line", "some", "none"),
    [
        ("", ["help", "use", "quit", "publish", "queue", *BY_WORD], ["serve", "work", "shell"]),
        ("counts ", ["mail box"], ["job-1"]),
        ("get ", ["job-1"], ["mail box"]),
        ("get -", ["--output", "-o"], ["--url", "--group"]),
        ("get x -o ", ["json"], ["job-1"]),
        ("list q --state ", ["failed"], []),
        ("explain --queue ", ["mail box"], ["job-1"]),
        ("publish q t --delay 3 --", ["--priority"], ["*"]),
        ("queue ", ["purge", "retry"], ["mail box"]),
        ("queue purge ", ["mail box"], ["purge"]),
        ("queue nonsense ", [], ["purge"]),
        ("ENQUEUE ", ["mail box"], ["DELAY"]),
        ("enqueue q ", [], ["mail box", "DELAY"]),
        ("enqueue q t p ", ["DELAY", "REQUEST_ID"], []),
        ("enqueue q t p DELAY ", [], ["DELAY"]),
        ("DONE ", ["job-1"], []),
        ("help ", ["publish", "DONE"], ["help"]),
        ("nonsense ", [], ["help"]),
        ("quit ", [], ["help"]),
    ],
)
def test_what_may_follow(line: str, some: Sequence[str], none: Sequence[str]) -> None:
    found = set(candidates(line.split(" "), command.app, NAMES))
    assert set(some) <= found
    assert not found.intersection(none)


def test_a_name_with_a_space_is_quoted() -> None:
    completing = Completing(command.app, NAMES)
    found = completing.get_completions(Document("counts ma"), CompleteEvent())
    assert [(one.text, one.start_position) for one in found] == [("'mail box'", -2)]


def test_names_are_learned_from_answers_and_bounded() -> None:
    names = Names()
    job = Job(id="j4", queue="q", type="t", state="ready")
    names.met((b"ENQUEUE", b"q1"), Published("j1"))
    names.met((b"enqueue", b"q2"), {"job": "j2"})
    names.met((b"RESERVE", b"q2"), {"jobs": [{"id": "j3"}]})
    names.met((b"LIST", b"q2"), Page((job,)))
    names.met((b"ENQUEUE_MANY", b"q2"), (Published("j5"), Published("j5")))
    names.met((b"DESCRIBE_ALL",), {"queues": [{"name": "q3"}, None]})
    names.met((b"PING",), "PONG")
    assert names.queues == ["q1", "q2", "q3"]
    assert names.jobs == ["j5", "j4", "j3", "j2", "j1"]
    for number in range(QUEUES_MAX + 1):
        names.met((b"ENQUEUE", b"%d" % number), Published(str(number)))
    assert (len(names.queues), len(names.jobs)) == (QUEUES_MAX, JOBS_MAX)
    names.forget()
    assert (names.queues, names.jobs) == ([], [])
