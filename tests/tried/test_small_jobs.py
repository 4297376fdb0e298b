"""Jobs share one frozen policy object, and rare fields sit behind one optional object."""

import tracemalloc
from collections.abc import Callable
from copy import copy

from engine import commands as c
from engine.commands import PublishOptions
from engine.job import DEFAULT_POLICY, Job, JobPolicy, Rare
from engine.queue_state import QueueState
from engine.queue_state.rows import pack_policy, unpack_policy
from engine.source import seeded_source
from tests.support.desk import WHO, Box

COUNT = 5_000
SPARED = 200
"""Bytes a job that sharing and putting away must save at least."""


def queue_of(count: int, options: PublishOptions = c.PLAIN) -> QueueState:
    q, box = QueueState("g", "q", seeded_source(0)), Box()
    for number in range(count):
        q.handle(c.Publish("q", "t", b"", options), WHO, box, float(number))
        q.take_step()
        box.got.clear()
        box.log.clear()
    return q


def jobs_of(
    policies: list[JobPolicy | Callable[[], JobPolicy]], rare: type[Rare] | None
) -> tuple[list[Job], int]:
    """Jobs as publishing leaves them, and the bytes each costs."""
    some = next(iter(queue_of(1).jobs.values()))
    tracemalloc.start()
    try:
        jobs = [copy(some) for _ in policies]
        for job, policy in zip(jobs, policies, strict=True):
            job.policy = policy() if callable(policy) else policy
            job.rare = None if rare is None else rare()
        return jobs, tracemalloc.get_traced_memory()[0] // len(jobs)
    finally:
        tracemalloc.stop()


def test_plain_jobs_share_their_policy_and_have_nothing_rare() -> None:
    jobs = list(queue_of(3).jobs.values())
    assert {id(job.policy) for job in jobs} == {id(DEFAULT_POLICY)}
    assert [job.rare for job in jobs] == [None] * 3
    assert not hasattr(jobs[0], "__dict__")


def test_jobs_published_alike_share_the_policy_they_were_given() -> None:
    policy = JobPolicy(lease=7.0)
    jobs = list(queue_of(3, PublishOptions(policy=policy)).jobs.values())
    assert {id(job.policy) for job in jobs} == {id(policy)}


def test_jobs_that_come_from_disk_share_theirs() -> None:
    packed = [pack_policy(JobPolicy(lease=7.0)) for _ in range(2)]
    assert unpack_policy(bytes(packed[0])) is unpack_policy(bytes(packed[1]))
    assert unpack_policy(pack_policy(JobPolicy())) is DEFAULT_POLICY


def test_what_is_shared_and_put_away_is_most_of_a_job() -> None:
    _, small = jobs_of([DEFAULT_POLICY] * COUNT, None)
    _, large = jobs_of([JobPolicy] * COUNT, Rare)
    assert large - small > SPARED
