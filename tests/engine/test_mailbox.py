"""The channel into an actor, and the address of a call."""

import trio
from trio.testing import MockClock

from engine.commands import Counts
from engine.mailbox import Call, Envelope, Mailbox, Message, Nobody, Tick
from engine.replies import OK, Code, Refused
from tests.support.desk import WHO, Box, settle


def letters(count: int, first: int = 0) -> list[Message]:
    return [Envelope(Counts(str(n)), WHO, Box()) for n in range(first, first + count)]


async def test_what_was_posted_is_taken_at_once_and_in_order() -> None:
    mailbox = Mailbox()
    assert mailbox.is_empty
    messages = letters(5)
    for message in messages:
        mailbox.post(message)
    assert not mailbox.is_empty
    await mailbox.wait()
    assert not mailbox.is_empty
    assert mailbox.take() == messages
    assert mailbox.is_empty
    assert mailbox.take() == []


async def test_who_waits_is_woken_once_for_all(autojump_clock: MockClock) -> None:
    mailbox, batches = Mailbox(), list[list[Message]]()

    async def actor() -> None:
        while True:
            await mailbox.wait()
            batches.append(mailbox.take())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(actor)
        await settle()
        first, second = letters(300), letters(2, 300)
        for message in first:
            mailbox.post(message)
        await settle()
        for message in second:
            mailbox.post(message)
        await settle()
        nursery.cancel_scope.cancel()
    assert batches == [first, second]


async def test_what_is_posted_between_waking_and_taking_is_not_lost() -> None:
    mailbox = Mailbox()
    messages = letters(4)
    mailbox.post(messages[0])
    await mailbox.wait()
    mailbox.post(messages[1])
    mailbox.post(messages[2])
    assert mailbox.take() == messages[:3]
    mailbox.post(messages[3])
    assert mailbox.take() == messages[3:]


async def test_what_is_put_back_comes_first() -> None:
    mailbox = Mailbox()
    messages = letters(6)
    for message in messages[:4]:
        mailbox.post(message)
    taken = mailbox.take()
    mailbox.post(messages[4])
    mailbox.put_back(taken[2:])
    mailbox.post(messages[5])
    assert not mailbox.is_empty
    with trio.fail_after(5):
        await mailbox.wait()
    assert mailbox.take() == messages[2:]


async def test_what_is_put_back_later_comes_before_what_was_put_back_first() -> None:
    mailbox = Mailbox()
    messages = letters(6)
    mailbox.put_back(messages[3:])
    mailbox.put_back(messages[:3])
    assert mailbox.take() == messages


async def test_a_wait_that_is_given_up_loses_nothing(autojump_clock: MockClock) -> None:
    mailbox = Mailbox()
    for number in range(20):
        with trio.move_on_after(1):
            await mailbox.wait()
        assert mailbox.is_empty
        (message,) = letters(1, number)
        mailbox.post(message)
        with trio.CancelScope() as scope:
            scope.cancel()
            await mailbox.wait()
        assert mailbox.take() == [message]
        assert mailbox.is_empty


async def test_a_post_in_the_breath_of_the_deadline_is_not_lost(
    autojump_clock: MockClock,
) -> None:
    for _ in range(50):
        mailbox, tick = Mailbox(), Tick()

        async def poster(mailbox: Mailbox, tick: Tick) -> None:
            await trio.sleep(1)
            mailbox.post(tick)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(poster, mailbox, tick)
            with trio.move_on_after(1):
                await mailbox.wait()
        assert mailbox.take() == [tick]


async def test_a_call_has_one_answer(autojump_clock: MockClock) -> None:
    call = Call()
    assert not call.is_answered
    call.send(OK)
    call.send(Refused(Code.INTERNAL))
    assert call.is_answered
    assert await call.wait() == OK


async def test_nobody_takes_anything() -> None:
    Nobody().send(OK)
