"""What asks before it removes, and whom."""

import io
import sys

import pytest

from jobyard.blocking import BlockingClient
from jobyard.errors import NotFound
from tests.clients.typing_commands import Type, published


class Person(io.StringIO):
    """Somebody at a terminal, who types this."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("said", ["", "\n", "n\n", "nay\n", "ye", "y" * 1_000, "\0\n"])
def test_only_a_yes_removes(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    job = published(typed, queue, "t")
    for line in (["delete", job], ["queue", "purge", queue], ["queue", "delete", queue]):
        monkeypatch.setattr(sys, "stdin", Person(said))
        answer = typed(*line)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err.endswith(" for good? [y/N] jobyard: nothing was done\n")
    assert client.get(job).state == "ready"


def test_a_yes_removes_and_may_be_said_beforehand(
    typed: Type, queue: str, client: BlockingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (published(typed, queue, "t") for _ in range(3))
    monkeypatch.setattr(sys, "stdin", Person("Yes\n"))
    assert typed("delete", first).code == 0
    for line in (["delete", second, "-y"], ["queue", "purge", queue, "--yes"]):
        done = typed(*line)
        assert (done.code, done.err) == (0, "")
    for job in (first, second, third):
        with pytest.raises(NotFound):
            client.get(job)
    assert typed("queue", "delete", queue, "--yes").code == 0
    with pytest.raises(NotFound):
        client.counts(queue)


def test_a_hostile_name_is_escaped(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Person("n\n"))
    asked = typed("delete", "\x1b]0;x\x07")
    assert asked.err.startswith("Remove \\x1b]0;x\\x07 for good?")
