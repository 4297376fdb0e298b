"""The authorization matrix over HTTP: every path for every principal in every group.

It is made from the tables, so a path cannot be forgotten.
"""

from typing import Final

import pytest
from trio.testing import MockClock

from engine import commands as c
from engine.access import EVERYTHING, MEMBER, Right
from frontends.http.native.path import Path
from frontends.http.native.table import PATHS
from tests.frontends.http.native.asking import ask, populate
from tests.frontends.http.native.calling import RIGHTS, Yard

HELD: Final[dict[str, Right]] = {
    **{name: Right[name.upper()] for name in RIGHTS},
    "ada": MEMBER,
    "bob": MEMBER,
    "root": EVERYTHING,
}
"""Who may do what in the group `yard`."""
STRANGERS: Final = ("eve", "nobody")
UNKNOWN: Final = {"queue": "none", "job": "none", "number": 99}
CASES: Final = [pytest.param(path, id=f"{path.method} {path.template}") for path in PATHS]


@pytest.mark.parametrize("path", CASES)
@pytest.mark.parametrize("user", HELD)
async def test_a_right_opens_its_paths_only(
    yard: Yard, path: Path, user: str, autojump_clock: MockClock
) -> None:
    names = await populate(yard)
    held = HELD[user] if path.in_group or user == "root" else Right(0)
    if all(not needs or held & needs for needs in path.needs):
        heard = await ask(yard, path, user, "yard", names)
        of_another = path.kind is c.Delete and user == "work"
        assert (heard.status == 403) is of_another, heard.text
        assert heard.status != 401
        return
    for target in (names, UNKNOWN):
        heard = await ask(yard, path, user, "yard", target)
        assert (heard.status, heard.code) == (403, "forbidden")
    assert (await yard.job(names["job"]))["state"] == "ready"
    assert (await yard.call("GET", "/queues/q/counts")).json["published"] == 1


@pytest.mark.parametrize("path", CASES)
async def test_a_stranger_sees_nothing_of_a_group(
    yard: Yard, path: Path, autojump_clock: MockClock
) -> None:
    names = await populate(yard)
    before = await yard.job(names["job"])
    assert (await ask(yard, path, None, "yard", names)).code == "not-logged"
    for user in STRANGERS if path.in_group else ():
        theirs = await ask(yard, path, user, "yard", names)
        nobodys = await ask(yard, path, user, "nowhere", names)
        assert theirs == nobodys
        assert theirs.status == 404
    assert await yard.job(names["job"]) == before


@pytest.mark.parametrize("path", CASES)
async def test_what_lies_in_another_group_looks_unknown(
    yard: Yard, path: Path, autojump_clock: MockClock
) -> None:
    if not (path.in_group and path.in_path):
        return
    names = await populate(yard)
    theirs = await ask(yard, path, "eve", "field", names)
    nobodys = await ask(yard, path, "eve", "field", {**names, "job": "none", "queue": "none2"})
    assert theirs.status == nobodys.status
    if theirs.status >= 400:
        assert theirs.text == nobodys.text
    assert (await yard.job(names["job"]))["state"] == "ready"
    assert (await yard.call("GET", "/queues/q/counts")).json["published"] == 1
