"""Passwords as hashes."""

from collections import Counter

import pytest
from argon2 import Type, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from engine import passwords

KEY = bytes(32)


def test_a_hash_has_the_figures_that_are_promised() -> None:
    figures = extract_parameters(passwords.hash_password("x"))
    assert figures.type is Type.ID
    assert (figures.memory_cost, figures.time_cost, figures.parallelism) == (19 * 1024, 2, 1)


def test_nobodys_hash_costs_what_a_real_one_costs() -> None:
    assert extract_parameters(passwords.DUMMY) == extract_parameters(passwords.hash_password("x"))
    assert not passwords.verify(passwords.DUMMY, "")


@pytest.mark.parametrize(
    "password", ["", "correct horse", "pässword", "\x00", "\udcff", "x" * 5000]
)
def test_only_the_password_fits_its_hash(password: str) -> None:
    password_hash = passwords.hash_password(password)
    assert passwords.verify(password_hash, password)
    assert not passwords.verify(password_hash, f"{password} ")
    assert password_hash != passwords.hash_password(password)


@pytest.mark.parametrize(
    "text",
    ["", "plain", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$YWJjZGVmZ2g$YWJjZGVmZ2g", "\udcff"],
)
def test_what_is_no_hash_fits_nothing(text: str) -> None:
    assert not passwords.is_hash(text)
    assert not passwords.verify(text, "plain")


def test_a_hash_is_known_as_one() -> None:
    assert passwords.is_hash(passwords.DUMMY)


@given(st.lists(st.text(max_size=4), min_size=4, max_size=4))
def test_fingerprints_differ_with_name_and_password(texts: list[str]) -> None:
    one, two = texts[:2], texts[2:]
    same = passwords.keyed(KEY, *one) == passwords.keyed(KEY, *two)
    assert same is (one == two)


def test_fingerprints_differ_with_the_key() -> None:
    assert passwords.keyed(KEY, "a", "b") != passwords.keyed(bytes([1] * 32), "a", "b")


def test_a_drawn_password_holds_every_bit_that_counts() -> None:
    assert passwords.draw_password(bytes) == "aaaaa-aaaaa-aaaaa-aaaaa"
    assert passwords.draw_password(lambda n: bytes(range(n))) == "abcde-fghij-kmnpq-rstuv"
    firsts = {passwords.draw_password(bytes([sign]).__mul__)[0] for sign in range(32)}
    assert len(firsts) == 32


def test_every_sign_of_a_drawn_password_is_as_likely() -> None:
    drawn = [passwords.draw_password(bytes([byte]).__mul__)[0] for byte in range(256)]
    assert set(Counter(drawn).values()) == {8}


def test_a_fingerprint_is_the_same_in_every_release() -> None:
    """A store keeps those of its tokens."""
    kept = "b8959758d3351a06b338c1e6cb7a78463d9cef1ddbf269be31dfb6c45fcbab9c"
    assert passwords.keyed(KEY, "name", "password").hex() == kept
