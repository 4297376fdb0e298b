"""The conversations of jobatator's own PHP suite, Java worker and command line."""

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.acceptance.line import Line, pushed_job
from tests.acceptance.served import Server, settings

LONGEST_PUSH: Final = 2000
"""Bytes that the PHP client reads of one line."""

FORGOTTEN: Final = 5.0
"""Seconds within which a done job is gone, with `job_timeout: 0`."""


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """As the suites configure it: no delays, and a second of silence is enough."""
    said = settings(
        test_mode=True,
        delay_policy="IGNORE",
        log_level="DEBUG",
        lines={"silence": 1},
        job_timeout=0,
    )
    server = Server(tmp_path_factory.mktemp("patient"), said).start()
    yield server
    server.close()


def php(server: Server) -> Line:
    return Line.to(server.port).log_in()


def test_the_php_suite_leaves_an_idle_worker_behind(patient: Server, queue: str) -> None:
    with php(patient) as left_behind, php(patient) as publisher, php(patient) as worker:
        assert left_behind.ask(f"SUBSCRIBE {queue}") == "OK"
        job = publisher.publish(queue, '{"key":"value"}', "job.type")
        assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
        line = worker.hears()
        assert len(line) < LONGEST_PUSH
        first = pushed_job(line)
        assert (first["ID"], first["Type"], first["Payload"]) == (
            job,
            "job.type",
            '{"key":"value"}',
        )
        assert worker.update(job, "in-progress") == "OK"
        assert worker.update(job, "errored") == "OK"
        again: dict[str, Any] = {}
        while again.get("ID") != job:
            again = worker.pushed()
        assert (again["State"], again["Attempts"]) == ("errored", 1)
        assert worker.update(job, "in-progress") == "OK"
        assert worker.update(job, "done") == "OK"
        (seen,) = publisher.jobs(queue)
        assert (seen["ID"], seen["State"]) == (job, "done")
        until = time.monotonic() + FORGOTTEN
        while publisher.ask(f"LIST_JOBS {queue}") != "null":
            assert time.monotonic() < until
        assert publisher.ask(f"PURGE_WORKERS {queue}") == "OK"
        assert publisher.ask(f"DELETE_QUEUE {queue}") == "OK"


def test_the_java_worker_skips_unknown_types_without_a_word(patient: Server, queue: str) -> None:
    with php(patient) as worker, php(patient) as publisher:
        unknown = publisher.publish(queue, kind="unknown.type")
        known = publisher.publish(queue, kind="known.type")
        assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
        assert worker.pushed()["ID"] == unknown
        assert worker.pushed()["ID"] == known
        assert worker.update(known, "done") == "OK"
        assert worker.pushed()["ID"] == unknown
        assert [job["State"] for job in publisher.jobs(queue)] == ["pending", "done"]


def test_its_plain_publish_reply_can_be_had(tmp_path_factory: pytest.TempPathFactory) -> None:
    said = settings(lines={"publish_reply": "plain"})
    server = Server(tmp_path_factory.mktemp("plain"), said).start()
    try:
        with php(server) as client:
            assert client.ask("PUBLISH q t p") == "OK"
            assert client.states("q") == ["pending"]
    finally:
        server.close()


def test_the_command_line_ends_commands_in_a_space(patient: Server, queue: str) -> None:
    with Line.to(patient.port) as client:
        for said, heard in (
            (b"AUTH ada enchantress ", "Welcome!"),
            (b"USE_GROUP yard ", "OK"),
            (b"PING ", "PONG"),
            (b"NOPE ", "Err: unknown-command"),
            (b"HELP PING ", '{"Name":"PING","RequireAuth":false,"RequireGroup":false,"Args":0,'),
            (b"DEBUG_PARTS a 'b c' d ", '["DEBUG_PARTS","a","b c","d"]'),
            (f"PUBLISH {queue} t 'hello from cli' ".encode(), "OK#"),
            (f"LIST_JOBS {queue} ".encode(), '[{"ID":"'),
            (f"PURGE_JOBS {queue} ".encode(), "OK"),
            (f"LIST_JOBS {queue} ".encode(), "[]"),
            (f"DELETE_QUEUE {queue} ".encode(), "OK"),
        ):
            client.send(said)
            assert client.hears().startswith(heard)


def test_a_space_inside_quotes_waits_for_the_rest(patient: Server, queue: str) -> None:
    with php(patient) as client, php(patient) as other:
        client.send(f"PUBLISH {queue} t 'one ".encode())
        for _ in range(20):
            assert other.heard_nothing()
        client.send(b"two'\n")
        assert client.hears().startswith("OK#")
        assert client.jobs(queue)[0]["Payload"] == "one two"


def test_commands_may_come_in_any_pieces(patient: Server, queue: str) -> None:
    with php(patient) as client:
        for byte in f"PUBLISH {queue} t 'p q'\r\nPING\r\n".encode():
            client.send(bytes([byte]))
        assert client.hears().startswith("OK#")
        assert client.hears() == "PONG"
        client.send(f"PING\nPUBLISH {queue} t p\nPING\nNOPE\nPING\n".encode())
        heard = [client.hears() for _ in range(5)]
        assert heard[1].startswith("OK#")
        assert [heard[0], *heard[2:]] == ["PONG", "PONG", "Err: unknown-command", "PONG"]


def test_jobatator_s_example_file_is_taken_as_it_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = Server(tmp_path_factory.mktemp("example"))
    server.config.write_text(
        'host: "127.0.0.1"\nport: 0\nweb_port: -1\ntest_mode: true\ndelay_policy: "IGNORE"\n'
        'allow_dispatch: false\nlog_level: "INFO"\njob_timeout: 120\n'
        'groups:\n  - slug: "group1"\n  - slug: "group2"\n'
        'users:\n  - username: "user1"\n    password: "pass1"\n    groups: ["group1"]\n'
        '  - username: "root"\n    password: "toor"\n    groups: ["*"]\n'
    )
    server.start()
    try:
        with Line.to(server.port) as client:
            client.log_in("user1", "pass1", "group1")
            assert client.ask("USE_GROUP group2") == "Err: forbidden-group"
            assert client.ask("USE_GROUP group3") == "Err: unknown-group"
            client.log_in("root", "toor", "group2")
    finally:
        server.close()
