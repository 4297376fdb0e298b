"""Readers of what people and programs write: settings, schedules, searches, addresses, tasks."""

import hashlib
import math
from contextlib import suppress
from typing import Any, Final
from zlib import crc32

import msgspec
from attrs import evolve
from cattrs.errors import ClassValidationError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config import jobengine_v0, yaml_file
from config.mistakes import Mistake, SettingsError
from config.settings import Settings
from config.structuring import mistakes as read_mistakes
from config.structuring import structure
from config.tree import Tree
from engine import commands as c
from engine.access import MEMBER, Principal, caller
from engine.job import JobState
from engine.recurrence import BadCron, Schedule
from engine.replies import Granted, Ok, OneJob, Published, Reply
from frontends.dialects import jobengine_file, jsonrpc
from frontends.dialects.jsonrpc import Call
from frontends.dialects.qmanager import PREFIX
from frontends.http.pages import search
from frontends.rpc.go_json_calls import GoCalls
from frontends.rpc.place import Place
from jobyard import url
from jobyard.errors import BadArgument
from jobyard.http import address as web
from tests.frontends.dialects.codec import Codec
from tests.frontends.scripted import job

SETTINGS: Final = (
    b"port: 8962\nlimits: {payload: 1MB}\n",
    b"groups: [a, &b b]\nusers:\n- groups: [*b]\n",
    b"job_keep_minutes: 5\njob_timeout_minutes: 1\n",
    b"version: 1\nqueues:\n  q: {read: [a], write: [a, b]}\n",
    b'{"jobs": {"lease": "30s"}, "port": null}',
)
IN_DEPTH: Final = 100
"""One in so many settings is also read into our classes, which takes a hundred times as long."""
SCHEDULES: Final = (
    b"*/5 * * * *",
    b"CRON_TZ=Europe/Berlin 0 30 2-4 1,15 jan-MAR sun",
    b"@every 1h30m10.5s",
    b"TZ=UTC @daily",
    b"0 0 29 2 ?",
)
NOW: Final = 1_795_338_525.5
SEARCHES: Final = (
    b"state:failed,ready queue:mail",
    b'type:"a b" error:"time \\" out"',
    b"payload.to.0.name:ada id:0190",
    b"payload:text age:5m..2h",
    b"age:>1h payload:x payload:y",
)
ADDRESSES: Final = (
    b"jobyard://ada:s%20ecret@host.example:8962/group%2Fa",
    b"jobyards://[::1]/",
    b"http://ada:x@localhost:8952/?group=g",
    b"https://h/",
)
TASKS: Final = (
    b'{"method":"RpcHandler.AddTask","params":[{"Type":"t","Input":1.5}],"id":1}',
    b'{"method":"RpcHandler.FinishTask","params":[{"Id":"j","Output":{"a":[]}}],"id":null}',
    b'{"method":"RpcHandler.TakeTaskByType","params":[["t","u"]],"id":"x"}',
    b'{"method":"RpcHandler.GetTask","params":["j"],"id":2,"jsonrpc":"2.0"}',
    b'{"method":"RpcHandler.RetryTask","params":["j"],"id":3}',
)
DATABASES: Final = (
    (
        b'{"q":{"name":"q","permissions":{"read":["a"],"write":null},"jobs":{"0":{"uid":"u",'
        b'"state":"queued","priority":1,"created":1,"last_updated":1,"content":{}}}}}'
    ),
    (
        b'{"queues":{"q":{"name":"q","access_key":"%b","jobs":[{"uid":"u","state":"failed",'
        b'"priority":-1,"created":1,"last_updated":1,"content":null,"keep_minutes":5}]}}}'
    )
    % (b"0f" * 64),
)
SECRET: Final = "word-of-the-database"
_NONCE: Final = bytes(12)
_cipher: Final = AESGCM(hashlib.md5(SECRET.encode(), usedforsecurity=False).hexdigest().encode())
_OURS: Final = Settings()
_REPLIES: Final[dict[type, Reply]] = {
    c.Publish: Published("j"),
    c.Reserve: Granted((job("j"),)),
    c.Get: OneJob(job("j", state=JobState.DONE, queue=_OURS.rpc.queue)),
}


class _Answering:
    """An engine that has one job."""

    def submit(self, who: Any, command: object, to: Any, request_id: str | None = None) -> None:
        to.send(_REPLIES.get(type(command), Ok()))

    def gone(self, peer: object, *, for_good: bool = True) -> None:
        raise AssertionError

    def half_closed(self, peer: object) -> None:
        raise AssertionError


_nobody: Final[Any] = None
_calls: Final = GoCalls(
    Place(_Answering(), _nobody, _OURS, float),
    caller(Principal("rpc", {"default": MEMBER}), "default"),
)


def settings(raw: bytes) -> int:
    """A settings file, ours or JobEngine's; what is wrong with it is said in words."""
    try:
        document = yaml_file.parse(raw, "config.yml")
    except SettingsError as error:
        return _refused(str(error))
    tree, wrong = document.root, list[Mistake]()
    if not isinstance(tree, Tree):
        return 0
    if jobengine_v0.is_v0(tree):
        tree = jobengine_v0.translated(tree, wrong)
    if crc32(raw) % IN_DEPTH == 0:
        try:
            structure(tree)
        except ClassValidationError as error:
            wrong += read_mistakes(error)
    assert all(str(one) for one in wrong)
    return 1


def schedules(raw: bytes) -> int:
    """A schedule with or without seconds, and when it fires next: later, in whole seconds."""
    text = raw.decode("utf-8", "replace")
    try:
        schedule = Schedule.parse(text, seconds=not text.endswith(" "))
    except BadCron as error:
        return _refused(str(error))
    tick = schedule.next_after(NOW, NOW)
    assert tick is None or (tick > NOW and tick == math.floor(tick))
    return 1


def searches(raw: bytes) -> int:
    """What is typed into the search box; written back, it is read as the same."""
    found, mistakes = search.parse(raw.decode("utf-8", "surrogateescape"))
    if not found.is_everything:
        assert search.parse(search.text_of(found)) == (found, ())
    return int(not mistakes)


def addresses(raw: bytes) -> int:
    """What a client is told of its server; shown, it has no password."""
    text = raw.decode("utf-8", "replace")
    with suppress(BadArgument):
        address = url.parse(text)
        assert str(evolve(address, password="")) == str(address)
        return 1
    with suppress(BadArgument):
        site = web.parse(text)
        assert str(evolve(site, password="")) == str(site)
        return 1
    return 0


def tasks(raw: bytes) -> int:
    """A call in Go's version of JSON-RPC, through the methods to its answer, which is JSON."""
    found = jsonrpc.read(raw)
    if not isinstance(found, Call) or not found.method.startswith(PREFIX):
        return 0
    answers = list[bytes]()
    _calls.call(found, answers.append)
    (answer,) = answers
    said = msgspec.json.decode(answer)
    return int(said.get("error") is None)


def databases(raw: bytes) -> int:
    """What is inside a database file of the original JobEngine."""
    try:
        found = jobengine_file.read(_NONCE + _cipher.encrypt(_NONCE, raw, None), SECRET)
    except jobengine_file.FileError as error:
        return _refused(str(error))
    return len(found.queues)


def _refused(sentence: str) -> int:
    """Nothing was made of it; why, fits a terminal and shows no secret."""
    assert sentence.isprintable()
    assert SECRET not in sentence
    return 0


DOCUMENTS: Final = {
    "settings": Codec(SETTINGS, settings),
    "recurrence": Codec(SCHEDULES, schedules),
    "search": Codec(SEARCHES, searches),
    "address": Codec(ADDRESSES, addresses),
    "go-json-rpc": Codec(TASKS, tasks),
    "jobengine-file": Codec(DATABASES, databases),
}
