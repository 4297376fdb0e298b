"""What was published, remembered for assertions."""

from collections.abc import Iterable
from typing import Any

from attrs import define, field

from engine.commands import NewJob, Publish, PublishMany, PublishOptions
from engine.replies import Published, PublishedMany, Reply
from jobyard.errors import BadArgument
from jobyard.words import Body, body


@define
class Sent:
    """One job that somebody published."""

    queue: str
    type: str
    payload: bytes
    options: PublishOptions
    job: str
    """Its id."""

    def __str__(self) -> str:
        """For the message of an assertion."""
        return f"{self.type!r} in {self.queue!r} with {self.payload!r:.200}"


@define
class Record:
    """Jobs in the order of their publishing, and what may be asserted of them."""

    sent: list[Sent] = field(factory=list[Sent])

    def note(self, command: object, reply: Reply) -> None:
        """Remember what a command published, if it did."""
        match command, reply:
            case Publish(queue) as single, Published(made, existing=False):
                self._add(queue, single, made)
            case PublishMany(queue, jobs), PublishedMany(ids):
                for job, one in zip(jobs, ids, strict=True):
                    if not one.existing:
                        self._add(queue, job, one.job)
            case _:
                pass

    def _add(self, queue: str, job: Publish | NewJob, made: str) -> None:
        self.sent.append(Sent(queue, job.type, job.payload, job.options, made))

    def find(
        self,
        type: str,  # noqa: A002 - the field's name
        queue: str | None,
        payload: Body | None,
        options: dict[str, Any],
    ) -> list[Sent]:
        """Those that agree with everything that is said."""
        raw = None if payload is None else body(payload)[0]
        return [
            one
            for one in self.sent
            if one.type == type
            and queue in {None, one.queue}
            and raw in {None, one.payload}
            and all(_option(one.options, name) == wanted for name, wanted in options.items())
        ]

    def explain(self, wanted: str) -> str:
        """The message of an assertion that fails."""
        return f"{wanted}; published were: {listed(self.sent)}"


def _option(options: PublishOptions, name: str) -> object:
    """An option by its name, wherever it stands."""
    if hasattr(options, name):
        return getattr(options, name)
    return getattr(options.policy, name)


def listed(sent: Iterable[Sent]) -> str:
    """One a line, or that there are none."""
    return "".join(f"\n  {one}" for one in sent) or "nothing"


class Watched:
    """What both kinds of client have beside their methods."""

    def __init__(self) -> None:
        self.record = Record()

    @property
    def published(self) -> list[Sent]:
        """What was published, oldest first."""
        return self.record.sent

    def assert_published(
        self,
        type: str,  # noqa: A002 - the field's name
        queue: str | None = None,
        payload: Body | None = None,
        *,
        count: int | None = None,
        **options: Any,
    ) -> Sent:
        """A job of this type was published, with all that is said; answers the last of them.

        Args:
            type: of the job.
            queue: where; None: anywhere.
            payload: exactly this, a dict or list as the clients write it; None: any.
            count: so many, no more and no less, from 1; None: at least one.
            options: of publishing, such as `priority=3` or `delay=60`.

        Raises:
            AssertionError: no; the message says what was published.
            BadArgument: a count that `assert_not_published` is for.
        """
        if count is not None and count < 1:
            raise BadArgument("count is 1 or more")
        found = self.record.find(type, queue, payload, options)
        enough = bool(found) if count is None else len(found) == count
        wanted = f"{count if count is not None else 'at least one'} of {type!r}"
        if not enough:
            raise AssertionError(self.record.explain(f"expected {wanted}, found {len(found)}"))
        return found[-1]

    def assert_not_published(
        self,
        type: str,  # noqa: A002 - the same
        queue: str | None = None,
        payload: Body | None = None,
        **options: Any,
    ) -> None:
        """No such job was published.

        Raises:
            AssertionError: there was one.
        """
        found = self.record.find(type, queue, payload, options)
        if found:
            raise AssertionError(self.record.explain(f"expected no {type!r}, found {len(found)}"))
