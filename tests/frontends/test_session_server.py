"""Help, health, sessions, and what test mode opens."""

import json

import pytest

from engine.commands import TABLE, Dump, Health, RetryAllNow
from engine.replies import OK, HealthCounts, Queues
from tests.frontends.scripted import FakeDoor, Talker, array, lines

MEMBERS = [
    ("user1", '["group1"]'), ("user2", '["group2","group3"]'), ("superuser", '["*"]'),
    ("nogroups", "null"), ("reader", '["group1"]'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"HELP ", b"Err: unknown-command\n"),
        (b"HELP NOPE", b"Err: unknown-command\n"),
        (b"HELP ping", b"Err: unknown-command\n"),
        (b"HELP HELP", b"Err: unknown-command\n"),
        (b"HELP COMMANDS", b"Err: unknown-command\n"),
        (b"PING ", b"Err: wrong-numbers-arguments\n"),
        (b" PING", b"Err: unknown-command\n"),
        (b"'PING'", b"PONG\n"),
        (b"'PING", b"Err: unknown-command\n"),
        (b"pInG", b"PONG\n"),
        (b"p\xc4\xb1ng", b"Err: unknown-command\n"),
    ],
)
def test_words_that_need_no_login(line: bytes, answer: bytes) -> None:
    assert Talker().say(line + b"\n") == answer


def test_help_lists_with_no_name_or_two() -> None:
    talker = Talker()
    listed = talker.say(b"help\n")
    assert listed.startswith(b'["AUTH","USE_GROUP","PUBLISH",')
    assert talker.say(b"HELP A B\n") == listed
    assert talker.say(array(b"HELP")) == b"$%d\r\n%b\r\n" % (len(listed) - 1, listed[:-1])


def test_commands_lists_everything() -> None:
    talker = Talker().log_in()
    names = json.loads(talker.say(b"COMMANDS\n"))
    assert names[:25] == json.loads(talker.say(b"HELP\n"))
    assert set(names) == {*names[:25], "HELP", "COMMANDS", *(row.word for row in TABLE.values())}
    assert json.loads(talker.say(b"COMMANDS reserve\n"))["Name"] == "RESERVE"
    assert talker.say(b"COMMANDS PING\n") == talker.say(b"HELP PING\n")
    assert talker.say(b"COMMANDS nope\n") == b"Err: unknown-command\n"


def test_a_locked_server_opens_nothing() -> None:
    talker = Talker()
    for line, answer in [
        (b"DEBUG", b"test-mode-disabled"),
        (b"DEBUG_JSON", b"test-mode-disabled"),
        (b"DEBUG_PARTS x", b"test-mode-disabled"),
        (b"STOP_SERVER", b"forbidden"),
        (b"DISPATCH", b"dispatch-disabled"),
        (b"DISPATCH x", b"wrong-numbers-arguments"),
    ]:
        assert talker.say(line + b"\n") == b"Err: " + answer + b"\n"
    assert (talker.engine.asked, talker.door.stopped) == ([], 0)


def test_dispatch_needs_no_login_where_it_is_allowed() -> None:
    talker = Talker(OK, settings=lines(dispatch=True))
    assert talker.say(b"DISPATCH\n") == b"OK\n"
    assert talker.engine.asked == [RetryAllNow()]
    assert not talker.engine.callers[0].rights
    assert talker.say(b"DEBUG\n") == b"Err: test-mode-disabled\n"


@pytest.mark.parametrize("form", [b"STOP_SERVER\n", array(b"STOP_SERVER")])
def test_stop_server_answers_and_closes(form: bytes) -> None:
    talker = Talker(settings=lines(test_mode=True))
    assert talker.say(form) == (b"\n" if form[:1] == b"S" else b"+OK\r\n")
    assert (talker.door.stopped, talker.session.closing) == (1, True)


def test_health_counts_over_all_groups_and_sessions() -> None:
    door = FakeDoor()
    Talker(door=door)
    talker = Talker(HealthCounts(queues=3, jobs=4, workers=5, failed=()), door=door)
    talker.say(b"AUTH user1 user1-secret\n")
    facts = json.loads(talker.say(b"HEALTH\n"))
    assert talker.engine.asked == [Health()]
    assert list(facts) == [
        "Uptime", "Os", "Version", "NumCPU", "NumGoroutine", "NumSessions", "NumAuthed",
        "NumGroups", "NumUsers", "NumQueues", "NumJobs", "NumWorkers", "UnixTimestamp",
    ]  # fmt: skip
    assert facts | {"Os": "", "NumCPU": 0} == {
        "Uptime": 25, "Os": "", "Version": "0.1.0", "NumCPU": 0, "NumGoroutine": 3,
        "NumSessions": 2, "NumAuthed": 1, "NumGroups": 3, "NumUsers": 5, "NumQueues": 3,
        "NumJobs": 4, "NumWorkers": 5, "UnixTimestamp": 1_795_338_525,
    }  # fmt: skip


def one(name: str, groups: str, port: int, group: str) -> str:
    return (
        f'{{"Username":"{name}","Password":"","Groups":{groups},"Addr":"127.0.0.1:{port}",'
        f'"CurrentGroup":{{"Slug":"{group}"}},"Conn":{{}},"Status":""}}'
    )


def test_sessions_of_the_selected_group_are_listed() -> None:
    door, mine = FakeDoor(), '["group1"]'
    talker = Talker(door=door, address="127.0.0.1:1")
    Talker(door=door, address="127.0.0.1:2")
    Talker(door=door, address="127.0.0.1:3").log_in()
    talker.say(b"AUTH user1 user1-secret\n")
    assert talker.say(b"LIST_SESSIONS\n").decode() == (
        f"[{one('user1', mine, 1, '')},{one('', 'null', 2, '')}]\n"
    )
    talker.say(b"USE_GROUP group1\n")
    assert talker.say(b"LIST_SESSIONS\n").decode() == (
        f"[{one('user1', mine, 1, 'group1')},{one('user1', mine, 3, 'group1')}]\n"
    )


def test_debug_json_shows_everything_but_passwords() -> None:
    talker = Talker(Queues(()), settings=lines(test_mode=True))
    users = ",".join(
        f'{{"Username":"{name}","Password":"","Groups":{groups},"Addr":"",'
        '"CurrentGroup":{"Slug":""},"Conn":null,"Status":""}'
        for name, groups in MEMBERS
    )
    assert talker.say(b"debug_json\n").decode() == (
        '{"Queues":null,"Groups":[{"Slug":"group1"},{"Slug":"group2"},{"Slug":"group3"}],'
        f'"Sessions":[{one("", "null", 4711, "")}],"Users":[{users}],'
        '"Host":"127.0.0.1","Port":8962}\n'
    )
    assert talker.engine.asked == [Dump(10_000)]


def test_debug_is_several_lines_or_one_bulk() -> None:
    talker = Talker(Queues(()), Queues(()), settings=lines(test_mode=True))
    text = talker.say(b"DEBUG\n")
    assert text == (
        b"== GROUPS ==\n- slug: group1\n- slug: group2\n- slug: group3\n\n"
        b"== SESSION USERS ==\n- username: \n  currentGroup: \n  addr: 127.0.0.1:4711\n\n"
        b"== QUEUES ==\nNo queues\n"
    )
    assert talker.say(array(b"DEBUG")) == b"$%d\r\n%b\r\n" % (len(text) - 1, text[:-1])


def test_parts_are_shown_as_they_were_understood() -> None:
    talker = Talker(settings=lines(test_mode=True))
    assert talker.say(b"debug_parts Case '\n") == b'["debug_parts","Case"]\n'
    assert talker.say(b"DEBUG_PARTS 'a\xff' <\n") == b'["DEBUG_PARTS","a\\ufffd","\\u003c"]\n'
