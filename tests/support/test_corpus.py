"""The search for inputs worth keeping finds what it should, and files give back what they got."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.support.corpus import grow, keep, kept, written

HERE = (str(Path(__file__)),)


def nested(raw: bytes) -> int:
    """Each digit leads one step further in; behind the last of them it breaks."""
    if not raw[:1].isdigit():
        return 0
    if not raw[1:2].isdigit():
        return 1
    if not raw[2:3].isdigit():
        return 2
    if not raw[3:4].isdigit():
        return 3
    raise ZeroDivisionError("found")


def flat(raw: bytes) -> int:
    return len(raw)


@given(st.binary(max_size=40))
def test_a_line_is_an_input(raw: bytes) -> None:
    line = written(raw)
    assert line.isprintable()
    assert line.encode("ascii").decode("unicode_escape").encode("latin-1") == raw


def test_a_file_gives_back_what_it_got(tmp_path: Path) -> None:
    inputs = (b"", b" a ", b"\x85\xe2\x80\xa8\n\r", b"\\n", bytes(range(256)))
    assert kept("x", tmp_path) == ()
    keep("x", inputs[:2], tmp_path)
    keep("x", inputs[2:], tmp_path)
    assert kept("x", tmp_path) == inputs


def test_step_by_step_it_goes_where_chance_alone_would_not() -> None:
    growth = grow(nested, [b"xxxx"], seed=1, count=10_000, ours=HERE)
    (crash,) = growth.crashes.values()
    assert crash.startswith("ZeroDivisionError in test_corpus.py:")
    assert all(one[:4].isdigit() for one in growth.crashes)
    assert sorted(map(len, growth.found)) == [1, 2, 3, 4], "nothing is kept that does not matter"
    assert all(map(bytes.isdigit, growth.found))


def test_where_there_is_one_way_nothing_is_kept() -> None:
    growth = grow(flat, [b"x"], seed=1, count=500, ours=HERE)
    assert (growth.found, growth.crashes) == ([], {})
    assert len(growth.arcs) == 1


def test_other_code_does_not_count() -> None:
    assert grow(nested, [b"x"], seed=1, count=100, ours=("/nowhere/",)).arcs == set()


def test_the_same_seed_finds_the_same() -> None:
    first, second = (grow(nested, [b"xxxx"], seed=3, count=3_000, ours=HERE) for _ in range(2))
    assert first.found == second.found
