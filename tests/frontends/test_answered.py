"""What commands of the line protocol come to, counted as their answers leave."""

from engine.replies import OK, Code, Refused
from frontends.answered import Answered
from frontends.dialects.answers import Denied, Said
from frontends.dialects.jobatator import Terms
from frontends.lines.outbox import LINE, Outbox


def test_answers_are_counted_as_they_leave() -> None:
    answered = Answered()
    box = Outbox(Terms(), lambda: None, answered)
    slots = [box.reserve(LINE, 10) for _ in range(5)]
    slots[1].send(Refused(Code.UNKNOWN_JOB))
    assert box.take() == b""
    assert answered.total() == 0
    slots[0].send(Said(b"hello"))
    slots[2].send(Denied("unknown-command"))
    assert box.take().count(b"\n") == 3
    assert +answered == {"ok": 1, "unknown-job": 1, "unknown-command": 1}
    slots[3].send(Said(b"goodbye"))
    slots[3].last = True
    slots[4].send(OK)
    assert box.take() == b"goodbye\n"
    assert +answered == {"ok": 2, "unknown-job": 1, "unknown-command": 1}


def test_boxes_that_share_a_count_add_up() -> None:
    answered = Answered()
    for _ in range(3):
        box = Outbox(Terms(), lambda: None, answered)
        box.reserve(LINE, 1).send(Said(b"x"))
        box.take()
    assert answered == {"ok": 3}
