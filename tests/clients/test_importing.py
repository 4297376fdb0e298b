"""`jobyard import` and `jobyard export` against the real server, as they are typed."""

import base64
import hashlib
import json
import stat
import time
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from jobyard.blocking import BlockingClient
from tests.clients.typing_commands import Type, published
from tests.frontends.dialects.test_jobengine_file import sealed

ORIGINALS: Final = Path(__file__).parents[1] / "compat" / "originals"
SECRET: Final = "hello_world"
DIGEST: Final = hashlib.sha512(b"an access key").hexdigest()


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", SECRET)


def made(path: Path, queue: str, *jobs: dict[str, Any], **more: Any) -> Path:
    """A database of v1 with these jobs."""
    now = int(time.time())
    plain = {"created": now - 50, "last_updated": now - 40, "priority": 0, "timeout_time": 0,
             "keep_minutes": 5, "timeout_minutes": 2, "content": {}}  # fmt: skip
    one = {"name": queue, "size": 1, "access_key": DIGEST, "jobs": [{**plain, **j} for j in jobs]}
    path.write_bytes(sealed(json.dumps({"queues": {queue: {**one, **more}}})))
    return path


def test_the_samples(typed: Type, client: BlockingClient, secret: None) -> None:
    for sample, uid in (
        ("jobengine_v1_sample.jedb", "baeee17b-3e6a-4503-b423-ae946dddfe4f"),
        ("jobengine_v0_sample.queuedb", "6143dfcd-ae60-43b8-bd11-cbef4a5b6832"),
    ):
        file = ORIGINALS / sample
        before = file.read_bytes()
        said = typed("import", str(file))
        assert (said.code, said.err) == (0, "")
        assert [line.split() for line in said.out.splitlines()] == [
            ["QUEUE", "ADDED", "SKIPPED"], ["q", "1", "0"],
        ]  # fmt: skip
        assert file.read_bytes() == before
        found = typed("get", uid, "-o", "json")
        if "v1" in sample:
            assert found.json["payload"] == '{"a":1}'
            assert (found.json["state"], found.json["priority"]) == ("ready", -3)
            assert (found.json["created_at"], found.json["attempts"]) == (1795338933.0, 0)
            assert typed("import", str(file), "-o", "json").json == [
                {"queue": "q", "added": 0, "skipped": 1}
            ]
    assert client.counts("q").published == 0


def test_every_state(typed: Type, queue: str, tmp_path: Path, secret: None) -> None:
    now = int(time.time())
    ids = [f"{queue}-{n}" for n in range(6)]
    file = made(
        tmp_path / "db", queue,
        {"uid": ids[0], "state": "queued", "priority": 7, "timeout_time": now + 500},
        {"uid": ids[1], "state": "inprogress"},
        {"uid": ids[2], "state": "complete", "content": {"b": "\u00e9"}},
        {"uid": ids[3], "state": "failed", "keep_minutes": 0, "last_updated": now + 500},
        {"uid": ids[4], "state": "complete", "last_updated": now - 301},
        {"uid": ids[5], "state": "queued", "timeout_minutes": 0, "content": None},
    )  # fmt: skip
    assert typed("import", str(file)).code == 0
    jobs = {job["id"]: job for job in typed("list", queue, "-o", "json").json}
    assert list(jobs) == [*ids[:4], ids[5]]
    waits, held, done, failed, plain = jobs.values()
    assert (waits["state"], waits["priority"], waits["expires_at"]) == ("ready", -7, now + 500)
    assert (held["state"], held["holder"], held["lease"]) == ("reserved", "ada", 120.0)
    assert (done["state"], done["updated_at"]) == ("done", done["finished_at"])
    assert json.loads(typed("get", ids[2], "-o", "json").json["payload"]) == {"b": "\u00e9"}
    assert failed["state"] == "failed"
    assert (plain["lease"], plain["payload"], plain["expires_at"]) == (1.0, "", None)
    policy = typed("get", ids[3], "-o", "json").json
    assert policy["max_attempts"] == 1


@pytest.mark.parametrize("said", ["wrong", ""])
def test_a_wrong_secret(
    typed: Type, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("SECRET", said)
    file = made(tmp_path / "db", queue, {"uid": "u", "state": "queued"})
    refused = typed("import", str(file))
    assert (refused.code, refused.out) == (1, "")
    assert "SECRET does not open the file" in refused.err
    assert typed("counts", queue).err.startswith("jobyard: unknown-queue")


def test_where_the_secret_comes_from(
    typed: Type, queue: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET", raising=False)
    file = made(tmp_path / "db", queue, {"uid": f"{queue}-1", "state": "queued"})
    nobody = typed("import", str(file))
    assert nobody.code == 2
    assert "--secret-file" in nobody.err
    kept = tmp_path / "secret"
    assert typed("import", str(file), "--secret-file", str(kept)).code == 2
    kept.write_text(f"{SECRET}\n")
    assert typed("import", str(file), "--secret-file", str(kept)).code == 0


def test_what_is_exported_comes_back(
    typed: Type, queue: str, client: BlockingClient, tmp_path: Path
) -> None:
    raw = bytes(range(256))
    options: list[dict[str, Any]] = [
        {"priority": -3, "unique_key": "k", "unique_scope": 60.0, "run_limit": 5.0},
        {"delay": 600.5, "content_type": "text/plain", "max_attempts": None},
        {"time_to_live": 500.25, "backoff": {"delays": [1, 5]}, "keep_failed": 77.0},
    ]
    ids = [client.publish(queue, f"t{n}", raw * n, **o).job for n, o in enumerate(options)]
    ended = client.publish(queue, "done", b"\xff").job
    [held] = client.reserve(queue, ["done"])
    client.done(held, b"\xfe result")
    failed = client.publish(queue, "failed").job
    [held] = client.reserve(queue, ["failed"])
    client.fail(held, "broken", error_type="Kind", trace="a\nb", retry=False)
    file = tmp_path / "jobs.jsonl"
    said = typed("export", str(file), "--queue", queue)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert lines[0] == {"jobyard_export": 1}
    assert (lines[1]["queue"], lines[1]["settings"]["paused"]) == (queue, False)
    assert [line["id"] for line in lines[2:]] == [*ids, ended, failed]
    assert base64.b64decode(lines[3]["payload_base64"]) == raw
    assert typed("queue", "delete", queue).code == 0
    assert typed("import", str(file)).out.split()[3:] == [queue, "5", "0"]
    assert typed("import", str(file)).out.split()[3:] == [queue, "0", "5"]
    again = typed("export", "--queue", queue).out.splitlines()
    assert json.loads(again[1]) == lines[1]
    for before, after in zip(lines[2:], map(json.loads, again[2:]), strict=True):
        assert {k for k in before if before[k] != after[k]} == {"seq"}
    assert client.get(ended).result == b"\xfe result"
    assert client.get(failed).error == "broken"


def test_pages_and_bulks(typed: Type, queue: str, client: BlockingClient, tmp_path: Path) -> None:
    for size in (0, 90_000):
        for n in range(120 if size == 0 else 8):
            client.publish(queue, f"{n}", b"x" * size)
    file = tmp_path / "jobs.jsonl"
    assert typed("export", str(file), "--queue", queue).code == 0
    client.delete_queue(queue)
    assert typed("import", str(file)).out.split()[3:] == [queue, "128", "0"]
    kinds = [job["type"] for job in typed("list", queue, "--all", "-o", "json").json]
    assert kinds == [*map(str, range(120)), *map(str, range(8))]


def test_a_job_is_moved(typed: Type, queue: str) -> None:
    job = published(typed, queue, "t", "hi")
    assert typed("move", job, f"{queue}-there").code == 0
    assert typed("get", job, "-o", "json").json["queue"] == f"{queue}-there"
    refused = typed("move", "no-such-job", queue)
    assert (refused.code, refused.err[:20]) == (1, "jobyard: unknown-job")


def test_a_file_that_is_there_is_not_written_over(typed: Type, queue: str, tmp_path: Path) -> None:
    published(typed, queue, "t")
    file = tmp_path / "jobs.jsonl"
    file.write_text("mine")
    assert typed("export", str(file)).code == 2
    assert typed("export", str(tmp_path / "no" / "folder")).code == 2
    assert typed("export", str(tmp_path / "other"), "--queue", "no-such-queue").code == 2
    assert file.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["jobs.jsonl"]


JOB: Final = b'{"queue":"%s","id":"i","state":"ready","created_at":1,"updated_at":1'
HEAD: Final = b'{"jobyard_export":1}\n'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "at least 28 bytes"),
        (b"\x00" * 100, "SECRET does not open"),
        (b'{"jobyard_export":2}\n', "no export of version 1"),
        (b'{"jobyard_export":', "line 1: "),
        (HEAD + b"[" * 100_000, "line 2: "),
        (HEAD + b"{}\n", "line 2: its queue has no name"),
        (HEAD + b'{"queue":"a\\u0000"}\n', "line 2: its queue has no name"),
        (HEAD + b'{"queue":"\\ud800"}\n', "line 2: "),
        (HEAD + b'{"queue":"q"}\n', "missing required field `id`"),
        (HEAD + JOB + b',"priority":1e999}', "line 2: "),
        (HEAD + JOB + b',"priority":%b}' % (b"9" * 5_000), "line 2: "),
        (HEAD + JOB + b',"payload_base64":"!"}', "no base64"),
        (HEAD + JOB + b',"payload":"","payload_base64":""}', "two of payload"),
        (HEAD + JOB + b',"attempts":-1}', "attempts"),
        (HEAD + JOB + b',"backoff":{"fixed":-1}}', "job 0"),
        (HEAD + JOB + b',"created_at":NaN}', "line 2: "),
        (HEAD + JOB + b',"priority":1.5}', "priority"),
        (HEAD + JOB + b',"log":[[1]]}', "log"),
        (HEAD + JOB + b',"history":[["a",1e999,2,"x"]]}', "line 2: "),
        (HEAD + JOB + b',"checkpoint_base64":"!"}', "no base64"),
        (HEAD + b'{"queue":"%s","settings":[]}\n', "line 2: "),
        (HEAD + b'{"queue":"%s","settings":{"access":{"readers":1}}}\n', "readers"),
        (HEAD + b'{"queue":"%s","settings":{"recurrences":[{"type":"t"}]}}\n', "cron"),
        (
            HEAD + b'{"queue":"%s","settings":{"recurrences":'
            b'[{"type":"t","cron":"@daily","payload_base64":"!"}]}}\n',
            "no base64",
        ),
    ],
    ids=count(1),
)
def test_what_is_no_file_of_ours(
    typed: Type, queue: str, tmp_path: Path, secret: None, content: bytes, why: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content.replace(b"%s", queue.encode()))
    refused = typed("import", str(file))
    assert (refused.code, refused.out) == (1, "")
    assert why in refused.err
    assert typed("counts", queue).err.startswith("jobyard: unknown-queue")


def test_a_file_that_cannot_be_read(typed: Type, tmp_path: Path, secret: None) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        assert typed("import", str(path)).code == 2
