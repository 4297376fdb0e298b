"""Plays that the dice would take long to find, each written out; the model checks every step."""

from tests.model.play import Play
from tests.model.world import World

ADA, BOB = 4, 5
"""Calls without a connection, in the order of `Cast`."""
DONE = 3
"""In the order of the states."""


def call_given_up_after_its_job_went_on() -> None:
    """A grant waits for the disk; its job is given back and granted again; then its call ends."""
    play = Play(World())
    play.lag()
    play.publish_plainly(0)
    play.reserve(BOB, 0, 0, 0, 0)
    play.release(0, 4, BOB, 0)
    play.reserve(ADA, 0, 0, 0, 0)
    play.give_up(0)
    (job,) = play.world.naive.jobs
    assert job.hold is not None
    assert job.hold.owner == "ada"
    play.drain()


def test_a_call_that_ends_takes_nothing_from_the_next_holder() -> None:
    call_given_up_after_its_job_went_on()


def older_ones_come_in_done() -> None:
    """Two of what is done are kept: of those that come in, the ones that ended last."""
    play = Play(World(keep_done=2))
    for age, names in ((0, (0, 1)), (3, (2, 3))):
        first, second = ((name, DONE, 0, 0, age, 0, 0, 0, 0, 0, 1) for name in names)
        play.adopt(0, *first, *second)
    assert {job.id for job in play.world.naive.jobs} == {"kept-0", "kept-1"}
    play.drain()


def test_the_oldest_of_what_came_in_done_go() -> None:
    older_ones_come_in_done()
