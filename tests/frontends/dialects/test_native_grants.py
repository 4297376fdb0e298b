"""Groups and rights as one argument: JSON, or as people write them."""

import pytest

from engine.commands import RIGHT_NAMES, AddUser, ChangeUser, Grant
from engine.job import DEFAULT_POLICY
from engine.replies import Code, Refused
from frontends.dialects.native import WORDS, Bound

ALL = RIGHT_NAMES


def bound(groups: bytes) -> object:
    said = [b"ADD_USER", b"ada", b"password", b"GROUPS", groups]
    found = WORDS["ADD_USER"].bind(said, DEFAULT_POLICY)
    return found.command.groups if isinstance(found, Bound) else found


@pytest.mark.parametrize(
    ("said", "grants"),
    [
        (b"", ()),
        (b"[]", ()),
        (b"shop", (Grant("shop", ALL),)),
        (b"mail,shop:read+work", (Grant("mail", ALL), Grant("shop", ("read", "work")))),
        (b"shop:", (Grant("shop", ALL),)),
        (b'[{"group": "a,b:c"}]', (Grant("a,b:c", ALL),)),
        (b'[{"group": "shop", "rights": ["manage"]}]', (Grant("shop", ("manage",)),)),
    ],
)
def test_both_forms_are_read(said: bytes, grants: tuple[Grant, ...]) -> None:
    assert bound(said) == grants


@pytest.mark.parametrize(
    "said",
    [
        b",", b"shop,", b"shop:admin", b"shop:read+", b"shop:READ", b"x" * 201, b"\xff",
        b"g," * 1_001 + b"g", b"shop:" + b"read+" * 5 + b"read",
        b"[" * 100_000, b'["shop"]', b'[{"group": "shop", "rights": []}]', b'[{"group": 1}]',
        b'[{"group": "shop", "admin": true}]', b'[{"group": "\\ud800"}]', b"[NaN]", b'{"shop": []}',
    ],
)  # fmt: skip
def test_what_is_neither_is_refused(said: bytes) -> None:
    refused = bound(said)
    assert isinstance(refused, Refused)
    assert refused.code is Code.INVALID_VALUE


def test_what_is_not_said_stays_unsaid() -> None:
    found = WORDS["CHANGE_USER"].bind([b"CHANGE_USER", b"ada", b"ADMIN", b"true"], DEFAULT_POLICY)
    assert isinstance(found, Bound)
    assert found.command == ChangeUser("ada", admin=True)
    assert AddUser("ada", "p").groups == ()
