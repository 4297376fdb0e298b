"""Workers of the line protocol: one job in flight each, whatever happens to it."""

from tests.acceptance.conftest import Connect, Serve
from tests.acceptance.line import Line, readable
from tests.acceptance.served import Server, settings

WORKERS = 300


def test_two_queues_over_one_connection_have_one_job_in_flight(
    connect: Connect, queue: str
) -> None:
    worker, publisher = connect(), connect()
    for name in ("a", "b"):
        assert worker.ask(f"SUBSCRIBE {queue}-{name}") == "OK"
    first = publisher.publish(f"{queue}-a")
    second = publisher.publish(f"{queue}-b")
    assert worker.pushed()["ID"] == first
    assert worker.heard_nothing()
    assert worker.update(first, "in-progress") == "OK"
    assert worker.heard_nothing()
    assert worker.update(first, "done") == "OK"
    assert worker.pushed()["ID"] == second


def test_the_answer_comes_before_the_next_job(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    jobs = [publisher.publish(queue) for _ in range(3)]
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    for job in jobs:
        assert worker.pushed()["ID"] == job
        assert worker.update(job, "done") == "OK"
    assert worker.heard_nothing()


def test_after_a_job_was_deleted_the_next_comes_once_the_worker_spoke(
    connect: Connect, queue: str
) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    first = publisher.publish(queue)
    second = publisher.publish(queue)
    assert worker.pushed()["ID"] == first
    assert publisher.ask(f"DELETE_JOB {first}") == "OK"
    assert worker.heard_nothing()
    assert worker.update(first, "done") == "Err: unknown-job"
    assert worker.pushed()["ID"] == second


def test_after_a_purge_the_next_comes_once_the_worker_spoke(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    first = publisher.publish(queue)
    assert worker.pushed()["ID"] == first
    assert publisher.ask(f"PURGE_JOBS {queue}") == "OK"
    assert publisher.ask(f"LIST_JOBS {queue}") == "[]"
    second = publisher.publish(queue)
    assert worker.heard_nothing()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    assert worker.pushed()["ID"] == second


def test_purged_workers_lose_their_job_and_get_no_other(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    job = publisher.publish(queue)
    assert worker.pushed()["ID"] == job
    assert publisher.ask(f"PURGE_WORKERS {queue}") == "OK"
    assert publisher.states(queue) == ["pending"]
    publisher.publish(queue)
    assert worker.heard_nothing()
    other = connect()
    assert other.ask(f"SUBSCRIBE {queue}") == "OK"
    assert other.pushed()["ID"] == job
    assert worker.update(job, "done") == "Err: reservation-lost"


def test_unsubscribed_workers_may_end_what_they_hold(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    first = publisher.publish(queue)
    assert worker.pushed()["ID"] == first
    assert worker.ask(f"UNSUBSCRIBE {queue}") == "OK"
    publisher.publish(queue)
    assert worker.update(first, "done") == "OK"
    assert worker.heard_nothing()
    assert worker.ask(f"UNSUBSCRIBE {queue}") == "OK"


def test_a_second_subscription_is_the_first(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    first = publisher.publish(queue)
    publisher.publish(queue)
    assert worker.pushed()["ID"] == first
    assert worker.heard_nothing()
    workers = publisher.read("LIST_QUEUES")
    (mine,) = [one for one in workers if one["Slug"] == queue]
    assert len(mine["Workers"]) == 1


def test_a_deleted_queue_takes_its_jobs_along(connect: Connect, queue: str) -> None:
    worker, publisher = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    job = publisher.publish(queue)
    assert worker.pushed()["ID"] == job
    assert publisher.ask(f"DELETE_QUEUE {queue}") == "OK"
    slugs = [one["Slug"] for one in publisher.read("LIST_QUEUES") or []]
    assert queue not in slugs
    assert worker.update(job, "done") == "Err: unknown-job"
    assert publisher.ask(f"DELETE_QUEUE {queue}") == "Err: unknown-queue"


def test_somebody_else_s_job_is_out_of_reach(connect: Connect, queue: str) -> None:
    worker, other = connect(), connect()
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    job = other.publish(queue)
    assert worker.pushed()["ID"] == job
    for state in ("in-progress", "done", "errored"):
        assert other.update(job, state) == "Err: reservation-lost"
    assert other.states(queue) == ["pending"]
    assert worker.update(job, "done") == "OK"


def test_a_connection_that_goes_gives_its_job_back(connect: Connect, queue: str) -> None:
    worker, next_one = connect(), connect()
    job = next_one.publish(queue)
    assert worker.ask(f"SUBSCRIBE {queue}") == "OK"
    assert worker.pushed()["ID"] == job
    assert next_one.ask(f"SUBSCRIBE {queue}") == "OK"
    worker.close()
    assert next_one.pushed()["ID"] == job


def test_another_group_knows_nothing_of_it(serve: Serve) -> None:
    users = [
        {"username": name, "password": f"{name}-password", "groups": [group]}
        for name, group in (("ada", "yard"), ("bob", "mill"))
    ]
    server = serve(settings(groups=["yard", "mill"], users=users))
    with Line.to(server.port) as ada, Line.to(server.port) as bob:
        ada.log_in("ada", "ada-password", "yard")
        bob.log_in("bob", "bob-password", "mill")
        job = ada.publish("q")
        assert bob.ask("LIST_QUEUES") == "null"
        assert bob.ask("LIST_JOBS q") == "Err: unknown-queue"
        assert bob.update(job, "done") == "Err: unknown-job"
        assert bob.ask(f"DELETE_JOB {job}") == "Err: unknown-job"
        assert bob.ask("PURGE_JOBS q") == "Err: unknown-queue"
        assert bob.ask("USE_GROUP yard") == "Err: forbidden-group"
        assert bob.ask("SUBSCRIBE q") == "OK"
        assert bob.heard_nothing()
        assert ada.states("q") == ["pending"]


def test_hundreds_of_workers_get_each_job_once(
    shared: Server, connect: Connect, queue: str
) -> None:
    workers = [connect() for _ in range(WORKERS)]
    for worker in workers:
        worker.say(f"SUBSCRIBE {queue}")
    for worker in workers:
        assert worker.hears() == "OK"
    publisher = connect()
    wanted = [publisher.publish(queue, f"{number}") for number in range(2 * WORKERS)]
    got: list[str] = []
    while len(got) < len(wanted):
        ready = readable(workers)
        assert ready, f"{len(got)} jobs came, then nothing"
        for worker in ready:
            job = worker.pushed()["ID"]
            got.append(job)
            assert worker.update(job, "done") == "OK"
    assert sorted(got) == sorted(wanted)
    assert all(worker.heard_nothing() for worker in workers)
