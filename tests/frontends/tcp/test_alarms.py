"""The heap of alarms: the earliest of each key, once, and nothing of what is gone."""

from math import inf

from frontends.tcp.alarms import CROWD, SLACK, Alarms


class Key:
    """Something that is known by identity."""


def test_what_is_due_rings_once_in_order() -> None:
    alarms, rung, keys = Alarms(), list[tuple[float, int]](), [Key() for _ in range(5)]
    for number, key in enumerate(keys):
        alarms.arm(key, 5.0 - number, lambda now, number=number: rung.append((now, number)))  # type: ignore[misc]
    assert alarms.next == 1.0
    alarms.ring(0.5)
    assert rung == []
    alarms.ring(3.0)
    assert rung == [(3.0, 4), (3.0, 3), (3.0, 2)]
    alarms.ring(9.0)
    assert rung[3:] == [(9.0, 1), (9.0, 0)]
    assert alarms.next == inf


def test_an_earlier_alarm_of_a_key_takes_the_place_of_a_later_one() -> None:
    alarms, rung, key = Alarms(), list[str](), Key()
    alarms.arm(key, 10.0, lambda _: rung.append("late"))
    alarms.arm(key, 5.0, lambda _: rung.append("early"))
    alarms.arm(key, 7.0, lambda _: rung.append("middle"))
    alarms.ring(6.0)
    assert rung == ["early"]
    alarms.arm(key, 20.0, lambda _: rung.append("next"))
    alarms.ring(12.0)
    assert rung == ["early"]
    alarms.ring(20.0)
    assert rung == ["early", "next"]


def test_what_is_armed_while_ringing_waits_for_the_next_time() -> None:
    alarms, rung, key = Alarms(), list[float](), Key()

    def again(now: float) -> None:
        rung.append(now)
        alarms.arm(key, now, again)

    alarms.arm(key, 1.0, again)
    alarms.ring(1.0)
    alarms.ring(2.0)
    assert rung == [1.0, 2.0]


def test_the_heap_forgets_what_is_disarmed() -> None:
    alarms, rung = Alarms(), list[float]()
    for number in range(1000):
        key = Key()
        alarms.arm(key, 100.0 + number, rung.append)
        alarms.disarm(key)
    alarms.disarm(Key())
    assert len(alarms) <= SLACK + 2
    alarms.ring(5000.0)
    assert rung == []


def test_a_crowd_rings_by_and_by() -> None:
    alarms, rung, keys = Alarms(), list[float](), [Key() for _ in range(CROWD + 10)]
    for key in keys:
        alarms.arm(key, 1.0, rung.append)
    alarms.ring(2.0)
    assert len(rung) == CROWD
    assert alarms.next == 1.0
    alarms.ring(2.0)
    assert len(rung) == CROWD + 10
