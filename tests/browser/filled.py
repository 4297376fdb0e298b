"""A server that looks lived in: the queues, schedules, failures and workers of a small shop."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import sin
from typing import Any, Final

import trio
from attrs import frozen

from engine import EngineSettings, open_store, run_engine
from engine.directory.history import Historian
from engine.history import DAY, FINE, Tally
from jobyard import BlockingClient, Job, NewJob, Worker
from tests.acceptance.served import GROUP, PASSWORD, WITHIN, Server
from tests.browser.people import ROOT_USER, url_of
from tests.browser.workers import working

PEOPLE: Final = ("ada", "grace", "edsger", "barbara", "alan", "radia", "tony", "frances")
DONE: Final[dict[str, tuple[str, ...]]] = {
    "mail": ("welcome", "receipt", "newsletter"),
    "images": ("resize", "crop"),
    "invoices": ("render", "send"),
    "search": ("reindex",),
    "webhooks": ("deliver",),
}
"""Queues with workers, and what those do."""
WAITING: Final = (("reports", "monthly", 12), ("archive", "compress", 4), ("mail", "digest", 23))
"""Types that no worker takes."""
SCHEDULES: Final = (
    ("reports", "monthly", "0 6 1 * *"),
    ("mail", "newsletter", "30 9 * * 1-5"),
    ("search", "reindex", "*/15 * * * *"),
    ("archive", "compress", "@daily"),
)
EACH: Final = 36
"""Jobs of each type that are done or fail."""


@frozen
class Fault:
    """What some jobs fail of."""

    kind: str
    queue: str
    count: int
    error_type: str
    error: str
    trace: str


FAULTS: Final = (
    Fault(
        "receipt", "mail", 8, "SmtpTimeout", "mx1.example.net did not answer within 30 s",
        "mail/send.py:41 deliver\nmail/smtp.py:87 connect\nSmtpTimeout: mx1.example.net",
    ),
    Fault(
        "deliver", "webhooks", 12, "TooManyRedirects", "https://hooks.example.com/in: 20 redirects",
        "webhooks/post.py:19 deliver\nTooManyRedirects: 20",
    ),
    Fault(
        "crop", "images", 4, "BadImage", "the file ends in the middle of a row",
        "images/read.py:63 rows\nBadImage: row 1,204 of 1,536",
    ),
)  # fmt: skip


def payload(kind: str, number: int) -> str:
    """What a job of that type might carry."""
    to = PEOPLE[number % len(PEOPLE)]
    said = {"to": f"{to}@example.com", "order": 20_000 + number, "kind": kind, "n": number}
    return json.dumps(said)


@contextmanager
def lived_in(server: Server) -> Iterator[None]:
    """Start a server and fill it; inside the block workers are there, and jobs are worked on."""
    trio.run(_remember, server)
    with ExitStack() as staying:
        client = staying.enter_context(BlockingClient(url_of(server.start())))
        _fail(client)
        staying.enter_context(working(*_workers(server)))
        for one in _publish(client):
            client.wait(one, WITHIN)
        _leave_waiting(client)
        for queue, kind, cron in SCHEDULES:
            client.set_recurrence(queue, kind, cron, payload(kind, 1), zone="Europe/Vienna")
        client.pause("archive")
        holder = staying.enter_context(BlockingClient(url_of(server)))
        held = holder.reserve("video", limit=3, lease=3_600)
        for place, job in enumerate(held):
            holder.started(job)
            holder.log(job, "probing container: h264, aac, 1920x1080")
            holder.log(job, f"pass {place + 1} of 2")
            holder.progress(job, 0.25 * (place + 1), "encoding")
        _administer(server)
        yield


async def _remember(server: Server) -> None:
    """Give the store a day of figures."""
    server.store.mkdir()
    tallies = {(GROUP, queue): Tally() for queue in DONE}
    path = server.store / "jobyard.db"
    async with (
        open_store(path, writer="thread") as store,
        run_engine(store, EngineSettings()) as engine,
    ):
        samples = int(DAY / FINE)
        for number in range(samples):
            for place, key in enumerate(tallies):
                came, went = (
                    int(40 + 25 * sin(at / 60 + place) + 12 * sin(at / 23 + 2 * place))
                    for at in (number, number - 9)
                )
                behind = int(60 + 50 * sin(number / 90 + 2 * place))
                told = tallies[key]
                tallies[key] = Tally(
                    told.published + came,
                    told.finished + went,
                    told.failed + (number % 3 if place == 0 else 0),
                    behind,
                )
            at = engine.clock.now() - (samples - number) * FINE
            engine.history.sample(dict(tallies), at)
        Historian(engine)._keep()


def _fail(client: BlockingClient) -> None:
    for fault in FAULTS:
        jobs = [
            NewJob(fault.kind, payload(fault.kind, each), {"max_attempts": 1})
            for each in range(fault.count)
        ]
        client.publish_many(fault.queue, jobs)
        for job in client.reserve(fault.queue, limit=fault.count):
            client.fail(job, fault.error, error_type=fault.error_type, trace=fault.trace)
    flaky: Any = {"max_attempts": 5, "backoff": {"fixed": 1_800.0}}
    late = [NewJob("deliver", payload("deliver", each), flaky) for each in range(4)]
    client.publish_many("webhooks", late)
    for job in client.reserve("webhooks", limit=len(late)):
        client.fail(job, FAULTS[1].error, error_type=FAULTS[1].error_type)


def _publish(client: BlockingClient) -> list[str]:
    """Jobs that workers do at once; their ids."""
    ids: list[str] = []
    for queue, kinds in DONE.items():
        for kind in kinds:
            jobs = [
                NewJob(kind, payload(kind, number), {"priority": number % 3})
                for number in range(EACH)
            ]
            ids += [each.job for each in client.publish_many(queue, jobs)]
    return ids


def _leave_waiting(client: BlockingClient) -> None:
    for queue, kind, count in (*WAITING, ("video", "encode", 9)):
        client.publish_many(queue, [NewJob(kind, payload(kind, each)) for each in range(count)])
    delayed = [NewJob("digest", payload("digest", each), {"delay": 7_200.0}) for each in range(6)]
    client.publish_many("mail", delayed)


def _workers(server: Server) -> Iterator[Worker]:
    """One a queue, each with a token of its own."""
    with BlockingClient(url_of(server, user=ROOT_USER)) as root:
        for queue, kinds in DONE.items():
            name = f"{queue}-worker"
            token = root.add_token(name, GROUP, ["work"])["token"]
            url = f"jobyard://{name}:{token}@127.0.0.1:{server.port}/{GROUP}"
            worker = Worker(url, queue, concurrency=2)
            for kind in kinds:
                worker.task(kind)(_work)
            yield worker


def _work(job: Job) -> dict[str, Any]:
    return {"ok": True, "order": json.loads(job.payload or b"{}")["order"]}


def _administer(server: Server) -> None:
    with BlockingClient(url_of(server, user=ROOT_USER)) as root:
        root.add_group("warehouse")
        root.add_user("barbara", PASSWORD, {"warehouse": ["read", "manage"], GROUP: ["read"]})
        root.add_user("tony", PASSWORD, ["warehouse"])
        root.add_token("deploy", GROUP, ["publish"], lifetime=30 * 86_400.0)
        root.add_token("prometheus", GROUP, ["read"])
        root.publish("temporary", "t")
        root.purge("temporary")
        root.delete_queue("temporary")
