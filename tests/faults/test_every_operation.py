"""Each operation on the disk fails once under a whole engine that is at work.

The quick tests fail every `STRIDE`th; nightly, and in the scoreboard, none is left out.
"""

from typing import Final

import pytest

from tests.faults.operations import (
    ahead,
    broken_by_eio,
    broken_by_enospc,
    broken_by_reads,
    operations,
    reads,
    unharmed,
)
from tests.faults.whole_engine import Course, formatted, play
from tests.planted import faulty_server

STRIDE: Final = 17


def some(numbers: list[int]) -> list[int]:
    """As many as a quick test has time for."""
    return numbers[::STRIDE]


def test_the_script_writes_everything_and_may_be_played_again() -> None:
    whole = unharmed()
    assert len(operations()) > 400
    assert len(operations("sync")) > len(whole.rows)
    ever = {table for rows in whole.rows for table, found in rows.items() if found}
    assert ever == set(whole.rows[0])
    assert play(formatted(), Course()).reached == whole.reached


def test_no_answer_is_ahead_of_the_disk() -> None:
    assert not ahead(play(formatted(), Course()))


def test_after_an_io_error_the_engine_ends_and_has_lost_nothing() -> None:
    assert broken_by_eio(some(operations())) == []


def test_an_engine_that_finds_no_room_once_goes_on_as_if_nothing_had_been() -> None:
    assert broken_by_enospc(some(operations("write"))) == []


def test_while_there_is_no_room_nobody_is_answered_and_publishers_are_refused_after_it() -> None:
    assert broken_by_enospc(some(operations("write")), until_healed=True) == []


def test_a_read_that_fails_answers_nothing_else_and_writes_nothing() -> None:
    assert len(reads()) > 10
    assert broken_by_reads(reads()[::3]) == []


def test_an_engine_that_answers_first_or_forgets_would_be_seen() -> None:
    with pytest.MonkeyPatch.context() as patch:
        faulty_server.answers_before_commit(patch)
        course = play(formatted(), Course())
    assert ahead(course)
    with pytest.MonkeyPatch.context() as patch:
        faulty_server.done_not_written(patch)
        assert "lost or torn" in " ".join(broken_by_eio(some(operations())))


@pytest.mark.nightly
def test_every_operation_fails_once() -> None:
    assert broken_by_eio(operations()) == []
    assert broken_by_enospc(operations("write")) == []
    assert broken_by_enospc(operations("write"), until_healed=True) == []
    assert broken_by_reads(reads()) == []
