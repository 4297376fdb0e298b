"""An engine inside one's own trio program: no socket, no server, memory or a durable store."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack

from attrs import evolve

from engine.commands import (
    Cancel,
    DescribeAll,
    Get,
    ListJobs,
    Publish,
    Reserve,
    Reset,
)
from engine.commands.fields import Key, Limit, is_name
from engine.replies import (
    Code,
    Granted,
    Jobs,
    JobView,
    OneJob,
    Published,
    PublishedMany,
    Queues,
    Refused,
    Reply,
)
from jobyard.bounds import bounded, duration
from jobyard.checking import checked
from jobyard.errors import BadArgument, NotFound
from jobyard.local import LocalClient, refused
from jobyard.topic_options import TopicOptions, name_of, publish_options
from jobyard.topics import STATUS, HeldJob, Status, Tally, TopicStats
from jobyard.words import Body, body

if TYPE_CHECKING:
    from engine import Caller, Directory

DATABASE: Final = "jobyard.db"
"""The file inside a folder that is named as the place of a store."""
PAGE: Final = 1_000


@asynccontextmanager
async def open_engine(
    path: str | Path | None = None,
    *,
    secret: str | None = None,
    group: str = "default",
    name: str = "library",
    **settings: Any,
) -> AsyncGenerator["Engine"]:
    """An engine that runs as long as the block does; call it in a trio program.

    What is raised inside the block leaves it as it is, not in a group.

    Args:
        path: a database file, or a folder to have one in; None keeps jobs in memory only.
        secret: what wraps the store's key, if anything does.
        group: where the topics are.
        name: as whom jobs are held.
        settings: fields of `engine.EngineSettings`, by name.

    Raises:
        StoreError: the store refused or failed; its class says how.
    """
    from engine import EngineSettings, open_store, run_engine  # noqa: PLC0415 - loads trio and apsw

    failure: Exception | None = None
    try:
        async with (
            open_store(_file(path), secret=secret, writer="thread") as store,
            run_engine(store, evolve(EngineSettings(), **settings)) as directory,
        ):
            try:
                yield Engine(directory, group, name)
            except Exception as error:  # noqa: BLE001 - raised again below, once the engine is down
                failure = error
    except BaseExceptionGroup as group_:
        raise _single(group_) from failure
    if failure is not None:
        raise failure


def _file(path: str | Path | None) -> Path | None:
    if path is None:
        return None
    path = Path(path)
    return path / DATABASE if path.is_dir() else path


def _single(error: BaseException) -> BaseException:
    """The one thing that went wrong, out of the groups of the tasks it passed through."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


class Engine:
    """Topics of one group, and whatever else the engine's commands can say."""

    def __init__(
        self, directory: "Directory", group: str = "default", name: str = "library"
    ) -> None:
        """Speak to a running engine as `name`, who may do everything in `group`."""
        from engine import Principal, Right, caller  # noqa: PLC0415 - whoever opens has loaded it

        for said in (group, name):
            if not is_name(bounded(said, str, "group or name")):
                raise BadArgument("a group or name has 1 to 200 characters, none of them control")
        rights = Right.PUBLISH | Right.WORK | Right.READ | Right.MANAGE
        self.directory = directory
        """The engine itself: `submit` and `execute` of commands."""
        self.who: Caller = caller(Principal(name, {group: rights}), group)
        self._tallies: dict[str, Tally] = {}
        self._newest_before = max(
            (max(actor.state.jobs, default=0) for actor in directory.actors()), default=0
        )

    @property
    def client(self) -> LocalClient:
        """The methods of `Client`, on this engine."""
        return LocalClient(self.run)

    async def execute(self, command: object, request_id: str | None = None) -> Reply:
        """Run any command of `engine.commands`; under a request id it has one effect.

        Raises:
            BadArgument: a value in it is out of its bounds.
            Refusal: the engine said no, and changed nothing.
        """
        key = None if request_id is None else bounded(request_id, Key, "request_id")
        return await self.run(checked(command), key)

    async def run(self, command: object, request_id: str | None = None) -> Reply:
        """The same for a command whose values were checked where it was made."""
        reply = await self.directory.execute(self.who, command, request_id)
        match reply:
            case Refused():
                raise refused(reply)
            case Published(existing=False):
                self._pushed(command, 1)
            case PublishedMany(jobs):
                self._pushed(command, sum(not job.existing for job in jobs))
            case Granted(jobs) if jobs:
                tally = self._tallies.setdefault(jobs[0].queue, Tally())
                tally.popped(jobs, self._newest_before, self.directory.clock.now())
            case _:
                pass
        return reply

    def _pushed(self, command: Any, count: int) -> None:
        if count:
            tally = self._tallies.setdefault(command.queue, Tally())
            tally.pushed(count, self.directory.clock.now())

    # -- jobs ----------------------------------------------------------------------------------

    async def enqueue(
        self, topic: str, payload: Body, weight: int = 0, **options: Unpack[TopicOptions]
    ) -> str:
        """Add a job and answer its id.

        Args:
            topic: where to; made on first use.
            payload: bytes, text, or what goes as JSON.
            weight: -32768 to 32767; lower is sooner, equal ones exactly first in, first out.
            options: see `TopicOptions`.

        Raises:
            BadArgument: a value is of the wrong type or out of its bounds.
            Refusal: the engine said no, for instance to the topic's name.
        """
        raw, content_type = body(payload)
        said = publish_options(weight, content_type, options)
        command = Publish(bounded(topic, str, "topic"), name_of(options), raw, said)
        reply = await self.run(command)
        assert isinstance(reply, Published)
        return reply.job

    async def reserve(
        self, topic: str, limit: int = 1, *, wait: float = 0.0, lease: float | None = None
    ) -> list[HeldJob]:
        """Take up to `limit` jobs, waiting up to `wait` seconds for the first.

        Cancelled while it waits, or by a deadline of the scope it is in, it takes nothing.
        """
        command = Reserve(
            bounded(topic, str, "topic"),
            limit=bounded(limit, Limit, "limit"),
            wait=duration(wait, "wait"),
            lease=None if lease is None else duration(lease, "lease"),
        )
        reply = await self.run(command)
        assert isinstance(reply, Granted)
        return [HeldJob(self, view) for view in reply.jobs]

    async def job(self, job_id: str) -> JobView:
        """All there is to know of a job.

        Raises:
            NotFound: there is none with that id, or none any more.
        """
        reply = await self.run(Get(bounded(job_id, str, "job_id")))
        assert isinstance(reply, OneJob)
        return reply.job

    async def status(self, job_id: str) -> Status:
        """Where a job is."""
        return STATUS[(await self.job(job_id)).state.name]

    async def reset(self, job_id: str) -> None:
        """Bring a job that is over back to ready.

        Raises:
            WrongState: it is not over: a ready one would come twice.
        """
        await self.run(Reset(bounded(job_id, str, "job_id")))

    async def cancel(self, job_id: str) -> None:
        """Cancel a job, also one that somebody holds.

        Raises:
            WrongState: it is over already.
        """
        await self.run(Cancel(bounded(job_id, str, "job_id")))

    async def find_by_status(
        self, status: Status, topic: str | None = None, limit: int = PAGE
    ) -> list[str]:
        """Ids of jobs with a status, of one topic or of all, in order of pushing."""
        from engine import JobState  # noqa: PLC0415 - whoever opens has loaded it

        wanted = tuple(state for state in JobState if STATUS[state.name] is Status(status))
        found: list[JobView] = []
        for name in await self.topics() if topic is None else [topic]:
            found += await self._list(name, wanted, limit)
        return [job.id for job in sorted(found, key=lambda job: job.seq)[:limit]]

    async def _list(self, topic: str, states: tuple[Any, ...], limit: int) -> list[JobView]:
        found: list[JobView] = []
        after: int | None = 0
        while after is not None and len(found) < limit:
            size = min(PAGE, limit - len(found))
            reply = await self.run(ListJobs(topic, states, after=after, limit=size))
            assert isinstance(reply, Jobs)
            found += reply.jobs
            after = reply.next
        return found

    # -- topics --------------------------------------------------------------------------------

    async def topics(self) -> list[str]:
        """Topics that have jobs or are used, in order of their making."""
        reply = await self.run(DescribeAll())
        assert isinstance(reply, Queues)
        return [queue.name for queue in reply.queues]

    async def topic_stats(self, topic: str) -> TopicStats:
        """Pushes and pops of a topic.

        Exact since the engine was opened; of the time before, what the jobs still kept tell.

        Raises:
            NotFound: nothing was ever pushed there.
        """
        tally = self._tallies.get(topic)
        if tally is None or tally.before is None:
            kept = await self._kept_from_before(topic, known=tally is not None)
            tally = self._tallies.setdefault(topic, Tally())
            tally.look_back(kept)
        return tally.sum()

    async def _kept_from_before(self, topic: str, *, known: bool) -> list[JobView]:
        """Jobs of earlier runs; a topic that is gone has none."""
        try:
            jobs = await self._list(topic, (), 2**53)
        except NotFound as error:
            if error.code == Code.UNKNOWN_QUEUE.value and known:
                return []
            raise
        return [job for job in jobs if job.seq <= self._newest_before]
