"""Logging in, selecting groups, and what is refused before."""

import pytest

from engine.access import Principal, Right
from engine.commands import TABLE, Publish
from engine.replies import OK, Published
from tests.frontends.scripted import FakeDoor, Talker, array, lines

CURRENT = (
    b'{"Username":"%b","Addr":"127.0.0.1:4711","CurrentGroup":"%b","IsWorker":false,"Groups":%b}\n'
)


def current(name: bytes, group: bytes, groups: bytes) -> bytes:
    return CURRENT % (name, group, groups)


def test_a_login_is_a_barrier() -> None:
    talker = Talker(Published("a"))
    talker.door.patient = True
    said = talker.say(b"AUTH user1 user1-secret\nUSE_GROUP group1\nPUBLISH q t p\n")
    assert (said, talker.session.held, talker.session.waiting) == (b"", True, 1)
    talker.door.dirtied.clear()
    talker.door.check()
    assert not talker.session.held
    assert talker.door.dirtied == [talker.session]
    assert talker.hear() == b"Welcome!\n"
    talker.run()
    assert talker.hear() == b"OK\nOK#a\n"


def test_the_barrier_falls_though_another_answer_is_still_due() -> None:
    talker = Talker().log_in()
    talker.door.patient = True
    talker.say(b"PUBLISH q t p\nAUTH user1 user1-secret\n")
    talker.door.dirtied.clear()
    talker.door.check()
    assert talker.door.dirtied == [talker.session]
    assert talker.hear() == b""
    assert not talker.session.held


def test_a_login_that_ends_after_the_connection_did_harms_nobody() -> None:
    talker = Talker()
    talker.door.patient = True
    talker.say(b"AUTH user1 user1-secret\n")
    talker.session.closed()
    talker.door.check()
    assert talker.session.principal is None


def test_a_failed_login_keeps_the_earlier_one() -> None:
    talker = Talker().log_in()
    assert talker.say(b"AUTH user2 wrong\nCURRENT_SESSION\n") == b"Err: invalid-creds\n" + current(
        b"user1", b"group1", b'["group1"]'
    )


def test_another_login_keeps_only_a_group_its_user_may_use() -> None:
    talker = Talker().log_in()
    said = talker.say(b"AUTH user2 user2-secret\nCURRENT_SESSION\nLIST_QUEUES\n")
    assert said == (
        b"Welcome!\n" + current(b"user2", b"", b'["group2","group3"]')
        + b"Err: group-non-selected\n"
    )  # fmt: skip
    assert talker.engine.asked == []
    talker = Talker().log_in()
    assert talker.say(b"AUTH superuser superuser-secret\nCURRENT_SESSION\n") == (
        b"Welcome!\n" + current(b"superuser", b"group1", b'["*"]')
    )


def test_what_the_user_before_subscribed_to_is_given_back() -> None:
    talker = Talker(OK).log_in()
    talker.say(b"SUBSCRIBE q\n")
    talker.session.queues.add(object())
    talker.say(b"AUTH user1 user1-secret\n")
    assert talker.engine.left == []
    talker.say(b"AUTH user2 user2-secret\n")
    assert talker.engine.left == [talker.session]


def test_the_rights_are_those_of_the_group_selected() -> None:
    talker = Talker(Published("a")).log_in("reader")
    talker.say(b"PUBLISH q t p\n")
    assert talker.engine.callers[0].rights == Right.READ
    talker.log_in("superuser", "group3")
    talker.say(b"PUBLISH q t p\n")
    assert (talker.engine.callers[1].group, talker.engine.callers[1].rights) == (
        "group3", Principal("x", admin=True).rights("group3"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"AUTH user1 wrong", b"invalid-creds"),
        (b"AUTH nobody x", b"invalid-creds"),
        (b"AUTH user1\xff user1-secret", b"invalid-creds"),
        (b"AUTH '' user1-secret", b"invalid-creds"),
        (b"AUTH user1", b"wrong-numbers-arguments"),
        (b"USE_GROUP group1", b"not-logged"),
        (b"COMMANDS", b"not-logged"),
        (b"PUBLISH", b"not-logged"),
        (b"HELLO 3", b"unknown-command"),
        (b"CLIENT ID", b"unknown-command"),
    ],
)
def test_before_login(line: bytes, answer: bytes) -> None:
    assert Talker().say(line + b"\n") == b"Err: " + answer + b"\n"


@pytest.mark.parametrize(
    ("local", "encrypted", "allowed", "answer"),
    [
        (True, False, False, b"Welcome!\n"),
        (False, True, False, b"Welcome!\n"),
        (False, False, True, b"Welcome!\n"),
        (False, False, False, b"Err: plaintext-refused\n"),
    ],
)
def test_a_password_in_clear_is_taken_from_this_machine_or_where_allowed(
    local: bool, encrypted: bool, allowed: bool, answer: bytes
) -> None:
    talker = Talker(settings=lines(plaintext_auth=allowed), local=local, encrypted=encrypted)
    assert talker.say(b"AUTH user1 user1-secret\n") == answer
    refused = talker.say(array(b"HELLO", b"3", b"AUTH", b"user1", b"user1-secret"))
    assert refused.startswith(b"-ERR plaintext-refused ") is (answer != b"Welcome!\n")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"USE_GROUP nope", b"Err: unknown-group"),
        (b"USE_GROUP GROUP1", b"Err: unknown-group"),
        (b"USE_GROUP group1\xff", b"Err: unknown-group"),
        (b"USE_GROUP group2", b"Err: forbidden-group"),
        (b"USE_GROUP", b"Err: wrong-numbers-arguments"),
        (b"USE_GROUP group1", b"OK"),
        (b"PUBLISH", b"Err: group-non-selected"),
        (b"LIST_JOBS q", b"Err: group-non-selected"),
    ],
)
def test_groups_are_told_apart(line: bytes, answer: bytes) -> None:
    talker = Talker()
    assert talker.say(b"AUTH user1 user1-secret\n" + line + b"\n") == b"Welcome!\n" + answer + b"\n"


def test_an_array_login_selects_the_only_group() -> None:
    talker = Talker(Published("a"))
    said = talker.say(array(b"AUTH", b"user1", b"user1-secret") + b"PUBLISH q t p\n")
    assert said == b"+Welcome!\r\nOK#a\n"
    assert talker.engine.asked == [Publish("q", "t", b"p", talker.session.settings.terms.options)]
    two = Talker()
    assert two.say(array(b"AUTH", b"user2", b"user2-secret") + b"LIST_QUEUES\n") == (
        b"+Welcome!\r\nErr: group-non-selected\n"
    )
    line = Talker()
    assert line.say(b"AUTH user1 user1-secret\nLIST_QUEUES\n").endswith(b"group-non-selected\n")


def test_an_administrator_has_the_only_group_there_is() -> None:
    door = FakeDoor()
    door.names = ["default"]
    talker = Talker(door=door)
    talker.say(array(b"AUTH", b"superuser", b"superuser-secret"))
    assert talker.session.group == "default"


def test_hello_switches_the_version_and_logs_in() -> None:
    talker = Talker()
    wrong = array(b"HELLO", b"3", b"AUTH", b"user1", b"wrong")
    assert talker.say(wrong).startswith(b"-ERR invalid-creds ")
    assert talker.session.protocol == 2
    said = talker.say(array(b"HELLO", b"3", b"AUTH", b"user1", b"user1-secret"))
    assert said.startswith(b"%7\r\n$6\r\nserver\r\n$7\r\njobyard\r\n")
    assert b"$5\r\nproto\r\n:3\r\n" in said
    assert (talker.session.protocol, talker.session.group) == (3, "group1")
    assert talker.say(array(b"HELLO", b"2")).startswith(b"*14\r\n")
    assert talker.say(array(b"HELLO", b"9")) == b"-NOPROTO unsupported protocol version\r\n"
    assert talker.session.protocol == 2


def test_hello_switches_the_version_before_login_and_lets_nobody_in() -> None:
    talker = Talker()
    assert talker.say(array(b"HELLO", b"3")).startswith(b"%7\r\n$6\r\nserver\r\n")
    assert talker.session.protocol == 3
    assert talker.say(array(b"LIST_QUEUES")).startswith(b"-ERR not-logged ")
    assert talker.session.principal is None


def test_redis_clients_are_answered_so_that_they_go_on() -> None:
    talker = Talker().log_in()
    number = b":%d\r\n" % talker.session.number
    for words, answer in [
        ([b"CLIENT", b"SETINFO", b"LIB-NAME", b"redis-py"], b"+OK\r\n"),
        ([b"client", b"id"], number),
        ([b"COMMAND"], b"*0\r\n"),
        ([b"COMMAND", b"COUNT"], b":%d\r\n" % (25 + len(TABLE))),
        ([b"SELECT", b"0"], b"+OK\r\n"),
        ([b"ECHO", b"a b"], b"$3\r\na b\r\n"),
    ]:
        assert talker.say(array(*words)) == answer
    assert talker.say(array(b"SELECT", b"1")).startswith(b"-ERR invalid-value ")
    assert talker.say(array(b"SELECT")).startswith(b"-ERR wrong-numbers-arguments ")
    assert talker.say(b"SELECT 0\n") == b"Err: unknown-command\n"
