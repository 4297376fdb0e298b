"""Answers in the order of requests, and pushes between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.access import Peer
from engine.commands import Publish, Subscribe
from engine.replies import OK, Code, Published, Refused
from tests.frontends.scripted import Talker, array, job, lines, pushed

PUBLISH = b"PUBLISH q t p\n"


def test_answers_keep_the_order_of_requests() -> None:
    talker = Talker().log_in()
    assert talker.say(PUBLISH * 3 + b"PING\n") == b""
    talker.engine.answer(Published("c"), 2)
    talker.engine.answer(Published("b"), 1)
    assert talker.hear() == b""
    talker.engine.answer(Published("a"))
    assert talker.hear() == b"OK#a\nOK#b\nOK#c\nPONG\n"


def test_a_slot_is_taken_before_the_work_starts() -> None:
    talker = Talker(Published("a")).log_in()  # answered inside submit
    assert talker.say(b"FOO\n" + PUBLISH + b"PING\n") == b"Err: unknown-command\nOK#a\nPONG\n"


def test_the_answer_goes_first_then_the_push() -> None:
    talker = Talker().log_in()
    assert talker.say(b"SUBSCRIBE q\n") == b""
    talker.engine.answer(OK)
    talker.push(job())
    assert talker.hear() == b"OK\n" + pushed() + b"\n"


def test_a_push_is_not_kept_back_by_a_command_that_waits() -> None:
    talker = Talker().log_in()
    talker.say(b"SUBSCRIBE q\n" + PUBLISH)
    talker.engine.answer(OK)
    talker.push(job())
    assert talker.hear() == b"OK\n" + pushed() + b"\n"
    talker.engine.answer(Published("a"))
    assert talker.hear() == b"OK#a\n"


def test_a_push_never_overtakes_the_answer_to_its_subscribe() -> None:
    talker = Talker().log_in()
    talker.say(PUBLISH + b"SUBSCRIBE q\n" + PUBLISH)
    talker.engine.answer(OK, 1)
    talker.push(job())
    assert talker.hear() == b""
    talker.engine.answer(Published("a"))
    assert talker.hear() == b"OK#a\nOK\n" + pushed() + b"\n"
    talker.engine.answer(Published("b"))
    assert talker.hear() == b"OK#b\n"


def test_a_push_leaves_at_once_when_nothing_before_it_is_answered() -> None:
    talker = Talker().log_in()
    talker.say(PUBLISH)
    talker.push(job("x"))
    talker.push(job("y"))
    assert talker.hear() == pushed("x") + b"\n" + pushed("y") + b"\n"
    talker.engine.answer(Published("a"))
    talker.push(job("z"))
    assert talker.hear() == b"OK#a\n" + pushed("z") + b"\n"


@given(st.lists(st.sampled_from(["ask", "answer", "late", "push", "hear"]), max_size=30))
def test_whatever_crosses_the_order_holds(steps: list[str]) -> None:
    talker = Talker().log_in()
    asked = pushes = answered = 0
    before: dict[int, int] = {}
    said = b""
    for step in steps:
        if step == "ask":
            said += talker.say(b"SUBSCRIBE q\n")
            asked += 1
        elif step in {"answer", "late"} and talker.engine.open:
            place = 0 if step == "answer" else len(talker.engine.open) - 1
            talker.engine.answer(OK, place)
            answered += 1
        elif step == "push":
            before[pushes] = answered
            talker.push(job(f"j{pushes}"))
            pushes += 1
        elif step == "hear":
            said += talker.hear()
    while talker.engine.open:
        talker.engine.answer(OK)
    said += talker.hear()
    heard = said.decode().splitlines()
    assert heard.count("OK") == asked
    order = [line for line in heard if line != "OK"]
    assert order == [pushed(f"j{number}").decode() for number in range(pushes)]
    for number in range(pushes):
        at = heard.index(pushed(f"j{number}").decode())
        assert heard[:at].count("OK") >= before[number]


def test_dirty_is_said_once_until_the_output_is_taken() -> None:
    talker = Talker().log_in()
    talker.door.dirtied.clear()
    talker.say(PUBLISH * 3)
    assert talker.door.dirtied == []
    talker.engine.answer(Published("b"), 1)
    assert talker.door.dirtied == []
    talker.engine.answer(Published("a"))
    talker.push(job())
    assert talker.door.dirtied == [talker.session]
    talker.hear()
    talker.engine.answer(Published("c"))
    talker.push(job())
    assert talker.door.dirtied == [talker.session] * 2


def test_a_second_answer_to_one_slot_changes_nothing() -> None:
    talker = Talker().log_in()
    talker.say(PUBLISH)
    slot = talker.engine.open[0]
    slot.send(Published("a"))
    slot.send(Published("b"))
    assert talker.hear() == b"OK#a\n"
    slot.send(Published("c"))
    assert talker.hear() == b""


def test_unanswered_commands_hold_the_connection() -> None:
    talker = Talker(settings=lines(unanswered=3)).log_in()
    session = talker.session
    assert talker.say(PUBLISH * 5) == b""
    assert (session.held, session.waiting, len(talker.engine.asked)) == (True, 3, 3)
    assert session.turn(64) is True
    assert len(talker.engine.asked) == 3
    assert session.in_flight == 3 * (len(PUBLISH) - 1)
    talker.engine.answer(Published("b"), 1)
    assert session.held  # an answer that waits for the one before it counts too
    talker.engine.answer(Published("a"))
    assert talker.hear() == b"OK#a\nOK#b\n"
    assert (session.held, session.waiting, session.in_flight) == (False, 1, len(PUBLISH) - 1)
    talker.run()
    assert len(talker.engine.asked) == 5


def test_a_turn_runs_no_more_than_its_limit() -> None:
    talker = Talker()
    talker.session.receive(b"PING\n" * 5)
    assert talker.session.turn(2) is True
    assert talker.hear() == b"PONG\n" * 2
    assert talker.session.turn(2) is True
    assert talker.session.turn(2) is False
    assert talker.hear() == b"PONG\n" * 3


def test_each_request_is_answered_in_its_own_form() -> None:
    talker = Talker(Published("a"), Published("b"), Refused(Code.UNKNOWN_JOB)).log_in()
    said = talker.say(
        PUBLISH
        + array(b"PUBLISH", b"q", b"t", b"x\r\n'y")
        + array(b"DELETE_JOB", b"z")
        + b"PING\n"
        + array(b"ping")
    )
    sentence = b"-ERR unknown-job there is no such job in this group\r\n"
    assert said == b"OK#a\n+OK#b\r\n" + sentence + b"PONG\n+PONG\r\n"
    asked = talker.engine.asked[1]
    assert isinstance(asked, Publish)
    assert asked.payload == b"x\r\n'y"


def test_a_push_has_the_form_of_its_subscribe() -> None:
    talker = Talker(OK, OK, OK).log_in()
    bulk = b"$%d\r\n%b\r\n" % (len(pushed()), pushed())
    assert talker.say(array(b"SUBSCRIBE", b"q"), b"SUBSCRIBE r\n") == b"+OK\r\nOK\n"
    talker.push(job())
    talker.push(job(queue="r"))
    assert talker.hear() == b"*2\r\n$3\r\njob\r\n" + bulk + pushed() + b"\n"
    assert talker.say(array(b"HELLO", b"3"), array(b"SUBSCRIBE", b"r")).endswith(b"+OK\r\n")
    talker.push(job(queue="r"))
    talker.push(job())
    assert talker.hear() == b">2\r\n$3\r\njob\r\n" + bulk + b"*2\r\n$3\r\njob\r\n" + bulk


def test_a_refused_subscribe_changes_no_form() -> None:
    talker = Talker(OK, Refused(Code.FORBIDDEN)).log_in()
    assert talker.say(b"SUBSCRIBE q\n" + array(b"SUBSCRIBE", b"q")).startswith(
        b"OK\n-ERR forbidden"
    )
    talker.push(job())
    assert talker.hear() == pushed() + b"\n"


def test_after_unsubscribe_a_line_subscribe_gets_lines() -> None:
    talker = Talker(OK, OK, OK).log_in()
    talker.say(array(b"SUBSCRIBE", b"q") + array(b"UNSUBSCRIBE", b"q") + b"SUBSCRIBE q\n")
    talker.push(job())
    assert talker.hear() == pushed() + b"\n"


def test_the_session_is_the_peer_of_its_commands() -> None:
    talker = Talker(OK).log_in()
    talker.say(b"SUBSCRIBE q\n")
    who = talker.engine.callers[0]
    peer = who.peer
    assert isinstance(peer, Peer)
    assert peer is talker.session
    assert (who.group, peer.name, peer.address, peer.single, peer.grace) == (
        "group1", "user1", "127.0.0.1:4711", True, 0.0,
    )  # fmt: skip
    assert talker.engine.asked == [Subscribe("q")]


def test_a_connection_that_is_gone_is_told_once() -> None:
    talker = Talker().log_in()
    talker.say(PUBLISH)
    talker.session.closed()
    talker.session.closed()
    assert talker.engine.left == [talker.session]
    talker.engine.answer(Published("a"))
    talker.push(job())


@pytest.mark.parametrize("form", [b"QUIT\n", array(b"QUIT")])
def test_quit_closes_after_everything_before_it(form: bytes) -> None:
    talker = Talker().log_in()
    assert talker.say(PUBLISH + form + b"PING\n") == b""
    assert not talker.session.closing
    talker.engine.answer(Published("a"))
    assert talker.hear() == b"OK#a\n" + (b"\n" if form == b"QUIT\n" else b"+OK\r\n")
    assert talker.session.closing
    assert talker.say(b"PING\n") == b""


def test_a_session_whose_user_is_gone_is_closed_with_a_line() -> None:
    talker = Talker().log_in()
    talker.say(b"PING\n" + PUBLISH)
    talker.session.logout("session-closed")
    assert talker.say(b"PING\n") == b"Err: session-closed\n"
    assert (talker.session.closing, talker.session.waiting) == (True, 0)
    talker.engine.answer(Published("a"))
    assert talker.hear() == b""
