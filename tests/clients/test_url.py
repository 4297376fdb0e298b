import pytest

from jobyard.errors import BadArgument
from jobyard.url import Address, parse


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("jobyard://", Address()),
        ("jobyard://h", Address("h")),
        ("jobyard://h:1/g", Address("h", 1, group="g")),
        ("jobyards://h/g", Address("h", 8963, tls=True, group="g")),
        ("jobyard://ada:p%40ss%2F@[::1]:7/my%2Fgroup", Address(
            "::1", 7, user="ada", password="p@ss/", group="my/group")),
        ("jobyard://ada@h", Address("h", user="ada")),
    ],
)  # fmt: skip
def test_a_url_says_where_and_who(url: str, address: Address) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "h:1", "redis://h", "jobyard:h", "jobyard://h:0", "jobyard://h:65536", "jobyard://h:x",
        "jobyard://h:٣", "jobyard://h/a/b", "jobyard://h/g?x=1", "jobyard://h/g#f", "jobyard://[::1",
        "jobyard://h/%ff", "jobyard://h\n", "jobyard://h/a b", "jobyard://h/\x00", "jobyard://h/\udc80",
        "jobyard://" + "h" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(BadArgument):
        parse(url)


def test_a_password_is_never_shown() -> None:
    address = parse("jobyard://ada:enchantress@h/g")
    assert "enchantress" not in f"{address} {address!r}"
    assert str(address) == "jobyard://ada@h:8962/g"
    with pytest.raises(BadArgument) as caught:
        parse("jobyard://ada:enchantress@h:zero")
    assert "enchantress" not in str(caught.value)
