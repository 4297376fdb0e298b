"""Commands made by hand are held to the bounds of the table."""

import math
from typing import Any

import attrs
import pytest

from engine import Backoff, JobPolicy
from engine.commands import (
    TABLE,
    Done,
    Edit,
    Fail,
    Get,
    ListJobs,
    NewJob,
    Publish,
    PublishMany,
    PublishOptions,
    Reserve,
    ReserveAny,
    SetRecurrence,
)
from engine.job import JobState, OnLapse
from engine.replies import OK
from jobyard.checking import checked
from jobyard.errors import BadArgument
from jobyard.library import open_engine

FINE = [
    Publish("q", "t", b"x", PublishOptions(priority=-3, delay=5, unique_scope=3.0, ready_at=9.0)),
    Publish("q", "", b"", PublishOptions(policy=JobPolicy(5, OnLapse.FAIL, 3.0, None))),
    PublishMany("q", (NewJob("t", b"x"), NewJob("", b"", PublishOptions(time_to_live=3.0)))),
    Reserve("q", ("a", ""), limit=1_000, wait=60),
    ReserveAny(("a", "b")),
    Done("job", "1-2", b"result"),
    Edit("job", payload=b"x"),
    Fail("job", error="no", delay=3),
    ListJobs("q", (JobState.READY,), "t"),
    SetRecurrence("q", "t", "@hourly", b"x", "Europe/Berlin"),
]


def published(**options: Any) -> Publish:
    return Publish("q", "t", b"x", PublishOptions(**options))


def policy(**fields: Any) -> Publish:
    return published(policy=JobPolicy(**fields))


WRONG: list[Any] = [
    OK,
    "GET",
    None,
    Publish("q", "t", "text"),  # type: ignore[arg-type]
    Publish(b"q", "t", b"x"),  # type: ignore[arg-type]
    Publish("q" * 201, "t", b"x"),
    Publish("\ud800", "t", b"x"),
    PublishMany("q", ()),
    PublishMany("q", (NewJob("t" * 201, b"x"),)),
    PublishMany("q", (NewJob("t", b"", PublishOptions(delay=-1)),)),
    published(priority=2**63),
    published(delay=math.nan),
    published(ready_at=math.nan),
    published(ready_at=math.inf),
    published(time_to_live=-1),
    published(content_type="x" * 101),
    published(unique_key="\udfff"),
    published(unique_scope="never"),
    published(unique_scope=math.nan),
    policy(lease=math.nan),
    policy(lease=None),
    policy(run_limit=-1),
    policy(max_attempts=0),
    policy(keep_done=math.inf),
    Reserve("q", limit=0),
    Reserve("q", wait=math.nan),
    Reserve("q", ("t" * 201,)),
    Reserve("q", ("\ud800",)),
    Get(""),
    Get(b"x"),  # type: ignore[arg-type]
    Fail("job", error="\ud800"),
    Edit("job", priority=True),
    Edit("job", payload="x"),  # type: ignore[arg-type]
    SetRecurrence("q", "t", "@hourly", missed="perhaps"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("command", FINE, ids=repr)
def test_what_is_within_bounds_is_the_same(command: object) -> None:
    assert checked(command) is command


@pytest.mark.parametrize("command", WRONG, ids=range(len(WRONG)))
async def test_what_is_not_is_refused_before_it_is_run(command: object) -> None:
    async with open_engine() as engine:
        with pytest.raises(BadArgument):
            await engine.execute(command)
        assert await engine.topics() == []


def test_a_backoff_checks_itself() -> None:
    with pytest.raises(ValueError, match="minimum"):
        Backoff.fixed(-1)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_no_field_of_any_command_takes_a_lone_surrogate(kind: Any) -> None:
    required = [field for field in attrs.fields(kind) if field.default is attrs.NOTHING]
    if not required:
        assert checked(kind()) == kind()
        return
    with pytest.raises(BadArgument):
        checked(kind(*["\ud800"] * len(required)))
