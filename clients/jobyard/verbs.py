"""The methods of the clients, typed once: what `calls` makes, asked by whoever subclasses."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypeVar, overload

from jobyard import administering, adopting, calls, managing
from jobyard.words import Call

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Asked(Generic[P, T_co]):
    """A method that makes a call and waits for its answer."""

    def __init__(self, make: Callable[P, Call[T_co]]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> "Asked[P, T_co]": ...
    @overload
    def __get__(self, client: "Verbs", owner: type) -> Callable[P, Coroutine[Any, Any, T_co]]: ...
    def __get__(self, client: "Verbs | None", owner: type) -> object:
        """Bind it to a client."""
        if client is None:
            return self
        make = self.make

        async def method(*args: P.args, **kwargs: P.kwargs) -> T_co:
            return await client.call(make(*args, **kwargs))

        method.__doc__ = self.__doc__
        return method


class Blocked(Generic[P, T_co]):
    """The same method of a client that blocks."""

    def __init__(self, asked: Asked[P, T_co]) -> None:
        self.make = asked.make
        self.__doc__ = asked.__doc__

    @overload
    def __get__(self, client: None, owner: type) -> "Blocked[P, T_co]": ...
    @overload
    def __get__(self, client: "BlockingVerbs", owner: type) -> Callable[P, T_co]: ...
    def __get__(self, client: "BlockingVerbs | None", owner: type) -> object:
        """Bind it to a client."""
        if client is None:
            return self
        make = self.make

        def method(*args: P.args, **kwargs: P.kwargs) -> T_co:
            return client.call(make(*args, **kwargs))

        method.__doc__ = self.__doc__
        return method


class Verbs(ABC):
    """Every method of an asynchronous client; `call` is what a subclass adds."""

    @abstractmethod
    async def call(self, call: Call[T]) -> T:
        """Say one command and wait for its answer.

        Raises:
            Refusal: the server said no, in the class of its code's family.
        """

    publish = Asked(calls.publish)
    publish_many = Asked(calls.publish_many)
    reserve = Asked(calls.reserve)
    reserve_any = Asked(calls.reserve_any)
    started = Asked(calls.started)
    done = Asked(calls.done)
    fail = Asked(calls.fail)
    release = Asked(calls.release)
    touch = Asked(calls.touch)
    progress = Asked(calls.progress)
    log = Asked(calls.log)
    checkpoint = Asked(calls.checkpoint)
    cancel = Asked(calls.cancel)
    reset = Asked(calls.reset)
    delete = Asked(calls.delete)
    edit = Asked(calls.edit)
    get = Asked(calls.get)
    wait = Asked(calls.wait)
    list = Asked(calls.list_jobs)
    counts = Asked(calls.counts)
    pause = Asked(calls.pause)
    resume = Asked(calls.resume)
    drain = Asked(calls.drain)
    purge = Asked(calls.purge)
    workers = Asked(managing.workers)
    recurrences = Asked(managing.recurrences)
    set_recurrence = Asked(managing.set_recurrence)
    adopt = Asked(adopting.adopt)
    move = Asked(adopting.move)
    set_access = Asked(adopting.set_access)
    explain = Asked(managing.explain)
    explain_queue = Asked(managing.explain_queue)
    describe = Asked(managing.describe)
    kick = Asked(managing.kick)
    kick_all = Asked(managing.kick_all)
    retry_failed_now = Asked(managing.retry_failed_now)
    delete_queue = Asked(managing.delete_queue)
    drop_recurrence = Asked(managing.drop_recurrence)
    pause_recurrence = Asked(managing.pause_recurrence)
    run_recurrence = Asked(managing.run_recurrence)
    preview_cron = Asked(managing.preview_cron)
    users = Asked(administering.users)
    add_user = Asked(administering.add_user)
    change_user = Asked(administering.change_user)
    drop_user = Asked(administering.drop_user)
    groups = Asked(administering.groups)
    add_group = Asked(administering.add_group)
    drop_group = Asked(administering.drop_group)
    tokens = Asked(administering.tokens)
    add_token = Asked(administering.add_token)
    drop_token = Asked(administering.drop_token)
    audit = Asked(administering.audit)
    backup = Asked(administering.backup)
    execute = Asked(calls.execute)


class BlockingVerbs(ABC):
    """Every method of a blocking client: the same names, the same answers."""

    @abstractmethod
    def call(self, call: Call[T]) -> T:
        """Say one command and block until its answer came.

        Raises:
            Refusal: the server said no, in the class of its code's family.
        """

    publish = Blocked(Verbs.publish)
    publish_many = Blocked(Verbs.publish_many)
    reserve = Blocked(Verbs.reserve)
    reserve_any = Blocked(Verbs.reserve_any)
    started = Blocked(Verbs.started)
    done = Blocked(Verbs.done)
    fail = Blocked(Verbs.fail)
    release = Blocked(Verbs.release)
    touch = Blocked(Verbs.touch)
    progress = Blocked(Verbs.progress)
    log = Blocked(Verbs.log)
    checkpoint = Blocked(Verbs.checkpoint)
    cancel = Blocked(Verbs.cancel)
    reset = Blocked(Verbs.reset)
    delete = Blocked(Verbs.delete)
    edit = Blocked(Verbs.edit)
    get = Blocked(Verbs.get)
    wait = Blocked(Verbs.wait)
    list = Blocked(Verbs.list)
    counts = Blocked(Verbs.counts)
    pause = Blocked(Verbs.pause)
    resume = Blocked(Verbs.resume)
    drain = Blocked(Verbs.drain)
    purge = Blocked(Verbs.purge)
    workers = Blocked(Verbs.workers)
    recurrences = Blocked(Verbs.recurrences)
    set_recurrence = Blocked(Verbs.set_recurrence)
    adopt = Blocked(Verbs.adopt)
    move = Blocked(Verbs.move)
    set_access = Blocked(Verbs.set_access)
    explain = Blocked(Verbs.explain)
    explain_queue = Blocked(Verbs.explain_queue)
    describe = Blocked(Verbs.describe)
    kick = Blocked(Verbs.kick)
    kick_all = Blocked(Verbs.kick_all)
    retry_failed_now = Blocked(Verbs.retry_failed_now)
    delete_queue = Blocked(Verbs.delete_queue)
    drop_recurrence = Blocked(Verbs.drop_recurrence)
    pause_recurrence = Blocked(Verbs.pause_recurrence)
    run_recurrence = Blocked(Verbs.run_recurrence)
    preview_cron = Blocked(Verbs.preview_cron)
    users = Blocked(Verbs.users)
    add_user = Blocked(Verbs.add_user)
    change_user = Blocked(Verbs.change_user)
    drop_user = Blocked(Verbs.drop_user)
    groups = Blocked(Verbs.groups)
    add_group = Blocked(Verbs.add_group)
    drop_group = Blocked(Verbs.drop_group)
    tokens = Blocked(Verbs.tokens)
    add_token = Blocked(Verbs.add_token)
    drop_token = Blocked(Verbs.drop_token)
    audit = Blocked(Verbs.audit)
    backup = Blocked(Verbs.backup)
    execute = Blocked(Verbs.execute)
