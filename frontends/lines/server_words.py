"""The words that are about the server: help, health, sessions, and what test mode opens."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, cast

from config.users import Account
from engine import commands
from engine.commands import TABLE
from engine.replies import HealthCounts, Queues
from frontends.dialects import go_json, jobatator_json, jobatator_text, resp
from frontends.dialects.answers import UNKNOWN_COMMAND, Denied, Said
from frontends.dialects.jobatator import BINDINGS, Binding, Terms
from frontends.dialects.jobatator_help import BY_NAME, LISTED
from frontends.lines.outbox import LINE, Answer, Slot
from frontends.lines.talk import Talk, member_of

_NO_TEST_MODE: Final = Denied("test-mode-disabled", "only with test_mode")
_NO_DISPATCH: Final = Denied("dispatch-disabled", "only with allow_dispatch or test_mode")
_NO_STOP: Final = Denied("forbidden", "only with test_mode")


def _help(_: Talk, words: list[bytes], __: Slot) -> Answer:
    if len(words) != 2:
        return Said(LISTED, bulk=True)
    entry = BY_NAME.get(words[1].decode("utf-8", "replace"))
    return UNKNOWN_COMMAND if entry is None else Said(entry.json, bulk=True)


def _native() -> dict[str, bytes]:
    return {
        row.word: b'{"Name":%b,"Description":%b}'
        % (go_json.name(row.word), go_json.name(row.about))
        for row in TABLE.values()
    }


def _commands(_: Talk, words: list[bytes], __: Slot) -> Answer:
    native = _native()
    if len(words) != 2:
        listed = [*BY_NAME, *UNLISTED, *native]
        return Said(go_json.array(map(go_json.name, listed)), bulk=True)
    name = words[1].decode("utf-8", "replace").upper()
    if name in BY_NAME:
        return Said(BY_NAME[name].json, bulk=True)
    return Said(native[name], bulk=True) if name in native else UNKNOWN_COMMAND


def _sessions(talk: Talk) -> Iterator[Talk]:
    # The door lists peers; those of its listeners are sessions.
    yield from cast("list[Talk]", talk.door.sessions())


def _list_sessions(talk: Talk, _: list[bytes], __: Slot) -> Answer:
    shown = [_connection(one) for one in _sessions(talk) if one.group == talk.group]
    return Said(go_json.array(shown), bulk=True)


def _connection(talk: Talk) -> bytes:
    return jobatator_json.connection(talk.name, member_of(talk.principal), talk.address, talk.group)


def _health(talk: Talk, words: list[bytes], slot: Slot) -> None:
    del words
    slot.binding = Binding(_nothing, partial(_show_health, talk), bulk=True)
    talk.submit(commands.Health(), slot)


def _nothing(_: list[bytes], __: Terms) -> object:
    raise AssertionError


def _show_health(talk: Talk, counts: HealthCounts, _: Terms) -> bytes:
    settings, now = talk.settings, talk.now()
    sessions = list(_sessions(talk))
    facts: dict[str, int | str] = {
        "Uptime": max(0, int(now - settings.started_at)),
        "Os": sys.platform,
        "Version": settings.version,
        "NumCPU": os.cpu_count() or 1,
        "NumGoroutine": 1 + len(sessions),
        "NumSessions": len(sessions),
        "NumAuthed": sum(one.principal is not None for one in sessions),
        "NumGroups": len(talk.door.groups()),
        "NumUsers": len(settings.users()),
        "NumQueues": counts.queues,
        "NumJobs": counts.jobs,
        "NumWorkers": counts.workers,
        "UnixTimestamp": int(now),
    }
    shown = (
        b"%b:%b"
        % (go_json.name(key), b"%d" % value if isinstance(value, int) else go_json.name(value))
        for key, value in facts.items()
    )
    return b"{%b}" % b",".join(shown)


def _debug_parts(talk: Talk, words: list[bytes], _: Slot) -> Answer:
    if not talk.settings.test_mode:
        return _NO_TEST_MODE
    return Said(go_json.array(map(go_json.string, words)), bulk=True)


def _debug(talk: Talk, words: list[bytes], slot: Slot) -> Answer | None:
    if not talk.settings.test_mode:
        return _NO_TEST_MODE
    show = _show_debug_json if words[0].upper() == b"DEBUG_JSON" else _show_debug
    slot.binding = Binding(_nothing, partial(show, talk), bulk=True)
    talk.submit(commands.Dump(talk.settings.terms.listing), slot)
    return None


def _show_debug(talk: Talk, reply: Queues, _: Terms) -> bytes:
    sessions = [(one.name, one.group, one.address) for one in _sessions(talk)]
    return jobatator_text.debug(talk.door.groups(), sessions, reply.queues)


def _show_debug_json(talk: Talk, reply: Queues, _: Terms) -> bytes:
    settings = talk.settings
    return b'{"Queues":%b,"Groups":%b,"Sessions":%b,"Users":%b,"Host":%b,"Port":%d}' % (
        jobatator_json.queues(reply.queues),
        jobatator_json.groups(talk.door.groups()),
        go_json.array(map(_connection, _sessions(talk))),
        go_json.array(map(_account, settings.users())) if settings.users() else b"null",
        go_json.name(settings.host),
        settings.port,
    )


def _account(account: Account) -> bytes:
    member = ("*",) if account.admin else tuple(account.rights)
    return jobatator_json.account(account.name, member)


def _dispatch(talk: Talk, words: list[bytes], slot: Slot) -> Answer | None:
    if not talk.settings.dispatch:
        return _NO_DISPATCH
    slot.binding = BINDINGS["DISPATCH"]
    talk.submit(slot.binding.bind(words, talk.settings.terms), slot)
    return None


def _stop_server(talk: Talk, _: list[bytes], slot: Slot) -> Answer:
    if not talk.settings.test_mode:
        return _NO_STOP
    talk.deaf = True
    slot.last = True
    talk.door.stop_server()
    return Said(b"") if slot.form == LINE else resp.OK


ACTS: Final[dict[str, Callable[[Talk, list[bytes], Slot], Answer | None]]] = {
    "LIST_SESSIONS": _list_sessions,
    "HEALTH": _health,
    "DEBUG_PARTS": _debug_parts,
    "DEBUG": _debug,
    "DEBUG_JSON": _debug,
    "DISPATCH": _dispatch,
    "STOP_SERVER": _stop_server,
}
UNLISTED: Final[dict[str, Callable[[Talk, list[bytes], Slot], Answer | None]]] = {
    "HELP": _help,
    "COMMANDS": _commands,
}
"""Words that HELP does not list."""
