"""Ids are UUIDs of version 7: made at a time, and never the same."""

from uuid import RFC_4122, UUID

import pytest

from engine.source import Source, seeded_source


@pytest.mark.parametrize("source", [Source(), seeded_source(1)], ids=["drawn", "seeded"])
def test_an_id_tells_when_it_was_made(source: Source) -> None:
    made = [UUID(source.new_id(now)) for now in (1_600_000_000.25, 1_700_000_000.0)]
    assert [one.int >> 80 for one in made] == [1_600_000_000_250, 1_700_000_000_000]
    assert [(one.version, one.variant) for one in made] == [(7, RFC_4122)] * 2


@pytest.mark.parametrize("source", [Source(), seeded_source(1)], ids=["drawn", "seeded"])
def test_ids_of_one_instant_differ(source: Source) -> None:
    assert len({source.new_id(1.0) for _ in range(5_000)}) == 5_000


def test_a_seed_repeats_its_ids() -> None:
    one, same, other = (seeded_source(seed) for seed in (1, 1, 2))
    ids = [source.new_id(1.0) for source in (one, same, other)]
    assert ids[0] == ids[1] != ids[2]
