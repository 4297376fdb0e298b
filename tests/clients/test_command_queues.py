"""The commands of queues and schedules against the real server, as they are typed."""

import json
import time

import pytest
import yaml

from jobyard.blocking import BlockingClient
from tests.acceptance.served import PASSWORD, USER
from tests.clients.typing_commands import Type, published
from tests.clients.yard import Line, Yard, packed


def test_queues(typed: Type, queue: str, client: BlockingClient) -> None:
    def is_now() -> list[str]:
        rows = typed("queue", "list").out.splitlines()
        return next(line.split() for line in rows if line.split()[0] == queue)

    published(typed, queue, "t")
    assert is_now() == [queue, *"010000000"[:8], "open"]
    assert typed("pause", queue).code == 0
    assert is_now()[-1] == "paused"
    assert typed("resume", queue).code == typed("queue", "drain", queue).code == 0
    assert is_now()[-1] == "draining"
    refused = typed("publish", queue, "t")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("jobyard: draining: ")
    assert typed("queue", "resume", queue).code == typed("queue", "pause", queue).code == 0
    counted = typed("counts", queue, "-o", "json").json
    assert (counted["states"]["ready"], counted["types"]["t"]["ready"]) == (1, 1)
    assert counted["paused"] is True
    assert typed("counts", queue).out.splitlines()[1].split() == ["(all)", *"0100000"]
    [one] = [each for each in typed("queue", "list", "-o", "json").json if each["name"] == queue]
    assert one["counts"]["states"]["ready"] == 1
    assert typed("queue", "purge", queue).code == 0
    assert client.counts(queue).states["ready"] == 0
    assert typed("queue", "delete", queue).code == 0
    assert typed("counts", queue).code == 1


def test_workers_of_a_queue(typed: Type, queue: str, client: BlockingClient) -> None:
    client.publish(queue, "t")
    client.execute("SUBSCRIBE_PUSH", queue, "CREDIT", 3, "TYPES", ["a", "b"])
    [worker] = typed("queue", "workers", queue, "-o", "json").json
    assert (worker["name"], worker["credit"], worker["types"]) == (USER, 3, ["a", "b"])
    assert worker["address"] in typed("queue", "workers", queue).out
    assert typed("queue", "kick", queue, "nobody:1").code == 1
    assert typed("queue", "kick", queue, worker["address"]).code == 0
    assert typed("queue", "workers", queue, "-o", "json").json == []
    client.execute("SUBSCRIBE_PUSH", queue)
    assert typed("queue", "kick", queue).code == 0
    assert typed("queue", "workers", queue, "-o", "json").json == []


def test_jobs_that_wait_after_a_failure(typed: Type, queue: str, client: BlockingClient) -> None:
    client.publish(queue, "t", backoff={"fixed": 1_000})
    [held] = client.reserve(queue)
    client.fail(held)
    assert client.get(held).state == "scheduled"
    assert typed("queue", "retry", queue).code == 0
    assert client.get(held).state == "ready"


def test_schedules(typed: Type, queue: str, client: BlockingClient) -> None:
    made = typed(
        "recur", "set", queue, "report", "0 7 * * 1-5", "weekly", "--zone", "Europe/Paris",
        "--missed", "once", "--overlap", "skip",
    )  # fmt: skip
    number = made.out.strip()
    assert number.isdecimal()
    [one] = typed("recur", "list", queue, "-o", "json").json
    assert (one["type"], one["zone"], one["paused"]) == ("report", "Europe/Paris", False)
    assert (one["missed"], one["overlap"]) == ("once", "skip")
    assert typed("recur", "pause", queue, number).code == 0
    assert typed("recur", "list", queue).out.splitlines()[1].split()[-1] == "paused"
    assert typed("recur", "resume", queue, number).code == 0
    assert typed("recur", "list", queue).out.splitlines()[1].split()[-1] == "on"
    job = typed("recur", "run", queue, number).out.strip()
    assert client.get(job).payload == b"weekly"
    assert typed("recur", "delete", queue, number).code == 0
    assert typed("recur", "list", queue, "-o", "json").json == []
    assert typed("recur", "delete", queue, number).code == 1
    assert typed("recur", "set", queue, "t", "61 * * * *").err.startswith("jobyard: invalid-cron")


def test_the_next_times_of_a_schedule(typed: Type) -> None:
    said = typed("recur", "preview", "30 12 * * *", "--n", "3")
    assert [line.split()[1] for line in said.out.splitlines()] == ["12:30:00Z"] * 3
    ticks = typed("recur", "preview", "30 12 * * *", "--n", "2", "-o", "json").json
    assert ticks[1] - ticks[0] == 86_400


def test_one_frame_of_top(typed: Type, queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    published(typed, f"{queue}[red]", "t")
    frame = typed("top", "--once")
    assert frame.code == 0
    assert f"{queue}[red]" in frame.out
    assert PASSWORD not in frame.out
    named = {one["name"] for one in typed("top", "--once", "-o", "json").json}
    assert f"{queue}[red]" in named
    assert typed("top", "--every", "0").code == 2


@pytest.mark.parametrize("terminal", [False, True])
def test_top_looks_again_until_it_is_told(
    typed: Type,
    queue: str,
    client: BlockingClient,
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
) -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyboardInterrupt
        client.publish(queue, "t")

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("FORCE_COLOR", "1" if terminal else "")
    monkeypatch.setattr(time, "sleep", sleep)
    shown = typed("top", "--every", "5")
    assert (shown.code, naps) == (0, [5.0, 5.0])
    assert queue in shown.out
    assert ("\x1b[?1049h" in shown.out) == terminal


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
def test_tail_tells_every_job_once(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    jobs = [client.publish(queue, "t", f"\x1b{n}").job for n in range(101)]
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            raise KeyboardInterrupt
        jobs.append(client.publish(queue, "t").job)
        client.publish(queue, "other")

    monkeypatch.setattr(time, "sleep", sleep)
    told = typed("tail", queue, "--type", "t", "--every", "9", "-o", output)
    assert (told.code, told.err, naps) == (0, "", [9.0, 9.0, 9.0])
    assert all(line.isprintable() for line in told.out.split("\n"))
    found = {
        "table": lambda text: [line.split()[0] for line in text.splitlines()],
        "json": lambda text: [json.loads(line)["id"] for line in text.splitlines()],
        "yaml": lambda text: [job["id"] for job in yaml.safe_load(text)],
    }[output](told.out)
    assert found == jobs


def test_tail_goes_on_behind_a_page_that_found_nothing(
    typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    after: list[bytes] = []

    def listed(_: Line, words: list[bytes]) -> bytes:
        pairs = dict(zip(words[2::2], words[3::2], strict=True))
        after.append(pairs.get(b"AFTER", b"0"))
        job = {"id": "job-9", "seq": 9, "queue": "q", "type": "t", "state": "ready"}
        return packed([{"jobs": [], "next": 5}, {"jobs": [job], "next": None}][len(after) - 1])

    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    with Yard() as yard:
        yard.scripts["LIST"] = listed
        told = typed("tail", "q", "--type", "t", "--url", yard.url)
    assert (told.code, told.out.split()[0], after) == (0, "job-9", [b"0", b"5"])


def test_tail_of_what_is_new(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        client.publish(queue, "t")
    client.delete(client.publish(queue, "t").job)
    new: list[str] = []

    def sleep(_: float) -> None:
        if len(new) == 2:
            raise KeyboardInterrupt
        new.append(client.publish(queue, "t").job)

    monkeypatch.setattr(time, "sleep", sleep)
    told = typed("tail", queue, "--new")
    assert (told.code, [line.split()[0] for line in told.out.splitlines()]) == (0, new)
    assert typed("tail", "no-such-queue", "--new").code == 1


def test_tail_of_what_cannot_be(typed: Type, queue: str) -> None:
    assert typed("tail", "no-such-queue").code == 1
    published(typed, queue, "t")
    assert typed("tail", queue, "--every", "0.1").code == 2
    assert typed("tail", queue, "--new", "--after", "1").code == 2
