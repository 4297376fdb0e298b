"""Tasks as jobs: what is kept comes back as the Go type it was; the page as it was recorded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.dialects.gob import BOOL, BYTES, FLOAT, INT, STRING, Named, Schema, StructType
from frontends.dialects.qmanager import Kept, Task, given_back, kept, string
from frontends.dialects.qmanager_json import kept_json, shown
from frontends.dialects.qmanager_page import Counted, page
from tests.frontends.dialects.gob_values import typed


def held(name: str, kind: int, value: object) -> Named:
    return Named(name, Schema.basic(kind), value)


@pytest.mark.parametrize(
    ("value", "content", "kind"),
    [
        (string("15"), b"15", ""),
        (string(""), b"", ""),
        (string(b"\xff\0".decode("utf-8", "surrogateescape")), b"\xff\0", ""),
        (held("int", INT, -5), b"-5", "go/int"),
        (held("int", INT, (1 << 63) - 1), b"9223372036854775807", "go/int"),
        (held("float64", FLOAT, 2.5), b"2.5", "go/float64"),
        (held("float64", FLOAT, -56.0), b"-56.0", "go/float64"),
        (held("bool", BOOL, value=True), b"true", "go/bool"),
        (held("[]uint8", BYTES, b"\x01\x02\xff"), b'"AQL/"', "go/[]uint8"),
    ],
)
def test_what_json_has_is_kept_as_json(value: Named, content: bytes, kind: str) -> None:
    assert kept(value) == Kept(content, kind)
    assert given_back(Kept(content, kind)) == value


@pytest.mark.parametrize(
    "value",
    [
        held("int64", INT, -5),
        held("uint64", 3, 1 << 40),
        held("float64", FLOAT, float("inf")),
        held("main.Name", STRING, "x"),
        held("string", INT, 7),
        Named("main.P", Schema((StructType("P", (("X", INT), ("Y", STRING))),)), {"X": 7}),
    ],
)
def test_anything_else_is_kept_as_a_stream_of_its_own(value: Named) -> None:
    found = kept(value)
    assert found.type == "go/gob"
    assert given_back(found) == value


@given(typed())
def test_every_type_comes_back(case: tuple[Schema, Any]) -> None:
    value = Named("main.T", *case)
    assert given_back(kept(value)) == value


@given(st.binary(max_size=40), st.sampled_from(["", "go/int", "go/gob", "go/bool", "go/[]uint8"]))
def test_what_is_not_what_its_type_says_is_a_string(content: bytes, kind: str) -> None:
    found = given_back(Kept(content, kind))
    if found.name == "string":
        assert found.value.encode("utf-8", "surrogateescape") == content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"1.5", "go/int"), (b"true", "go/int"), (b"9" * 5000, "go/int"), (b"1_0", "go/int"),
        (b"9223372036854775808", "go/int"), (b"1e999", "go/float64"), (b"NaN", "go/float64"),
        (b"1", "go/bool"), (b'"\xc3\xa9"', "go/[]uint8"), (b'"A"', "go/[]uint8"), (b"", "go/gob"),
        (b"[" * 100_000, "go/int"), (b"{}", "application/json"),
    ],
)  # fmt: skip
def test_content_of_another_kind_is_the_string_that_it_is(content: bytes, kind: str) -> None:
    assert given_back(Kept(content, kind)) == string(content.decode("utf-8", "surrogateescape"))


def test_tasks_of_other_doors_are_json_in_json() -> None:
    for value, kind in ((2, "go/float64"), (True, "go/bool"), ("x", ""), ([1], "application/json")):
        found = kept_json(value)
        assert found.type == kind
        assert shown(found) == value
    assert shown(Kept(b"{", "application/json")) == "{"
    assert shown(Kept(b"\xff")) == "?"
    assert shown(kept(held("[]uint8", BYTES, b"\xff"))) == "/w=="
    assert shown(None) is None


RECORDED = (
    "Current time is: 2020-09-13 12:26:40.500000 +0000 UTC\nWait:\t\t0\nProgress:\t0\n"
    "Done:\t\t2\n\nDone list:\n"
    "ID: 5ba4ecf6-1bab-4517-aebc-6c759c28abfe  Type: fibonacci   Input: 15                  "
    "Output: 610\n"
    "ID: f033eb17-0daa-447a-96e4-e41f2b26561f  Type: arithmetic  Input: 5 + 12 / 6 - 7 * 9  "
    "Output: -56\n"
)


def test_the_page_is_as_recorded() -> None:
    done = [
        Task(
            "5ba4ecf6-1bab-4517-aebc-6c759c28abfe", "fibonacci", Kept(b"15"), Kept(b"610", "go/int")
        ),
        Task(
            "f033eb17-0daa-447a-96e4-e41f2b26561f",
            "arithmetic",
            Kept(b"5 + 12 / 6 - 7 * 9"),
            Kept(b"-56.0", "go/float64"),
        ),
    ]
    assert page(Counted(0, 0, 2), done, 1_600_000_000.5) == RECORDED
    assert page(Counted(1, 7, 0), [], 0.0).endswith(
        "Wait:\t\t1\nProgress:\t7\nDone:\t\t0\n\nDone list:\n"
    )


def test_a_value_cannot_break_the_page() -> None:
    done = [Task("j", "t\n", Kept(b"a\nb\x1b[31m" + b"x" * 5000), None)]
    last = page(Counted(0, 0, 1), done, 0.0).split("\n")[-2]
    assert last.startswith("ID: j  Type: t\ufffd  Input: a\ufffdb\ufffd[31mxxx")
    assert last.endswith("Output: <nil>")
    assert len(last) < 1100
    shown_bytes = Task("j", "t", Kept(b'"AQL/"', "go/[]uint8"), Kept(b"true", "go/bool"))
    assert "Input: [1 2 255]  Output: true" in page(Counted(0, 0, 1), [shown_bytes], 0.0)
