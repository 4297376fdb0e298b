"""Conversations without a socket: what is sent, what is sent again, and how long that goes on."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
import pytest

from jobyard import calls
from jobyard.dialing import Backoff
from jobyard.errors import (
    BadArgument,
    ConnectionLost,
    InvalidValue,
    JobyardError,
    LoginRefused,
    NotFound,
    ProtocolError,
    Refusal,
    Unavailable,
    Unreachable,
)  # fmt: skip
from jobyard.http import talking
from jobyard.http.asking import Request, ask
from jobyard.http.hearing import Heard, value
from jobyard.http.talking import PIECE, Patience, Pause, Talk, Talker
from jobyard.job import Job

T = TypeVar("T")
HELD: Final = {"id": "j", "queue": "q", "type": "t", "state": "reserved", "reservation": "1-2"}
OVER: Final = {**HELD, "state": "done", "reservation": None}
OK: Final = Heard(204)
GONE: Final = Unreachable("nobody there")
LOST: Final = ConnectionLost("cut")
Step = Heard | JobyardError | Callable[[Request], Heard]


def said(status: int, found: Any, retry_after: str = "") -> Heard:
    return Heard(status, msgspec.json.encode(found), retry_after)


def refusing(status: int, code: str, retry_after: str = "", detail: str = "no") -> Heard:
    return said(status, {"code": code, "detail": detail}, retry_after)


class Driven:
    """A conversation that hears one step after the other; time passes only while it pauses."""

    def __init__(self, group: str = "g", patience: float = 30.0) -> None:
        self.now = 1_000.0
        self.sent: list[Request] = []
        self.pauses: list[float] = []
        self.talker = Talker(group, Patience(patience, Backoff(1, 4), lambda: self.now))

    def drive(self, talk: Talk[T], *steps: Step, takes: float = 0.0) -> T:
        left = list(steps)
        try:
            step = next(talk)
            while True:
                if isinstance(step, Pause):
                    self.pauses.append(step.seconds)
                    self.now += step.seconds
                    step = talk.send(None)
                    continue
                self.sent.append(step)
                self.now += takes
                heard = left.pop(0)
                if isinstance(heard, JobyardError):
                    step = talk.throw(heard)
                else:
                    step = talk.send(heard(step) if callable(heard) else heard)
        except StopIteration as over:
            assert not left
            answer: T = over.value
            return answer


def test_a_request_says_the_command() -> None:
    [sent] = _sent(calls.publish("a/b", "t", b"\xff", priority=5, content_type="7", unique_key="9",
                                 unique_scope="queued", backoff={"fixed": 3}))  # fmt: skip
    assert (sent.method, sent.target) == ("POST", "/api/v2/queues/a%2Fb/jobs?group=g")
    key = dict(sent.headers)["idempotency-key"]
    assert len(key) == 32
    assert msgspec.json.decode(sent.body) == {
        "type": "t", "payload_base64": "/w==", "priority": 5, "content_type": "7",
        "unique_key": "9", "unique_scope": "queued", "backoff": {"fixed": 3},
    }  # fmt: skip
    [sent] = _sent(calls.list_jobs("..", ["ready", "done"], after=0))
    assert sent.target == (
        "/api/v2/queues/%2E%2E/jobs?group=g&state=ready&state=done&cursor=0&limit=100"
    )
    assert (sent.headers, sent.body) == ((), b"")


def _sent(call: Any) -> list[Request]:
    return [ask(call.words).request("g")]


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 201, "a\n"])
def test_a_key_that_no_header_can_say_is_not_sent(key: str) -> None:
    with pytest.raises(BadArgument):
        ask(calls.execute("ENQUEUE", "q", "t", "p", "REQUEST_ID", key).words)


def test_no_request_shows_its_body_or_its_words() -> None:
    asked = ask(calls.execute("ADD_USER", "n", "enchantress").words)
    assert "enchantress" not in f"{asked!r} {asked.request('g')!r}"


@pytest.mark.parametrize("failure", [GONE, LOST, Heard(502, b"<html>"), Heard(504)])
def test_what_may_be_said_twice_is_said_again_under_one_key(failure: Step) -> None:
    driven = Driven()
    call = calls.publish("q", "t")
    made = driven.drive(driven.talker.talk(call), failure, failure, said(201, {"job": "j"}))
    assert made.job == "j"
    assert len({sent.headers for sent in driven.sent}) == 1
    first, second = driven.pauses
    assert 0.5 <= first <= 1 <= second <= 2


def test_what_may_not_be_said_twice_is_said_again_only_if_it_was_never_sent() -> None:
    driven = Driven()
    driven.drive(driven.talker.talk(calls.cancel("j")), GONE, OK)
    for lost in (LOST, Heard(502)):
        with pytest.raises(ConnectionLost):
            driven.drive(driven.talker.talk(calls.cancel("j")), lost)


def test_patience_ends() -> None:
    driven = Driven(patience=5.0)
    with pytest.raises(Unreachable, match="nobody there"):
        driven.drive(driven.talker.talk(calls.get("j")), *[GONE] * 50)
    assert 1.0 < sum(driven.pauses) <= 5.0


@pytest.mark.parametrize(
    ("status", "code"), [(429, "try-later"), (503, "stopping"), (503, "queue-failed")]
)
def test_a_server_that_says_when_is_asked_again_then(status: int, code: str) -> None:
    driven = Driven()
    driven.drive(driven.talker.talk(calls.cancel("j")), refusing(status, code, "7"), OK)
    [pause] = driven.pauses
    assert 7.5 <= pause <= 8
    with pytest.raises(Unavailable) as caught:
        driven.drive(driven.talker.talk(calls.cancel("j")), refusing(status, code, "31"))
    assert caught.value.code == code


@pytest.mark.parametrize("after", ["", "-1", "²", "٣", "1_0", "1.5", "9" * 5_000, "1\n", "nan"])
def test_an_unreadable_retry_after_is_none(after: str) -> None:
    driven = Driven()
    with pytest.raises(Unavailable):
        driven.drive(driven.talker.talk(calls.cancel("j")), refusing(503, "stopping", after))
    assert not driven.pauses


def test_a_full_disk_is_told_at_once() -> None:
    driven = Driven()
    with pytest.raises(Unavailable):
        driven.drive(driven.talker.talk(calls.get("j")), refusing(507, "storage-full", "1"))


def test_a_long_wait_is_asked_for_in_pieces() -> None:
    driven = Driven()
    waiting, over = said(200, {"job": HELD}), said(200, {"job": OVER})
    found = driven.drive(driven.talker.talk(calls.wait("j", 100)), waiting, waiting, over, takes=30)
    assert found.state == "done"
    assert [sent.wait for sent in driven.sent] == [PIECE] * 3
    driven.sent.clear()
    none = said(200, {"jobs": []})
    got = driven.drive(driven.talker.talk(calls.reserve("q", wait=65)), none, none, none, takes=30)
    assert got == ()
    assert [sent.wait for sent in driven.sent] == [PIECE, PIECE, 5]
    assert [msgspec.json.decode(sent.body)["wait"] for sent in driven.sent] == [30, 30, 5]


def test_a_server_that_takes_shorter_waits_gets_them() -> None:
    driven = Driven()

    def at_most_ten(request: Request) -> Heard:
        if request.wait > 10:
            return refusing(400, "invalid-value", "", "wait: is 10 seconds at most over HTTP")
        return said(200, {"job": OVER})

    driven.drive(driven.talker.talk(calls.wait("j", 60)), *[at_most_ten] * 3)
    driven.drive(driven.talker.talk(calls.wait("j", 60)), at_most_ten)
    assert [sent.wait for sent in driven.sent] == [30, 15, 7.5, 7.5]


def test_a_wait_that_is_wrong_is_refused_once() -> None:
    driven = Driven()
    wrong = refusing(400, "invalid-value", "", "wait: Expected `float` >= 0.0")
    with pytest.raises(InvalidValue):
        driven.drive(driven.talker.talk(calls.wait("j", -1)), wrong)


def test_the_jobs_in_hand_are_known_by_their_id() -> None:
    driven = Driven()

    def reservation_of(call: Any, answer: Step = OK) -> Any:
        driven.drive(driven.talker.talk(call), answer)
        return msgspec.json.decode(driven.sent[-1].body).get("reservation")

    assert reservation_of(calls.touch("j")) is None
    taken = said(200, {"jobs": [HELD]})
    driven.drive(driven.talker.talk(calls.reserve("q")), taken)
    assert reservation_of(calls.touch("j")) == "1-2"
    other = Job(id="j", queue="q", type="t", state="reserved", reservation="9-9")
    with pytest.raises(Refusal):
        reservation_of(calls.done(other), refusing(409, "reservation-lost"))
    assert reservation_of(calls.done("j")) == "1-2"
    assert reservation_of(calls.done("j")) is None


def test_whoever_enters_is_asked_for_once() -> None:
    mine = said(200, {"groups": [{"name": "g", "rights": ["read"]}]})
    driven = Driven()
    driven.drive(driven.talker.hello(), mine)
    for heard, kind in (
        (refusing(401, "invalid-creds"), LoginRefused),
        (refusing(429, "try-later", "1"), Unavailable),
        (GONE, Unreachable),
        (said(200, {"groups": []}), NotFound),
        (said(200, {"groups": [7]}), ProtocolError),
        (said(200, []), ProtocolError),
    ):
        with pytest.raises(kind):
            driven.drive(driven.talker.hello(), heard)
    assert not driven.pauses
    nowhere = Driven(group="")
    nowhere.drive(nowhere.talker.hello(), said(200, {"groups": []}))


@pytest.mark.parametrize(
    "heard",
    [
        Heard(200, b""), Heard(200, b"<html>"), Heard(200, b"[" * 100_000), Heard(200, b"NaN"),
        Heard(200, b'{"x": 1e999}'), Heard(200, b'"\xff"'), Heard(200, b'{"payload_base64": "?"}'),
        Heard(301), Heard(404, b"<html>"), Heard(404, b"[" * 100_000), Heard(500, b'{"code": 5}'),
    ],
)  # fmt: skip
def test_what_no_server_says_is_an_error(heard: Heard) -> None:
    with pytest.raises(ProtocolError):
        value(heard)


def test_values_are_those_of_lines() -> None:
    states = dict.fromkeys(
        ("scheduled", "ready", "reserved", "done", "failed", "canceled", "expired"), 1
    )
    found = value(said(200, {
        "payload": "x", "result_base64": "/w==", "states": states, "types": {"states": states},
        "log": [{"at": 1.5, "line": "l"}], "history": None,
        "failed": [{"group": "g", "queue": "q"}], "workers": [{"types": ["a"]}],
    }))  # fmt: skip
    assert found == {
        "payload": b"x", "result": b"\xff", "states": [1] * 7, "types": {"states": [1] * 7},
        "log": [[1.5, "l"]], "history": None, "failed": [["g", "q"]], "workers": [{"types": ["a"]}],
    }  # fmt: skip
    assert value(OK) == "OK"


def test_reservations_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "MOST_HELD", 2)
    driven = Driven()
    for name in ("a", "b", "c"):
        held = said(200, {"jobs": [{**HELD, "id": name, "reservation": f"1-{name}"}]})
        driven.drive(driven.talker.talk(calls.reserve("q")), held)
    driven.sent.clear()
    for name in ("a", "b", "c"):
        driven.drive(driven.talker.talk(calls.touch(name)), OK)
    told = [msgspec.json.decode(sent.body).get("reservation") for sent in driven.sent]
    assert told == [None, "1-b", "1-c"]
