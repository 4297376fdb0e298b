"""What breaks while the answers of one connection are rendered ends that connection only."""

import pytest
from structlog.testing import capture_logs

from frontends.tcp.scheduler import Scheduler
from tests.frontends.tcp.rounds import rounds

SURROGATE = "\ud800"


def flush_with_a_surrogate() -> list[bytes]:
    """What two clients hear when the answer to the first cannot be encoded."""
    with rounds() as place:
        people = [place.come() for _ in range(2)]
        for client, toy in people:
            client.sendall(b"LATER x\n")
            place.until(lambda toy=toy: toy.waiting == 1)  # type: ignore[misc]
        first, _ = people
        first[1].output = SURROGATE.encode  # type: ignore[method-assign]  # the bug
        for _, toy in people:
            toy.answer()
        with capture_logs():
            place.scheduler.flush()
        return [place.hear(client, 2) for client, _ in people]


def test_the_other_is_answered() -> None:
    assert flush_with_a_surrogate() == [b"", b"x\n"]


def test_without_the_guard_nobody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_on(self: Scheduler, session: object, error: Exception) -> None:
        raise error

    monkeypatch.setattr(Scheduler, "fail", raise_on)
    with pytest.raises(UnicodeEncodeError):
        flush_with_a_surrogate()
