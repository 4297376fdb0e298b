"""The heap of alarms beside a plain list: the same ones, in the same order, whatever is dropped."""

import random
from math import inf

import pytest

from engine.queue_state.alarms import AlarmKind, Alarms, Entry

TURNS = 600


def everything_due(alarms: Alarms, now: float) -> list[Entry]:
    due: list[Entry] = []
    while (entry := alarms.pop_due(now)) is not None:
        due.append(entry)
    return due


@pytest.mark.parametrize("seed", range(20))
def test_what_counts_comes_in_order_and_nothing_else(seed: int) -> None:
    dice, counting = random.Random(seed), set[Entry]()
    alarms = Alarms(lambda at, kind, number: (at, kind, number) in counting)
    now = 0.0
    for number in range(TURNS):
        entry = (now + dice.randrange(40) / 4, dice.choice(list(AlarmKind)), number)
        counting.add(entry)
        alarms.set(*entry)
        for dropped in dice.sample(sorted(counting), min(len(counting), dice.randrange(3))):
            counting.remove(dropped)
            alarms.live -= 1
        if dice.random() < 0.1:
            now += dice.randrange(8) / 4
            due = sorted(entry for entry in counting if entry[0] <= now)
            assert everything_due(alarms, now) == due
            counting.difference_update(due)
        assert alarms.next_at() == min((at for at, _, _ in counting), default=inf)
        assert alarms.live == len(counting)
    assert everything_due(alarms, inf) == sorted(counting)
    assert len(alarms) == 0
