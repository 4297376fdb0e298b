"""Native words on a session with a real engine: what workers and publishers say all day."""

from collections.abc import AsyncIterator

import pytest
from trio.testing import MockClock

from engine.directory import Directory
from engine.testing import memory_engine
from tests.frontends.native_talker import Native
from tests.frontends.resp_reading import flat, read_all
from tests.frontends.scripted import array


@pytest.fixture
async def engine() -> AsyncIterator[Directory]:
    async with memory_engine() as engine:
        yield engine


@pytest.fixture
def ada(engine: Directory) -> Native:
    return Native(engine)


async def test_a_job_goes_round(autojump_clock: MockClock, ada: Native) -> None:
    made = await ada.ask("ENQUEUE", "q", "resize", b"\x00\xff", "PRIORITY", "-3", "LEASE", "30")
    assert made == {"job": made["job"], "existing": False}
    granted = await ada.ask("reserve", "q", "types", '["resize"]')
    (job,) = granted["jobs"]
    assert (job["id"], job["payload"], job["type"]) == (made["job"], b"\x00\xff", b"resize")
    assert (job["state"], job["priority"], job["lease"]) == (b"reserved", -3, 30.0)
    assert (job["holder"], job["attempts"], job["on_lapse"]) == (b"user1", 1, b"retry")
    held = ("RESERVATION", job["reservation"])
    assert await ada.ask("PROGRESS", job["id"], "0.5", "NOTE", "half", *held) == "OK"
    assert await ada.ask("LOG", job["id"], "hello", *held) == "OK"
    assert await ada.ask("TOUCH", job["id"], *held) == "OK"
    assert await ada.ask("DONE", job["id"], *held, "RESULT", b"\x00") == "OK"
    over = (await ada.ask("GET", job["id"]))["job"]
    assert (over["state"], over["result"], over["reservation"]) == (b"done", b"\x00", None)
    assert (over["progress"], over["note"]) == (0.5, b"half")
    ((at, line),) = over["log"]
    assert (line, over["created_at"] <= at <= over["finished_at"]) == (b"hello", True)
    assert await ada.refused("DONE", job["id"], *held) == "reservation-lost"


async def test_version_2_has_no_maps(autojump_clock: MockClock, ada: Native) -> None:
    assert flat(await ada.ask("HELLO", "2"))["proto"] == 2
    job = flat(await ada.ask("ENQUEUE", "q", "", "p", "DELAY", "1.5"))
    assert job["existing"] == 0
    view = flat(flat(await ada.ask("GET", job["job"]))["job"])
    assert float(view["ready_at"]) - float(view["created_at"]) == 1.5
    assert view["started"] == 0
    assert view["started_at"] is None
    assert flat(view["backoff"]) == {
        "min": b"1.0", "max": b"21600.0", "factor": b"2.0", "jitter": b"0.25",
    }  # fmt: skip


async def test_a_failure_says_how_to_go_on(autojump_clock: MockClock, ada: Native) -> None:
    job = (await ada.ask("ENQUEUE", "q", "t", "p", "BACKOFF", '{"fixed": 30}'))["job"]
    await ada.ask("RESERVE", "q")
    said = ("ERROR", "no", "ERROR_TYPE", "ValueError", "TRACE", "a\nb")
    assert await ada.ask("FAIL", job, *said) == "OK"
    view = (await ada.ask("GET", job))["job"]
    assert (view["state"], view["failures"], view["error"]) == (b"scheduled", 1, b"no")
    assert view["ready_at"] - view["updated_at"] == 30.0
    assert view["backoff"] == {"fixed": 30.0, "jitter": 0.0}
    assert (await ada.ask("RESERVE", "q", "WAIT", "31"))["jobs"][0]["id"] == job
    assert await ada.ask("FAIL", job, "RETRY", "false") == "OK"
    assert (await ada.ask("GET", job))["job"]["state"] == b"failed"
    assert await ada.ask("RESET", job) == "OK"
    assert (await ada.ask("GET", job))["job"]["state"] == b"ready"


async def test_a_release_may_wait(autojump_clock: MockClock, ada: Native) -> None:
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    (held,) = (await ada.ask("RESERVE", "q"))["jobs"]
    assert await ada.ask("RELEASE", job, "DELAY", "2.5", "RESERVATION", held["reservation"]) == "OK"
    assert (await ada.ask("RESERVE", "q"))["jobs"] == []
    (again,) = (await ada.ask("RESERVE_ANY", '["other", "q"]', "WAIT", "5"))["jobs"]
    assert (again["id"], again["releases"], again["attempts"]) == (job, 1, 1)


async def test_a_bulk_with_one_bad_job_adds_none(autojump_clock: MockClock, ada: Native) -> None:
    good = '{"type":"t","payload":"p","priority":1}'
    for bad in ('{"type":"t","payload":"p","priority":"1"}', '{"type":"\\u0000"}'):
        jobs = ",".join([good] * 998 + [bad, good])
        code = await ada.refused("ENQUEUE_MANY", "q", f"[{jobs}]")
        assert code in {"invalid-value", "invalid-name"}
    large = f'{{"type":"t","payload":"{"x" * (2**20 + 1)}"}}'
    jobs = ",".join([good] * 10 + [large])
    assert await ada.refused("ENQUEUE_MANY", "q", f"[{jobs}]") == "payload-too-large"
    assert await ada.refused("COUNTS", "q") == "unknown-queue"
    made = await ada.ask("ENQUEUE_MANY", "q", f"[{','.join([good] * 1000)}]")
    assert len({one["job"] for one in made["jobs"]}) == 1000
    assert (await ada.ask("COUNTS", "q"))["states"] == [0, 1000, 0, 0, 0, 0, 0]
    page = await ada.ask("LIST", "q", "STATES", '["ready"]', "LIMIT", "600")
    rest = await ada.ask("LIST", "q", "AFTER", str(page["next"]), "LIMIT", "600")
    assert (len(page["jobs"]), len(rest["jobs"]), rest["next"]) == (600, 400, None)


async def test_a_request_asked_again_is_answered_again(
    autojump_clock: MockClock, ada: Native
) -> None:
    first = await ada.ask("ENQUEUE", "q", "t", "p", "REQUEST_ID", "r-1")
    assert await ada.ask("ENQUEUE", "q", "t", "p", "REQUEST_ID", "r-1") == first
    assert (await ada.ask("COUNTS", "q"))["published"] == 1


async def test_rights_and_groups_hold_for_native_words(
    autojump_clock: MockClock, engine: Directory
) -> None:
    reader = Native(engine, user="reader")
    assert await reader.refused("ENQUEUE", "q", "t", "p") == "forbidden"
    assert await reader.refused("RESERVE", "q") == "forbidden"
    assert await reader.refused("COUNTS", "q") == "unknown-queue"
    two = Native(engine, user="user2")
    assert await two.refused("ENQUEUE", "q", "t", "p") == "group-non-selected"
    assert (await two.ask("HEALTH_COUNTS"))["queues"] == 0
    assert await two.ask("USE_GROUP", "group3") == "OK"
    assert (await two.ask("ENQUEUE", "q", "t", "p"))["job"]


async def test_words_over_all_groups_need_their_settings(
    autojump_clock: MockClock, engine: Directory
) -> None:
    closed = Native(engine, user="superuser")
    assert await closed.refused("DUMP") == "test-mode-disabled"
    assert await closed.refused("RETRY_ALL_NOW") == "dispatch-disabled"
    opened = Native(engine, user="superuser", test_mode=True, dispatch=True)
    assert await opened.ask("DUMP") == {"queues": []}
    assert await opened.ask("RETRY_ALL_NOW") == "OK"


async def test_native_words_do_not_exist_before_login_or_in_lines(
    autojump_clock: MockClock, ada: Native
) -> None:
    ada.session.receive(b"ENQUEUE q t p\n")
    ada.session.turn(64)
    assert ada.session.output() == b"Err: unknown-command\n"
    ada.session.principal = None
    assert await ada.refused("ENQUEUE", "q", "t", "p") == "not-logged"


async def test_too_few_words_and_a_lone_name_are_refused(
    autojump_clock: MockClock, ada: Native
) -> None:
    assert await ada.refused("ENQUEUE", "q", "t") == "wrong-numbers-arguments"
    assert await ada.refused("ENQUEUE", "q", "t", "p", "PRIORITY") == "invalid-value"
    ada.session.receive(array(b"ENQUEUE", b"q", b"t", b"p", b"NOPE\xff", b"1"))
    ada.session.turn(64)
    (error,) = read_all(ada.session.output())
    assert error.sentence == "NOPE\ufffd: there is no such option"


HOSTILE = {
    "PRIORITY": [
        "9" * 5_000,
        "1_000",
        "\u0663",
        "\u00b2",
        "NaN",
        "1e999",
        str(2**63),
        "1\n",
        "1\0",
    ],
    "DELAY": ["9" * 5_000, "1_000", "\u0663", "NaN", "inf", "1e999", "-1", "1\n", "1e"],
    "BACKOFF": [
        "[" * 100_000,
        '{"fixed": NaN}',
        '{"fixed": 1e999}',
        '{"min": ' + "9" * 5_000 + "}",
    ],
    "UNIQUE_SCOPE": ["queued\n", "NaN", "\ud800"],
    "CONTENT_TYPE": ["\ud800", "x" * 101],
}


async def test_hostile_values_are_refused_and_change_nothing(
    autojump_clock: MockClock, ada: Native
) -> None:
    for option, values in HOSTILE.items():
        for value in values:
            raw = value.encode("utf-8", "surrogatepass")
            code = await ada.refused("ENQUEUE", "q", "t", "p", option, raw)
            assert (option, code) == (option, "invalid-value")
    for jobs in ("[" * 100_000, '[{"payload": "\\ud800"}]', '[{"priority": ' + "9" * 5_000 + "}]"):
        assert await ada.refused("ENQUEUE_MANY", "q", jobs) == "invalid-value"
    for name in (b"", b"\xed\xa0\x80", b"a\nb", b"x" * 201):
        assert (await ada.refused("ENQUEUE", name, "t", "p")).startswith("invalid-")
    assert await ada.refused("COUNTS", "q") == "unknown-queue"
    assert (await ada.ask("HEALTH_COUNTS"))["queues"] == 0
    assert (await ada.ask("ENQUEUE", "q", "t", "p"))["existing"] is False


async def test_who_waits_for_a_job_is_answered_when_it_is_over(
    autojump_clock: MockClock, ada: Native, engine: Directory
) -> None:
    job = (await ada.ask("ENQUEUE", "q", "t", "p"))["job"]
    watcher = Native(engine, "127.0.0.1:2")
    watcher.send("WAIT", job, "WAIT", "30")
    gone = Native(engine, "127.0.0.1:3")
    gone.send("WAIT", job)
    await ada.ask("RESERVE", "q")
    gone.close()
    await watcher.settle()
    assert watcher.heard == []
    assert await ada.ask("DONE", job, "RESULT", "fine") == "OK"
    assert (await watcher.answer())["job"]["result"] == b"fine"
    assert gone.session.output() == b""
