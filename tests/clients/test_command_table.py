"""Every command of the engine's table: how it is reached, or why it is not."""

import inspect
from typing import Any, Final

import pytest
from attrs import frozen

from engine.commands import BY_WORD, TABLE
from frontends.dialects.native import WORDS
from jobyard import command
from jobyard.options import NewJob
from jobyard.verbs import BlockingVerbs, Verbs

HOLDER: Final = "a reservation belongs to a connection, which ends with the command: `jobyard work`"
ENOUGH: Final = "the counts of `queue list` and the pages of `list` show it without its bound"
ALIKE: Final = "`recur delete` names the queue too, which DROP_RECURRENCE says"
TESTS: Final = "a door offers it in test mode only, for the originals' tests"


@frozen
class Way:
    """How one command is reached."""

    method: str = "execute"
    """Of the clients; `execute` says any word."""
    typed: str = ""
    """As it is typed after `jobyard`; empty: it is not."""
    excuse: str = ""
    """Why it is not typed."""


WAYS: Final = {
    "ADOPT": Way("adopt", "import"),
    "ADD_GROUP": Way("add_group", "group add"),
    "ADD_TOKEN": Way("add_token", "token add"),
    "ADD_USER": Way("add_user", "user add"),
    "AUDIT": Way("audit", "audit"),
    "BACKUP": Way("backup", "backup"),
    "CHANGE_USER": Way("change_user", "user change"),
    "DROP_GROUP": Way("drop_group", "group drop"),
    "DROP_TOKEN": Way("drop_token", "token drop"),
    "DROP_USER": Way("drop_user", "user drop"),
    "GROUPS": Way("groups", "group list"),
    "TOKENS": Way("tokens", "token list"),
    "USERS": Way("users", "user list"),
    "CANCEL": Way("cancel", "cancel"),
    "CHECKPOINT": Way("checkpoint", excuse=HOLDER),
    "COUNTS": Way("counts", "counts"),
    "DELETE": Way("delete", "delete"),
    "DELETE_QUEUE_WHOLE": Way("delete_queue", "queue delete"),
    "DELETE_RECURRENCE": Way(excuse=ALIKE),
    "DESCRIBE": Way("describe", excuse=ENOUGH),
    "DESCRIBE_ALL": Way(typed="queue list"),
    "DONE": Way("done", excuse=HOLDER),
    "DRAIN": Way("drain", "queue drain"),
    "DROP_RECURRENCE": Way("drop_recurrence", "recur delete"),
    "DUMP": Way(excuse=TESTS),
    "EDIT": Way("edit", "edit"),
    "ENQUEUE": Way("publish", "publish"),
    "ENQUEUE_MANY": Way("publish_many", "publish"),
    "EXPLAIN": Way("explain", "explain"),
    "EXPLAIN_QUEUE": Way("explain_queue", "explain"),
    "FAIL": Way("fail", excuse=HOLDER),
    "GET": Way("get", "get"),
    "HEALTH_COUNTS": Way(excuse="for doors that answer health checks"),
    "KEEP_FOR": Way(excuse="for doors whose results go once they were taken; people delete"),
    "KICK": Way("kick", "queue kick"),
    "KICK_ALL": Way("kick_all", "queue kick"),
    "LIST": Way("list", "list"),
    "LOG": Way("log", excuse=HOLDER),
    "MOVE": Way("move", "move"),
    "OVERRIDE": Way(excuse="for doors whose originals set states; people have reset and cancel"),
    "PAUSE": Way("pause", "pause"),
    "PAUSE_RECURRENCE": Way("pause_recurrence", "recur pause"),
    "PEEK": Way(excuse="for doors that look before they take; people list what is ready"),
    "PREVIEW_CRON": Way("preview_cron", "recur preview"),
    "PROGRESS": Way("progress", excuse=HOLDER),
    "PURGE": Way("purge", "queue purge"),
    "RECURRENCES": Way("recurrences", "recur list"),
    "RELEASE": Way("release", excuse=HOLDER),
    "REPORT": Way(excuse="for doors without reservations"),
    "RESERVE": Way("reserve", excuse=HOLDER),
    "RESERVE_ANY": Way("reserve_any", excuse=HOLDER),
    "RESET": Way("reset", "reset"),
    "RESUME": Way("resume", "resume"),
    "RETRY_ALL_NOW": Way(excuse=TESTS),
    "RETRY_FAILED_NOW": Way("retry_failed_now", "queue retry"),
    "RUN_RECURRENCE": Way("run_recurrence", "recur run"),
    "SET_ACCESS": Way("set_access", excuse="doors without principals say it; `import` brings it"),
    "SET_RECURRENCE": Way("set_recurrence", "recur set"),
    "STARTED": Way("started", excuse=HOLDER),
    "SUBSCRIBE_PUSH": Way(excuse=HOLDER),
    "TOUCH": Way("touch", excuse=HOLDER),
    "UNSUBSCRIBE_PUSH": Way(excuse=HOLDER),
    "WAIT": Way("wait", "wait"),
    "WORKERS": Way("workers", "queue workers"),
    "WRITE_STATUS": Way(excuse="for doors whose clients name states; people have reset and edit"),
}


def test_every_command_stands_here_once() -> None:
    assert set(WAYS) == set(BY_WORD)


def test_every_command_is_a_word_of_the_port() -> None:
    assert set(WORDS) == set(BY_WORD)
    assert {word.row.kind for word in WORDS.values()} == set(TABLE)


SAMPLES: Final[dict[str, Any]] = {
    "queue": "q", "queues": ["q"], "type": "t", "job": "j", "jobs": [NewJob("t")], "fraction": 0.5,
    "line": "l", "kept": b"", "cron": "@daily", "address": "a", "number": 1, "name": "PING",
    "password": "p", "group": "g",
}  # fmt: skip


def says(method: str) -> str:
    """The word that a method of both clients makes."""
    make = getattr(Verbs, method).make
    assert getattr(BlockingVerbs, method).make is make
    needed = {
        name: SAMPLES[name]
        for name, parameter in inspect.signature(make).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    }
    word: bytes = make(**needed).words[0]
    return word.decode()


METHODS: Final = {says(name): name for name in vars(Verbs) if hasattr(getattr(Verbs, name), "make")}


def test_every_method_says_a_word_of_its_own() -> None:
    named = {way.method for way in WAYS.values()}
    assert named == set(METHODS.values())


@pytest.mark.parametrize("word", sorted(WAYS))
def test_both_clients_say_it(word: str) -> None:
    assert METHODS.get(word, "execute") == WAYS[word].method


@pytest.mark.parametrize("word", sorted(WAYS))
def test_it_is_typed_or_excused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    way = WAYS[word]
    assert bool(way.typed) != bool(way.excuse)
    if way.typed:
        assert command.main([*way.typed.split(), "--help"]) == 0
        assert f"Usage: jobyard {way.typed} " in capsys.readouterr().out


def test_a_word_that_is_not_typed_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    for missing in ("reserve", "queue reserve"):
        command.main([*missing.split(), "--help"])
        assert f"Usage: jobyard {missing} " not in capsys.readouterr().out
