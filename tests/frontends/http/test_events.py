"""The event stream: who may hear what, where it begins, and how it ends."""

import json

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock, wait_all_tasks_blocked

from engine.access import EVERYTHING, Principal, caller
from engine.commands import Done, Reserve
from engine.directory import Directory
from engine.events import Event, EventId, What
from engine.replies import Granted
from frontends.dialects import event_stream
from frontends.http.events import QUIET
from frontends.http.exchange import Request, Response
from frontends.http.site import Site
from tests.frontends.http.hearing import SETTINGS, dialect, get, publish, reading
from tests.support.sites import memory_site


async def refusal(site: Site, request: Request) -> tuple[int, str]:
    answer = await dialect(site).answer(request)
    assert isinstance(answer, Response)
    return answer.status, json.loads(answer.body)["code"]


async def test_a_job_is_seen_from_publish_to_done(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get()) as reader:
        job = await publish(site)
        who = caller(Principal("ada", {"g": EVERYTHING}), "g")
        reply = await site.engine.execute(who, Reserve("q"))
        assert isinstance(reply, Granted)
        await site.engine.execute(who, Done(job, reply.jobs[0].reservation))
        await wait_all_tasks_blocked()
        assert reader.kinds == ["queue-made", "published", "reserved", "done"]
        assert reader.text.startswith(b"retry: ")
        last = reader.told[-1]
        assert last["data"] == {
            "at": last["data"]["at"], "group": "g", "queue": "q", "what": "done", "job": job,
            "seq": last["data"]["seq"], "type": "t", "before": "reserved", "after": "done",
            "attempts": 1, "by": "ada",
        }  # fmt: skip
        assert b"payload" not in reader.text


async def test_other_paths_and_methods(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        assert await dialect(site).answer(evolve(get(), path="/api/v2/event")) is None
        assert await refusal(site, evolve(get(), method="POST")) == (405, "wrong-method")


@pytest.mark.parametrize(
    ("query", "user", "said"),
    [
        ("", "nobody", (401, "invalid-creds")),
        ("", "bob", (400, "group-non-selected")),
        ("", "root", (400, "group-non-selected")),
        ("group=h", "ada", (404, "unknown-group")),
        ("group=nowhere", "ada", (404, "unknown-group")),
        ("group=*", "ada", (403, "forbidden")),
        ("", "pub", (403, "forbidden")),
        ("what=nothing", "ada", (400, "invalid-value")),
        ("state=READY", "ada", (400, "invalid-value")),
        ("colour=red", "ada", (400, "invalid-value")),
        ("queue=" + "x" * 201, "ada", (400, "invalid-value")),
        ("&".join(["type=t"] * 101), "ada", (400, "invalid-value")),
        ("last_event_id=1-1&last_event_id=1-2", "ada", (400, "invalid-value")),
        ("type=%ff", "ada", (400, "invalid-value")),
    ],
)
async def test_who_may_not_hear(
    query: str, user: str, said: tuple[int, str], autojump_clock: MockClock
) -> None:
    async with memory_site(SETTINGS) as site:
        assert await refusal(site, get(query, user)) == said


async def test_without_a_password_nobody_hears(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site:
        assert await refusal(site, evolve(get(), headers={})) == (401, "not-logged")


async def test_a_group_hears_its_own(autojump_clock: MockClock) -> None:
    async with (
        memory_site(SETTINGS) as site,
        reading(site, get()) as ada,
        reading(site, get("group=h", "bob")) as bob,
        reading(site, get("", "bob", jobyard_group="g")) as bob_too,
        reading(site, get("group=*", "root")) as root,
    ):
        await publish(site, group="g")
        await publish(site, group="h")
        groups = [[each["data"]["group"] for each in r.told] for r in (ada, bob, bob_too, root)]
        assert groups == [["g"] * 2, ["h"] * 2, ["g"] * 2, ["g", "g", "h", "h"]]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("queue=a", ["queue-made", "published"]),
        ("queue=a&queue=b&what=published", ["published", "published"]),
        ("type=other", []),
        ("state=ready&type=t", ["published", "published"]),
        ("what=queue-made&what=paused", ["queue-made", "queue-made"]),
    ],
)
async def test_a_filter_is_obeyed(query: str, kinds: list[str], autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get(query)) as reader:
        await publish(site, "a")
        await publish(site, "b")
        assert reader.kinds == kinds


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_stream_goes_on_where_it_stopped(
    by_header: bool,
    autojump_clock: MockClock,
) -> None:
    async with memory_site(SETTINGS) as site:
        async with reading(site, get()) as reader:
            await publish(site)
            last = reader.told[-1]["id"]
        missed = await publish(site)
        request = get(last_event_id=last) if by_header else get(f"last_event_id={last}")
        async with reading(site, request) as again:
            assert [each["data"]["job"] for each in again.told] == [missed]


async def test_a_stream_without_events_can_be_gone_on_with_too(
    autojump_clock: MockClock,
) -> None:
    async with memory_site(SETTINGS) as site:
        async with reading(site, get()) as reader:
            start = reader.text.decode().split("id: ")[1].split("\n")[0]
        await publish(site)
        async with reading(site, get(last_event_id=start)) as again:
            assert again.kinds == ["queue-made", "published"]


@pytest.mark.parametrize(
    "place",
    ["99-1", "1-99", "", "-", "1", "1-1\n", "1_0-1", "\u0661-\u0661", "9" * 5_000 + "-1", "-1--1"],
)
async def test_a_place_nobody_knows_is_told_as_a_gap(place: str, autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get(last_event_id=place)) as reader:
        assert reader.kinds == ["gap"]
        await publish(site)
        assert reader.kinds == ["gap", "queue-made", "published"]


async def test_a_quiet_stream_is_kept_alive(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get()) as reader:
        await trio.sleep(QUIET * 3 + 1)
        assert reader.text.count(b": keep-alive\n\n") == 3


async def test_who_does_not_read_is_cut_off_with_a_word(autojump_clock: MockClock) -> None:
    settings = evolve(SETTINGS, limits=evolve(SETTINGS.limits, events=10))
    async with memory_site(settings) as site, reading(site, get(), takes=False) as reader:
        for _ in range(40):
            await publish(site)
        reader.takes.set()
        await wait_all_tasks_blocked()
        assert reader.over
        assert reader.told[-1]["event"] == "cut"
        assert reader.told[-1]["data"] == {"reason": "too-slow"}


async def test_the_end_of_the_server_is_told(autojump_clock: MockClock) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get()) as reader:
        assert isinstance(site.engine, Directory)
        await site.engine.stop()
        await wait_all_tasks_blocked()
        assert reader.over
        assert reader.told[-1]["data"] == {"reason": "stopping"}


@pytest.mark.parametrize("busy", [True, False])
async def test_who_loses_the_right_hears_no_more(
    busy: bool,
    autojump_clock: MockClock,
) -> None:
    async with memory_site(SETTINGS) as site, reading(site, get()) as reader:
        site.login.replace_users([])
        for _ in range(int(QUIET) + 1):
            await trio.sleep(1)
            if busy:
                await publish(site)
        await wait_all_tasks_blocked()
        assert reader.over
        assert reader.told[-1]["data"] == {"reason": "rights-changed"}


async def test_each_event_is_encoded_once_for_all(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    encode = event_stream.encode

    def counting(event: Event, boot: int) -> bytes:
        made.append(event.number)
        return encode(event, boot)

    monkeypatch.setattr(event_stream, "encode", counting)
    async with memory_site(SETTINGS) as site:
        events = dialect(site)
        async with (
            reading(site, get(), events) as one,
            reading(site, get(), events) as two,
            reading(site, get("group=*", "root"), events) as all_groups,
        ):
            await publish(site)
            assert one.kinds == two.kinds == all_groups.kinds == ["queue-made", "published"]
    assert made == [1, 2]


def test_a_lone_surrogate_does_not_end_a_stream() -> None:
    event = Event(1.0, "g", "q", What.FAILED, "j", error_type="bad \udc80", number=7)
    told = event_stream.encode(event, 3)
    assert told.startswith(b"id: 3-7\nevent: failed\ndata: {")
    assert json.loads(told.split(b"data: ")[1])["error_type"] == "bad ?"


def test_a_place_is_read_as_it_is_written() -> None:
    assert event_stream.place(str(EventId(4, 12))) == EventId(4, 12)
