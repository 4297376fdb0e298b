"""What is too long, what is no line protocol, and the pause that ends a command."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import Publish
from engine.replies import Published
from frontends.dialects.jobatator import Terms
from tests.frontends.scripted import Talker, array, lines

TOO_LONG = b"Err: line-too-long\n"


def test_a_line_before_login_is_short() -> None:
    talker = Talker()
    assert talker.say(b"x" * 1024 + b"\n") == b"Err: unknown-command\n"
    assert talker.say(b"x" * 1025) == TOO_LONG
    assert talker.session.closing
    assert talker.say(b"\nPING\n") == b""


def test_in_test_mode_it_may_be_long() -> None:
    talker = Talker(settings=lines(test_mode=True))
    assert talker.say(b"DEBUG_PARTS " + b"x" * 2000 + b"\n") == b'["DEBUG_PARTS","%b"]\n' % (
        b"x" * 2000
    )


def test_a_long_line_after_a_login_in_the_same_packet_is_measured_after_it() -> None:
    line = b"AUTH user1 user1-secret\nUSE_GROUP group1\nPUBLISH q t " + b"x" * 5000 + b"\n"
    talker = Talker(Published("a"))
    talker.door.patient = True
    assert talker.say(line) == b""
    talker.door.check()
    talker.run()
    assert talker.hear() == b"Welcome!\nOK\nOK#a\n"


def test_after_login_a_line_has_room_for_the_payload() -> None:
    talker = Talker(Published("a")).log_in()
    head = b"PUBLISH q t "
    assert talker.say(head + b"x" * (1 << 20) + b"\n") == b"OK#a\n"
    assert talker.say(head + b"x" * ((1 << 20) + 1) + b"\n") == b"Err: payload-too-large\n"
    bound = (1 << 20) + (1 << 16)
    assert talker.say(head + b"x" * (bound - len(head)) + b"\n") == b"Err: payload-too-large\n"
    assert talker.say(b"PING\n" + head + b"x" * (bound - len(head) + 1)) == b"PONG\n" + TOO_LONG
    assert talker.session.closing


def test_arrays_have_the_same_bounds_in_their_own_form() -> None:
    talker = Talker()
    said = talker.say(array(b"PING") + b"*1\r\n$1025\r\n")
    assert said == b"+PONG\r\n-ERR line-too-long the request is longer than allowed\r\n"
    assert talker.session.closing
    talker = Talker()
    assert talker.say(b"*1025\r\n").startswith(b"-ERR line-too-long ")
    talker = Talker()
    assert talker.say(b"*1\r\nPING\r\n").startswith(b"-ERR protocol-error ")
    assert talker.session.closing


def test_the_last_words_wait_for_the_answers_before_them() -> None:
    talker = Talker().log_in()
    assert talker.say(b"PUBLISH q t p\n*1\r\nx\r\n") == b""
    assert not talker.session.closing
    talker.engine.answer(Published("a"))
    assert talker.hear().startswith(b"OK#a\n-ERR protocol-error ")
    assert talker.session.closing


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"POST /gateway H"])
def test_http_and_tls_are_closed_without_a_word(first: bytes) -> None:
    talker = Talker()
    assert talker.say(first) == b""
    assert talker.session.closing
    assert talker.door.dirtied == [talker.session]
    assert talker.say(b"PING\n") == b""


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"\0", b"unknown-command"),
        (b"\xff\xfe", b"unknown-command"),
        (b"PUBLISH a\0b t p", b"invalid-name"),
        (b"PUBLISH q\xff t p", b"invalid-name"),
        (b"PUBLISH q t\x01 p", b"invalid-name"),
        (b"PUBLISH '' t p", b"invalid-name"),
        (b"PUBLISH " + b"q" * 201 + b" t p", b"invalid-name"),
        ("PUBLISH q\x85 t p".encode(), b"invalid-name"),
        (b"PUBLISH q\xed\xa0\x80 t p", b"invalid-name"),
        (b"SUBSCRIBE ''", b"invalid-name"),
        (b"UNSUBSCRIBE q\0", b"invalid-name"),
        (b"LIST_JOBS q\xff", b"invalid-name"),
        (b"RECURRENT_JOB q '' '* * * * *'", b"invalid-name"),
        (b"UPDATE_JOB \xff done", b"unknown-job"),
        (b"UPDATE_JOB '' done", b"unknown-job"),
        (b"UPDATE_JOB " + b"x" * 65 + b" done", b"unknown-job"),
        (b"DELETE_JOB " + "é".encode(), b"unknown-job"),
        (b"DELETE_RECURRENT_JOB abc", b"unknown-recurrent-job"),
        (b"DELETE_RECURRENT_JOB -1", b"unknown-recurrent-job"),
        (b"DELETE_RECURRENT_JOB 1_0", b"unknown-recurrent-job"),
        ("DELETE_RECURRENT_JOB ٣".encode(), b"unknown-recurrent-job"),
        ("DELETE_RECURRENT_JOB ²".encode(), b"unknown-recurrent-job"),
        (b"DELETE_RECURRENT_JOB 9007199254740992", b"unknown-recurrent-job"),
        (b"DELETE_RECURRENT_JOB " + b"9" * 5000, b"unknown-recurrent-job"),
        (b"RECURRENT_JOB q t " + b"*" * 201, b"invalid-cron;longer than 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(line: bytes, answer: bytes) -> None:
    talker = Talker().log_in()
    assert talker.say(line + b"\n") == b"Err: " + answer + b"\n"
    assert talker.engine.asked == []


def test_a_payload_may_be_any_bytes_and_a_type_empty() -> None:
    talker = Talker(Published("a"), Published("b")).log_in()
    raw = bytes(range(256)).replace(b"\n", b"")
    talker.say(b"PUBLISH q '' '" + raw.replace(b"'", b"") + b"'\n")
    talker.say(array(b"PUBLISH", b"q", b"t", bytes(range(256))))
    first, second = talker.engine.asked
    assert isinstance(first, Publish)
    assert isinstance(second, Publish)
    assert (first.type, first.payload) == ("", raw.replace(b"'", b""))
    assert second.payload == bytes(range(256))


@pytest.mark.parametrize(
    ("before", "sent", "answer"),
    [
        (b"", b"PING ", b"PONG\n"),
        (b"", b"PIN ", b"Err: unknown-command\n"),
        (b"", b"PING x ", b"Err: wrong-numbers-arguments\n"),
        (b"", b" ", b"Err: unknown-command\n"),
        (b"PING\n", b"PING ", b"PONG\n"),
        (b"PING\n", b"HELP PING ", None),
        (b"PING\n", b"PING x ", b""),
        (b"PING\n", b"PIN ", b""),
        (b"PING\n", b"PUBLISH q t ", b""),
        (b"PING\n", b"AUTH user1 user1-secret ", b"Welcome!\n"),
        (b"", b"AUTH user1 'x ", b""),
        (b"", b"PING", b""),
        (b"", b"*1\r\n$1\r\n ", b""),
    ],
)
def test_a_pause_after_a_space_ends_a_command(
    before: bytes, sent: bytes, answer: bytes | None
) -> None:
    talker = Talker()
    talker.say(before)
    assert talker.session.deadline is None
    assert talker.say(sent) == b""
    deadline = talker.session.deadline
    waits = sent.endswith(b" ") and not sent.startswith(b"*")
    assert deadline == (talker.now + 0.05 if waits else None)
    talker.session.silence(talker.now + 0.05)
    assert talker.session.deadline is None
    talker.run()
    assert talker.session.deadline is None  # nothing new came
    heard = talker.hear()
    assert heard == answer if answer is not None else heard.startswith(b'{"Name":"PING"')
    if answer == b"":
        assert talker.say(b"\n") != b"" or sent.startswith(b"*")


def test_bytes_within_the_pause_go_on_with_the_command() -> None:
    talker = Talker(Published("a")).log_in()
    talker.say(b"PUBLISH q t ")
    first = talker.session.deadline
    talker.now += 0.03
    talker.say(b"'a ")
    assert talker.session.deadline == talker.now + 0.05
    assert first is not None
    assert talker.say(b"b'\n") == b"OK#a\n"
    assert talker.session.deadline is None


def test_the_pause_is_not_looked_at_while_a_login_runs() -> None:
    talker = Talker()
    talker.door.patient = True
    talker.say(b"AUTH user1 user1-secret\nPING ")
    assert talker.session.deadline is None
    talker.session.silence(talker.now)
    talker.door.check()
    talker.session.receive(b"")
    talker.run()
    assert talker.session.deadline == talker.now + 0.05
    talker.session.silence(talker.now + 0.05)
    assert talker.hear() == b"Welcome!\nPONG\n"


STREAM = (
    b"FOO\r\nPING\nPUBLISH q t 'a b'\n" + array(b"PUBLISH", b"q", b"t", b"\r\n*1\r\n")
    + b"LIST_NOTHING x\nPUBLISH q t\n" + array(b"PING", b"x") + b"DEBUG_PARTS a  b' c\n"
    + array(b"DEBUG_PARTS", b"a\nb") + b"USE_GROUP group2\nAUTH user1 no\nQUIT\nPING\n"
)  # fmt: skip


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_split_of_the_bytes_gives_the_same_answers(cuts: list[int]) -> None:
    settings = lines(test_mode=True)
    whole = Talker(Published("a"), Published("b"), settings=settings).log_in()
    answers = whole.say(STREAM)
    assert answers.count(b"\n") == 13
    ends = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in pairwise(ends)]
    split = Talker(Published("a"), Published("b"), settings=settings).log_in()
    assert split.say(*pieces) == answers
    assert split.engine.asked == whole.engine.asked
    assert split.session.closing


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    talker = Talker(settings=lines(test_mode=True, terms=Terms(payload=64)))
    for chunk in chunks:
        talker.say(chunk)
        talker.session.silence(talker.now)
        talker.hear()
    talker.say(b"\n")
    talker.session.closed()
