"""The heaps of ready jobs beside a sorted list: the same heads, whoever leaves from wherever."""

import random
from itertools import islice

import pytest

from engine.job import Job, JobPolicy, JobState
from engine.queue_state.ready import ReadyIndex, place

KINDS = ("a", "b", "c")
TURNS = 500


def ready_job(seq: int, kind: str, priority: int) -> Job:
    policy = JobPolicy()
    return Job(
        str(seq), seq, kind, b"", JobState.READY, priority, policy, float(seq), 0.0, 0.0
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_who_is_next_and_who_comes_after(seed: int) -> None:
    dice, jobs = random.Random(seed), dict[int, Job]()
    index = ReadyIndex(jobs)
    for seq in range(1, TURNS):
        job = ready_job(seq, dice.choice(KINDS), dice.randrange(-2, 3))
        jobs[seq] = job
        index.push(job)
        for gone in dice.sample(sorted(jobs), min(len(jobs), dice.choice((0, 0, 2)))):
            index.left(jobs[gone])
            jobs.pop(gone).state = JobState.RESERVED
        line = sorted(jobs.values(), key=place)
        assert index.head() is (line[0] if line else None)
        for types in (("a",), ("b", "c")):
            fit = [job for job in line if job.type in types]
            assert index.head(types) is (fit[0] if fit else None)
            if len(fit) > 1:
                assert index.head_but(fit[0], types) is fit[1]
                assert index.ahead(fit[-1], types, 10_000) == (len(fit) - 1, True)
            assert list(islice(index.in_order(types), 9)) == fit[:9]
        assert index.oldest(10_000) == (min(jobs) if jobs else None)
        assert [index.has(kind) for kind in KINDS] == [
            any(job.type == kind for job in line) for kind in KINDS
        ]


def test_those_who_left_take_no_room_for_long() -> None:
    jobs = {seq: ready_job(seq, "a", 0) for seq in range(10_000)}
    index = ReadyIndex(jobs)
    for job in jobs.values():
        index.push(job)
    for seq in range(9_999, 99, -1):  # never the head
        index.left(jobs.pop(seq))
    assert len(index._heaps["a"]) <= 2 * len(jobs) + 64
    assert [job.seq for job in index.in_order()] == list(range(100))
