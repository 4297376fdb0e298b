"""A server that looks lived in: the queues, schedules, failures and workers of a small shop."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from jobyard import BlockingClient, GiveUp, Job, NewJob, Worker
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
"""What no worker takes."""
SCHEDULES: Final = (
    ("reports", "monthly", "0 6 1 * *"),
    ("mail", "newsletter", "30 9 * * 1-5"),
    ("search", "reindex", "*/15 * * * *"),
    ("archive", "compress", "@daily"),
)
EACH: Final = 36
"""Jobs of each type that are done or fail."""


class SmtpTimeout(Exception):
    """What mail fails of."""


class TooManyRedirects(Exception):
    """What webhooks fail of."""


class BadImage(GiveUp):
    """What no further attempt would help."""


FAILING: Final[dict[tuple[str, str], tuple[int, Exception]]] = {
    ("mail", "receipt"): (5, SmtpTimeout("mx1.example.net did not answer within 30 s")),
    ("webhooks", "deliver"): (3, TooManyRedirects("https://hooks.example.com/in: 20 redirects")),
    ("images", "crop"): (9, BadImage("the file ends in the middle of a row")),
}
"""Every how many jobs one fails, and of what."""


def payload(kind: str, number: int) -> str:
    """What a job of that type might carry."""
    to = PEOPLE[number % len(PEOPLE)]
    said = {"to": f"{to}@example.com", "order": 20_000 + number, "kind": kind, "n": number}
    return json.dumps(said)


@contextmanager
def lived_in(server: Server) -> Iterator[None]:
    """Fill a server; inside the block, workers are there, and one holds three jobs."""
    with ExitStack() as staying:
        client = staying.enter_context(BlockingClient(url_of(server)))
        staying.enter_context(working(*_workers(server)))
        made = _publish(client)
        for one in made:
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


def _publish(client: BlockingClient) -> list[str]:
    """Jobs that workers do at once; their ids."""
    ids: list[str] = []
    for queue, kinds in DONE.items():
        for kind in kinds:
            jobs = [
                NewJob(kind, payload(kind, number), {"max_attempts": 1, "priority": number % 3})
                for number in range(EACH)
            ]
            ids += [each.job for each in client.publish_many(queue, jobs)]
    return ids


def _leave_waiting(client: BlockingClient) -> None:
    for queue, kind, count in (*WAITING, ("video", "encode", 9)):
        client.publish_many(queue, [NewJob(kind, payload(kind, each)) for each in range(count)])
    delayed = [NewJob("digest", payload("digest", each), {"delay": 7_200.0}) for each in range(6)]
    client.publish_many("mail", delayed)
    flaky: Any = {"max_attempts": 5, "backoff": {"fixed": 1_800.0}}
    late = [NewJob("deliver", payload("deliver", 3 * each), flaky) for each in range(4)]
    for each in client.publish_many("webhooks", late):
        while client.get(each.job).attempts == 0:
            pass


def _workers(server: Server) -> Iterator[Worker]:
    for queue, kinds in DONE.items():
        worker = Worker(url_of(server), queue, concurrency=2)
        for kind in kinds:
            _teach(worker, queue, kind)
        yield worker


def _teach(worker: Worker, queue: str, kind: str) -> None:
    every, error = FAILING.get((queue, kind), (0, Exception()))

    def work(job: Job) -> dict[str, Any]:
        said = json.loads(job.payload or b"{}")
        if every and said["n"] % every == 0:
            raise error
        return {"ok": True, "order": said["order"]}

    worker.task(kind)(work)


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
