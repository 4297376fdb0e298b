"""Both JobEngine dialects of a real server: crowds, restarts, declared queues."""

import http.client
import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.served import WITHIN, Server

CLIENTS: Final = 16
EACH: Final = 150
KEY: Final = {"X-Access-Key": "key1"}
JSON: Final = {"Content-Type": "application/json"}
V0: Final = {
    "version": 1,
    "port": 0,
    "job_keep_minutes": 60,
    "job_timeout_minutes": 10,
    "queues": {"mail": {"read": ["reader"], "write": ["writer"]}},
}


class Web:
    """One connection to a server, kept."""

    def __init__(self, server: Server) -> None:
        said = server.log.event("serving")
        assert said is not None
        host, _, port = said["http"][-1].rpartition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=WITHIN)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        raw = None if body is None else json.dumps(body)
        self._connection.request(method, path, raw, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path)
    yield found
    found.close()


def as_v1(web: Web, method: str, path: str, body: object = None) -> tuple[int, Any]:
    return web.ask(method, path, body, **KEY, **({} if body is None else JSON))


def as_v0(web: Web, name: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    headers = {"X-Name": name, "X-Queue": "mail", **({} if body is None else JSON)}
    return web.ask(method, f"/api/v1/jobs{path}", body, **headers)


def test_many_clients_are_handed_every_job_once_and_a_restart_keeps_them(server: Server) -> None:
    server.write({"jobengine": {"v1_port": 0}})
    server.start()
    web = Web(server)
    assert as_v1(web, "PUT", "/api/v1/queue", {"name": "q", "access_key": "key1"})[0] == 201

    def publish(client: int) -> list[str]:
        mine = Web(server)
        made = []
        for number in range(EACH):
            job = {"timeout_minutes": 10, "keep_minutes": 10, "content": {"n": number}}
            status, shown = as_v1(mine, "PUT", "/api/v1/job", {"queue_name": "q", "job": job})
            assert status == 201
            made.append(shown["uid"])
        mine.close()
        return made

    def take(client: int) -> list[str]:
        mine = Web(server)
        taken = []
        for _ in range(EACH):
            status, shown = as_v1(mine, "GET", "/api/v1/job/next?queueName=q&markQueued=true")
            assert (status, shown["state"]) == (200, "inprogress")
            taken.append(shown["uid"])
        mine.close()
        return taken

    with ThreadPoolExecutor(CLIENTS) as pool:
        made = [uid for uids in pool.map(publish, range(CLIENTS)) for uid in uids]
        taken = [uid for uids in pool.map(take, range(CLIENTS)) for uid in uids]
    assert len(made) == len(set(made)) == CLIENTS * EACH
    assert sorted(taken) == sorted(made)
    assert as_v1(web, "GET", "/api/v1/job/next?queueName=q&markQueued=true")[0] == 204
    before = as_v1(web, "GET", "/api/v1/queue?name=q")
    web.close()
    server.stop()
    server.start()
    web = Web(server)
    assert as_v1(web, "GET", "/api/v1/queue?name=q") == before
    status, _ = web.ask("GET", "/api/v1/queue?name=q", **{"X-Access-Key": "key2"})
    assert status == 401
    web.close()


def test_three_hundred_jobs_and_the_lists_survive_a_restart(server: Server) -> None:
    server.write(V0)
    server.start()
    web = Web(server)
    job = {"content": {"a": 1}, "valid_for": 600, "priority": 5}
    for _ in range(300):
        assert as_v0(web, "writer", "PUT", "/create", job)[0] == 201
    assert as_v0(web, "reader", "GET", "/next")[0] == 200
    before = as_v0(web, "reader", "GET", "")
    assert len(before[1]) == 300
    web.close()
    server.kill()
    server.start()
    web = Web(server)
    assert as_v0(web, "reader", "GET", "") == before
    assert as_v0(web, "writer", "GET", "/next")[0] == 403
    assert as_v0(web, "reader", "PUT", "/create", job)[0] == 404
    web.close()


def test_a_changed_file_is_taken_over_while_it_runs(server: Server) -> None:
    server.write(V0)
    server.start()
    web = Web(server)
    assert as_v0(web, "reader", "GET", "")[0] == 204
    queues = {"mail": {"read": ["other"], "write": []}, "new": {"read": ["a"], "write": ["b"]}}
    server.write({**V0, "queues": queues})
    server.signal(signal.SIGHUP)
    server.log.wait_for(lambda: server.log.event("queue-declared") == new_queue(server))
    assert as_v0(web, "reader", "GET", "")[0] == 404
    assert as_v0(web, "other", "GET", "")[0] == 204
    server.write({**V0, "queues": {"new": queues["new"]}})
    server.log.wait_for(lambda: server.log.event("queue-removed") is not None)
    assert as_v0(web, "other", "GET", "")[0] == 404
    server.config.write_text("version: 1\nqueues: {")
    server.signal(signal.SIGHUP)
    server.log.wait_for(lambda: server.log.event("reload-refused") is not None)
    headers = {"X-Name": "a", "X-Queue": "new"}
    assert web.ask("GET", "/api/v1/jobs", **headers)[0] == 204
    web.close()


def new_queue(server: Server) -> dict[str, Any] | None:
    """What was told last of a queue that was made, if that is the new one."""
    said = server.log.event("queue-declared")
    return said if said is not None and said["queue"] == "new" else {}
