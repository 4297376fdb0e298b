import pytest

from jobyard import BlockingHttpClient, HttpClient
from jobyard.errors import BadArgument
from jobyard.http.address import WebAddress, parse, web_address


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOBYARD_TOKEN", raising=False)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://h", WebAddress("h")),
        ("http://h/", WebAddress("h")),
        ("https://h:1/?group=g", WebAddress("h", 1, tls=True, group="g")),
        ("https://h", WebAddress("h", 8952, tls=True)),
        ("http://ada:p%40ss%2F@[::1]:7/?group=a%2Fb+c", WebAddress(
            "::1", 7, user="ada", password="p@ss/", group="a/b c")),
        ("http://ada@h", WebAddress("h", user="ada")),
    ],
)  # fmt: skip
def test_a_url_says_where_and_who(url: str, address: WebAddress) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "h:1", "jobyard://h", "http:h", "http://", "http://:1", "http://h:0", "http://h:65536",
        "http://h:x", "http://h:٣", "http://h/a", "http://h/?x=1", "http://h/?group=", "http://h/?g",
        "http://h/?group=a&group=b", "http://h/?group=%ff", "http://h#f", "http://[::1",
        "http://%ff@h", "http://h\n", "http://h/a b", "http://h/\x00", "http://h/\udc80",
        "http://:secret@h", "http://a%3Ab:secret@h", "http://" + "h" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(BadArgument) as caught:
        parse(url)
    assert "secret" not in str(caught.value)


def test_a_token_says_who_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert web_address("http://h", "t0k").authorization == "Bearer t0k"
    assert web_address("http://ada:é@h").authorization == "Basic YWRhOsOp"
    assert not web_address("http://h").authorization
    monkeypatch.setenv("JOBYARD_TOKEN", "t1k")
    assert web_address("http://h").token == "t1k"
    assert web_address("http://h", "t0k").token == "t0k"
    assert not web_address("http://h", "").authorization
    assert not web_address("http://ada@h").token
    assert web_address(WebAddress("h", token="t2k")).token == "t2k"


@pytest.mark.parametrize("token", ["a b", "t\n", "ü", "\x00", "t" * 5_000])
def test_a_token_that_no_header_can_say(token: str) -> None:
    with pytest.raises(BadArgument) as caught:
        web_address("http://h", token)
    assert token not in str(caught.value)
    with pytest.raises(BadArgument):
        web_address("http://ada:p@h", "t")


@pytest.mark.parametrize(
    ("url", "token"), [("http://ada:enchantress@h/?group=g", None), ("http://h", "enchantress")]
)
def test_a_secret_is_never_shown(url: str, token: str | None) -> None:
    waits, address = HttpClient(url, token=token), web_address(url, token)
    blocks = BlockingHttpClient(url, token=token)
    for shown in (waits, blocks, address, blocks._http, blocks._http.headers, waits._talker):
        assert "enchantress" not in f"{shown} {shown!r}"
    blocks.close()


def test_an_address_is_shown_as_it_is_written() -> None:
    for url in ("http://ada@h:8952/?group=a%26b", "https://[::1]:1"):
        assert str(parse(url)) == url
    assert str(parse("http://ada:enchantress@h")) == "http://ada@h:8952"
