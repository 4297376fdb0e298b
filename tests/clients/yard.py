"""A server of a few commands, in threads, that speaks RESP 3 as `frontends/tcp/protocol.md` says.

It holds jobs by connection, pushes to subscribers, tells holders of cancellations, and can cut
its connections, refuse logins or leave a command unanswered.
"""

import json
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any, Final, Self

from frontends.dialects.framing import Reader

NEVER: Final = b""


def packed(value: Any) -> bytes:
    """A Python value as RESP 3."""
    match value:
        case None:
            return b"_\r\n"
        case bool():
            return b"#t\r\n" if value else b"#f\r\n"
        case int():
            return b":%d\r\n" % value
        case float():
            return b",%b\r\n" % repr(value).encode()
        case str():
            return packed(value.encode())
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(value), value)
        case dict():
            body = b"".join(packed(key) + packed(item) for key, item in value.items())
            return b"%%%d\r\n" % len(value) + body
        case _:
            return b"*%d\r\n" % len(value) + b"".join(map(packed, value))


class Line:
    """One connection."""

    def __init__(self, yard: "Yard", plain: socket.socket) -> None:
        self.yard = yard
        self.plain = plain
        self.subscribed: dict[str, int] = {}

    def send(self, raw: bytes) -> None:
        with suppress(OSError):
            self.plain.sendall(raw)

    def serve(self) -> None:
        reader = Reader()
        try:
            while chunk := self.plain.recv(65_536):
                reader.feed(chunk)
                while isinstance(words := reader.next(2**22), list):
                    with self.yard.changed:
                        self.yard.heard[words[0].decode()] += 1
                        self.send(self.yard.answer(self, words))
                        self.yard.push()
                        self.yard.changed.notify_all()
        except OSError:
            pass
        with self.yard.changed:
            self.yard.lines.discard(self)
            self.yard.changed.notify_all()
        self.plain.close()


class Yard:
    """Jobs by id, in one queue after another, and what happened to them."""

    def __init__(self, password: str = "secret", tls: ssl.SSLContext | None = None) -> None:
        self.password = password
        self.tls = tls
        self.changed = threading.Condition(threading.RLock())
        self.heard: Counter[str] = Counter()
        """How often each word came."""
        self.said: list[list[bytes]] = []
        """Every command that was no greeting, as it came."""
        self.jobs: dict[str, dict[str, Any]] = {}
        self.holders: dict[str, Line] = {}
        self.notes: list[tuple[str, str, bytes]] = []
        """Job, word and what was said of it while it was held."""
        self.lines: set[Line] = set()
        self.scripts: dict[str, Callable[[Line, list[bytes]], bytes]] = {}
        """Words answered as a test says."""
        self._numbers = count(1)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        scheme = "jobyards" if self.tls else "jobyard"
        return f"{scheme}://ada:{self.password}@127.0.0.1:{self.port}/yard"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # a close would not wake its thread
        self._listener.close()
        self.cut()

    def cut(self) -> int:
        """Cut every connection; how many there were."""
        with self.changed:
            cut = list(self.lines)
            for line in cut:
                with suppress(OSError):  # it may have gone just now
                    line.plain.shutdown(socket.SHUT_RDWR)
        return len(cut)

    def wait_for(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait in a thread of a test until something happened."""
        with self.changed:
            assert self.changed.wait_for(true, seconds), (dict(self.heard), self.jobs)

    def publish(self, queue: str, kind: str, payload: bytes = b"", **more: Any) -> str:
        """A job without a client."""
        with self.changed:
            number = next(self._numbers)
            self.jobs[f"job-{number}"] = {
                "id": f"job-{number}", "seq": number, "queue": queue, "type": kind,
                "payload": payload, "state": "ready", "attempts": 0, "reservation": None,
                "lease": 60.0, "holder": None, "result": None, "log": None, **more,
            }  # fmt: skip
            self.push()
        return f"job-{number}"

    def answer(self, line: Line, words: list[bytes]) -> bytes:
        name = words[0].decode()
        if name in self.scripts:
            return self.scripts[name](line, words)
        if name == "HELLO":
            right = words[1:5] == [b"3", b"AUTH", b"ada", self.password.encode()]
            return (
                packed({"proto": 3}) if right else b"-ERR invalid-creds wrong user or password\r\n"
            )
        if name == "USE_GROUP":
            return b"+OK\r\n" if words[1] == b"yard" else b"-ERR unknown-group no such group\r\n"
        self.said.append(words)
        if name in _ACTS:
            return _ACTS[name](self, line, words)
        return self._of_a_job(line, name, words)

    def push(self) -> None:
        """Hand ready jobs to subscribers with credit."""
        for line in self.lines:
            for queue, credit in line.subscribed.items():
                while sum(by is line for by in self.holders.values()) < credit:
                    job = self.grant(line, queue)
                    if job is None:
                        break
                    line.send(b">2\r\n" + packed("job") + packed(job))

    def grant(self, line: Line, queue: str) -> dict[str, Any] | None:
        for job in self.jobs.values():
            if job["queue"] == queue and job["state"] == "ready":
                number = next(self._numbers)
                job |= {"state": "reserved", "reservation": f"1-{number}", "holder": "ada"}
                job["attempts"] += 1
                self.holders[job["id"]] = line
                return job
        return None

    def _of_a_job(self, line: Line, name: str, words: list[bytes]) -> bytes:
        job = self.jobs.get(words[1].decode())
        if job is None:
            return b"-ERR unknown-job there is no such job in this group\r\n"
        if name in {"GET", "WAIT"}:
            return packed({"job": job})
        if name == "CANCEL":
            return self._cancel(job)
        holder = self.holders.get(job["id"])
        adopted = holder is line or holder not in self.lines
        skip = {"PROGRESS": 1, "LOG": 1, "CHECKPOINT": 1}.get(name, 0)
        pairs = words[2 + skip :]
        options = dict(zip(pairs[::2], pairs[1::2], strict=True))
        named = options.get(b"RESERVATION", b"").decode()
        if job["reservation"] is None or named != job["reservation"] or not adopted:
            return b"-ERR reservation-lost not held under that reservation any more\r\n"
        self.holders[job["id"]] = line
        self.notes.append((job["id"], name, b"" if len(words) < 3 else words[2]))
        if name in {"DONE", "FAIL", "RELEASE"}:
            del self.holders[job["id"]]
            state = {"DONE": "done", "FAIL": "failed", "RELEASE": "ready"}[name]
            if name == "FAIL" and options.get(b"RETRY") == b"true":
                state = "scheduled"
            asked = job.pop("cancel", False)
            job |= {
                "state": "canceled" if asked and name != "DONE" else state,
                "reservation": None,
                "result": options.get(b"RESULT"),
                "said": options,
            }
        return b"+OK\r\n"

    def _cancel(self, job: dict[str, Any]) -> bytes:
        holder = self.holders.get(job["id"])
        if holder is None:
            job["state"] = "canceled"
        else:
            job["cancel"] = True
            told = {"job": job["id"], "reservation": job["reservation"]}
            holder.send(b">2\r\n" + packed("cancel") + packed(told))
        return b"+OK\r\n"

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                try:
                    plain = self.tls.wrap_socket(plain, server_side=True)
                except OSError:
                    continue
            line = Line(self, plain)
            with self.changed:
                self.lines.add(line)
            threading.Thread(target=line.serve, daemon=True).start()


def _enqueue(yard: Yard, _: Line, words: list[bytes]) -> bytes:
    job = yard.publish(words[1].decode(), words[2].decode(), words[3])
    return packed({"job": job, "existing": False})


def _enqueue_many(yard: Yard, _: Line, words: list[bytes]) -> bytes:
    queue = words[1].decode()
    jobs = [
        yard.publish(queue, job["type"], job["payload"].encode()) for job in json.loads(words[2])
    ]
    return packed({"jobs": [{"job": job, "existing": False} for job in jobs]})


def _reserve(yard: Yard, line: Line, words: list[bytes]) -> bytes:
    job = yard.grant(line, words[1].decode())
    return packed({"jobs": [] if job is None else [job]})


def _subscribe(_: Yard, line: Line, words: list[bytes]) -> bytes:
    options = dict(zip(words[2::2], words[3::2], strict=True))
    line.subscribed[words[1].decode()] = int(options[b"CREDIT"])
    return b"+OK\r\n"


def _unsubscribe(_: Yard, line: Line, words: list[bytes]) -> bytes:
    line.subscribed.pop(words[1].decode(), None)
    return b"+OK\r\n"


def _counts(yard: Yard, _: Line, words: list[bytes]) -> bytes:
    states = ["scheduled", "ready", "reserved", "done", "failed", "canceled", "expired"]
    found = Counter(job["state"] for job in yard.jobs.values())
    row = [found[state] for state in states]
    return packed({"states": row, "types": {"hi": row}, "published": 1, "paused": False})


_ACTS: Final = {
    "ENQUEUE": _enqueue,
    "ENQUEUE_MANY": _enqueue_many,
    "RESERVE": _reserve,
    "SUBSCRIBE_PUSH": _subscribe,
    "UNSUBSCRIBE_PUSH": _unsubscribe,
    "COUNTS": _counts,
    "PAUSE": lambda *_: b"+OK\r\n",
}
