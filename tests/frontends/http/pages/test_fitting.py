"""Which jobs a search finds."""

import pytest

from frontends.http.pages.fitting import fits
from frontends.http.pages.search import parse
from tests.frontends.http.pages.job_views import job_view

JSON = (
    b'{"to": {"name": "ada", "age": 12345678901234567890, "ok": true, "none": null},'
    b' "list": [{"x": 1.50}, "two"], "text": "caf\\u00e9", "empty": ""}'
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("payload.to.name:ada", True),
        ("payload.to.name:Ada", False),
        ("payload.to.name:ad", False),
        ("payload.to:ada", False),
        ("payload.to.name.x:ada", False),
        ("payload.to.age:12345678901234567890", True),
        ("payload.to.age:12345678901234567891", False),
        ("payload.to.ok:true", True),
        ("payload.to.none:null", True),
        ("payload.to.missing:null", False),
        ("payload.list.0.x:1.50", True),
        ("payload.list.0.x:1.5", False),
        ("payload.list.1:two", True),
        ("payload.list.2:two", False),
        ("payload.list.-1:two", False),
        ("payload.list.²:two", False),
        ("payload.list.99999999999999999999:two", False),
        ("payload.text:café", True),
        ('payload.empty:""', True),
        ("payload:NAME", True),
        ("payload:nobody", False),
        ("payload.to.name:ada payload.list.1:two", True),
        ("payload.to.name:ada payload.list.1:three", False),
    ],
)
def test_inside_json(text: str, found: bool) -> None:
    search, mistakes = parse(text)
    assert mistakes == ()
    assert fits(search, job_view(payload=JSON)) is found


@pytest.mark.parametrize(
    "payload",
    [b"", b"a", b"[" * 100_000 + b"a", b"\xffa", b'{"a":' * 9999, b"\xed\xa0\x80a", b'"a', b"NaNa"],
)
def test_what_is_no_json_has_no_paths_and_breaks_nothing(payload: bytes) -> None:
    search, _ = parse("payload.a:a")
    assert not fits(search, job_view(payload=payload))
    anywhere, _ = parse("payload:A")
    assert fits(anywhere, job_view(payload=payload)) is (b"a" in payload)


def test_numbers_of_any_size_are_compared_as_they_are_written() -> None:
    digits = "9" * 5000
    search, _ = parse("payload.a:1e999")
    assert fits(search, job_view(payload=f'{{"b": {digits}, "a": 1e999}}'.encode()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("error:TIMEOUT", True),
        ("error:OSError", True),
        ("error:route", False),
        ("id:0190", True),
        ("id:0190-1", True),
        ("id:190", False),
    ],
)
def test_by_error_and_id(text: str, found: bool) -> None:
    search, _ = parse(text)
    job = job_view(error="a Timeout of 3 s", error_type="OSError")
    assert fits(search, job) is found


def test_a_job_without_an_error_is_not_found_by_one() -> None:
    search, _ = parse("error:x")
    assert not fits(search, job_view())
