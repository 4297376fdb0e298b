"""Assertions on what was published, and scripts."""

import asyncio

import pytest

from engine.commands import Publish
from engine.replies import OK, Code, Granted, Published, Refused
from engine.testing import NotScripted
from jobyard.errors import BadArgument, InvalidValue, NotFound, Unavailable
from jobyard.options import NewJob
from jobyard.testing import ScriptedClient, VirtualEngine
from jobyard.virtual import Stuck
from tests.library.test_virtual import virtual

__all__ = ["virtual"]


def test_what_was_published_is_found_by_all_that_is_said(virtual: VirtualEngine) -> None:
    virtual.publish("images", "resize", {"width": 1}, priority=3, delay=60, lease=5)
    made = virtual.publish("images", "resize", b"raw")
    virtual.publish_many("mail", [NewJob("welcome", "ada"), NewJob("welcome", "bob")])
    assert virtual.assert_published("resize").job == made.job
    virtual.assert_published("resize", "images", {"width": 1}, priority=3, delay=60, lease=5)
    virtual.assert_published("welcome", queue="mail", count=2)
    virtual.assert_published("welcome", payload="bob", count=1)
    virtual.assert_not_published("resize", queue="mail")
    virtual.assert_not_published("resize", priority=4)
    assert [sent.type for sent in virtual.published] == ["resize", "resize", "welcome", "welcome"]


def test_what_was_not_published_is_said_with_what_was(virtual: VirtualEngine) -> None:
    with pytest.raises(AssertionError, match="published were: nothing"):
        virtual.assert_published("resize")
    virtual.publish("images", "resize", "x")
    with pytest.raises(AssertionError, match=r"expected 2 of 'resize', found 1; .*\n  'resize' in"):
        virtual.assert_published("resize", count=2)
    with pytest.raises(AssertionError, match="expected no 'resize', found 1"):
        virtual.assert_not_published("resize")
    with pytest.raises(AssertionError):
        virtual.assert_published("resize", payload="y")
    with pytest.raises(BadArgument):
        virtual.assert_published("mail", count=0)
    with pytest.raises(AttributeError, match="colour"):
        virtual.assert_published("resize", colour="red")


def test_refused_and_repeated_jobs_are_not_published(virtual: VirtualEngine) -> None:
    with pytest.raises(InvalidValue):
        virtual.publish("a\nb", "t")
    for _ in range(2):
        virtual.publish("q", "t", unique_key="k")
    virtual.publish_many("q", [NewJob("t", "", {"unique_key": "k"}), NewJob("t")])
    virtual.assert_published("t", count=2)


def test_a_script_answers_in_order_and_remembers() -> None:
    script = ScriptedClient(Published("job-1"), Refused(Code.STORAGE_FULL))
    script.script(Granted(()), lambda command: Refused(Code.UNKNOWN_JOB, command.job))
    assert script.publish("q", "t", "x").job == "job-1"
    with pytest.raises(Unavailable):
        script.publish("q", "t")
    assert script.reserve("q") == ()
    assert script.remaining == 1
    with pytest.raises(NotFound, match="nobody"):
        script.get("nobody")
    assert script.asked[0] == Publish("q", "t", b"x")
    script.assert_published("t", queue="q", payload="x", count=1)
    with pytest.raises(NotScripted):
        script.get("nobody")


def test_arguments_are_checked_before_the_script_is_asked() -> None:
    script = ScriptedClient(OK)
    with pytest.raises(InvalidValue):
        script.reserve("q", limit=0)
    assert (script.asked, script.remaining) == ([], 1)


def test_a_script_without_an_answer_is_stuck() -> None:
    with pytest.raises(Stuck):
        ScriptedClient(lambda _: None).counts("q")


def test_a_script_under_asyncio() -> None:
    script = ScriptedClient(Published("job-1"))

    async def program() -> str:
        return (await script.client.publish("q", "t")).job

    assert asyncio.run(program()) == "job-1"
    script.assert_published("t")
