"""The shell on a pipe, against the real server."""

import io
import json
import sys
from collections.abc import Callable

import pytest

from engine.commands import BY_WORD
from jobyard.blocking import BlockingClient
from jobyard.commands.shell_line import LINE_MAX
from tests.acceptance.served import GROUP, PASSWORD, USER
from tests.clients.typing_commands import Said, Type
from tests.clients.yard import NEVER, Line, Yard

Pipe = Callable[..., Said]


@pytest.fixture
def piped(typed: Type, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    def pipe(*lines: str | bytes, to: tuple[str, ...] = ()) -> Said:
        raw = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return typed("shell", *to)

    return pipe


def test_words_and_commands_share_one_connection(piped: Pipe, queue: str) -> None:
    said = piped(
        "# what follows is held by this very connection", "",
        f"ENQUEUE {queue} resize 'two words' PRIORITY -3",
        f"reserve {queue}", f"list {queue} --state reserved -o json",
        f'publish {queue} other "it\'s" --delay 60', f"counts {queue} -o json", "PING",
    )  # fmt: skip
    assert (said.code, said.err) == (0, "")
    made, after = json.JSONDecoder().raw_decode(said.out)
    rest = said.out[after:].lstrip()
    held, after = json.JSONDecoder().raw_decode(rest)
    rest = rest[after:].lstrip()
    listed, after = json.JSONDecoder().raw_decode(rest)
    printed, counted = rest[after:].lstrip().split("\n", 1)
    assert [job["payload"] for job in held["jobs"]] == ["two words"]
    assert [job["id"] for job in listed] == [made["job"]]
    assert (held["jobs"][0]["priority"], len(printed.split())) == (-3, 1)
    counts, after = json.JSONDecoder().raw_decode(counted)
    assert (counts["states"]["reserved"], counts["states"]["scheduled"]) == (1, 1)
    assert counted[after:] == "\nPONG\n"


def test_every_line_is_said_and_the_first_refusal_is_the_exit_code(
    piped: Pipe, queue: str, client: BlockingClient
) -> None:
    said = piped("get nothing", "serve", f"publish {queue} t", "quit", f"publish {queue} t")
    assert said.code == 1
    assert said.err.splitlines() == [
        "jobyard: unknown-job: there is no such job in this group",
        "jobyard: serve is none of the shell: type `jobyard serve`",
    ]
    assert client.counts(queue).published == 1
    assert piped("serve", "get nothing").code == 2
    assert piped().code == 0


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("NONSENSE", 1, "unknown-command"),
        ("get", 2, ""),
        ("get x --url jobyard://x", 2, "of the shell"),
        ("get x --group other", 2, "of the shell"),
        ("WAIT x WAIT 1e999", 1, "invalid-value: WAIT: is no number"),
        ("WAIT x WAIT ٣", 1, "invalid-value: WAIT: is no number"),
        ("RESERVE q LIMIT 1_000", 1, "invalid-value: LIMIT: "),
        ("ENQUEUE", 1, "wrong-numbers-arguments"),
        ("ENQUEUE_MANY q " + "[" * 100_000, 1, "invalid-value: ENQUEUE_MANY: JSON: "),
        ("ENQUEUE q\0 t x", 1, "invalid-name"),
        ("get 'open", 2, "left open"),
        ("HELLO 2", 2, "greeted already"),
        ("use", 2, "another number of words"),
        ("use nowhere", 1, "unknown-group"),
        ("help nonsense", 2, "no such word"),
        ("work tasks:worker", 2, "none of the shell"),
        (b"GET \xff\xfe", 1, "invalid-value"),
    ],
)
def test_what_is_refused(piped: Pipe, line: str | bytes, code: int, sentence: str) -> None:
    said = piped(line, "PING")
    assert said.code == code
    assert sentence in said.err + said.out
    assert said.out.endswith("PONG\n")


def test_a_line_without_end(piped: Pipe) -> None:
    said = piped("x" * (LINE_MAX + 1), "PING")
    assert (said.code, said.out) == (2, "PONG\n")


HOSTILE = b"\x1b]0;owned\x07\xc2\x9b31m\xff"


def test_hostile_answers_are_escaped(piped: Pipe, queue: str, client: BlockingClient) -> None:
    client.publish(queue, "t", HOSTILE)
    client.publish(queue, "\u202e", "\u202e\x9b")
    said = piped(f"reserve {queue} LIMIT 2", f"list {queue}", f"get {HOSTILE!r}", "ECHO '\x1b[2J'")
    assert all(line.isprintable() for line in (said.out + said.err).split("\n"))
    assert '"payload_base64"' in said.out
    assert said.out.endswith("\\x1b[2J\n")


def test_a_payload_keeps_its_bytes(piped: Pipe, queue: str, client: BlockingClient) -> None:
    said = piped(b"ENQUEUE " + queue.encode() + b' t "\xff\xfe \xc3\xa9"')
    assert client.get(json.loads(said.out)["job"]).payload == b"\xff\xfe \xc3\xa9"


def test_a_command_that_reads_stdin_takes_what_is_left(
    piped: Pipe, queue: str, client: BlockingClient
) -> None:
    said = piped("PING", f"publish {queue} t -", "PING", "no line, but payload")
    pong, job = said.out.splitlines()
    assert (said.code, pong) == (0, "PONG")
    assert client.get(job).payload == b"PING\nno line, but payload"


def test_what_is_pushed_is_shown_with_the_next_answer(piped: Pipe, queue: str) -> None:
    said = piped(f"SUBSCRIBE_PUSH {queue}", f"ENQUEUE {queue} t pushed", "PING")
    assert said.code == 0
    _, _, pushed = said.out.partition('"job",\n')
    assert '"payload": "pushed"' in pushed
    assert pushed.endswith("PONG\n")


def test_use_and_auth_hold_after_the_connection_was_lost(piped: Pipe) -> None:
    heard: list[list[bytes]] = []

    def hear(_: Line, words: list[bytes]) -> bytes:
        heard.append(words)
        return b"+OK\r\n"

    with Yard() as yard:

        def cut(_: Line, __: list[bytes]) -> bytes:
            yard.cut()
            return NEVER

        yard.scripts |= {"HELLO": hear, "USE_GROUP": hear, "AUTH": hear, "EXPLAIN": cut}
        lines = ("use other", "AUTH eve apple", "EXPLAIN x", "AUTH bob pear")
        assert piped(*lines, to=("--url", yard.url)).code == 3
    assert heard[-3:] == [
        [b"HELLO", b"3", b"AUTH", b"eve", b"apple"],
        [b"USE_GROUP", b"other"],
        [b"AUTH", b"bob", b"pear"],
    ]


def test_the_session_is_the_users_and_its_password_is_never_shown(piped: Pipe) -> None:
    said = piped("CURRENT_SESSION", f"use {GROUP}", f"AUTH {USER} {PASSWORD}", f"AUTH {USER} no")
    assert json.JSONDecoder().raw_decode(said.out)[0]["CurrentGroup"] == GROUP
    assert PASSWORD not in said.out + said.err
    assert "invalid-creds" in said.err


def test_help_knows_every_word(piped: Pipe) -> None:
    listed = piped("help").out
    for name in (*BY_WORD, "publish", "recur", "use GROUP"):
        assert f"\n{name} " in listed
    assert "\nserve " not in listed
    assert piped("help ENQUEUE").out.startswith("ENQUEUE queue type payload [PRIORITY value]")
    assert "Usage: jobyard queue purge " in piped("help queue purge").out


def test_nobody_there(piped: Pipe) -> None:
    assert piped("PING", to=("--url", "jobyard://127.0.0.1:1")).code == 3
