"""The browser, the server and a worker find each other."""

import threading

from jobyard import BlockingClient, Job, Worker
from tests.acceptance.served import WITHIN, Server
from tests.browser.conftest import Visit
from tests.browser.people import url_of
from tests.browser.workers import working


def test_complaints_of_the_browser_are_noted(visit: Visit) -> None:
    visitor = visit()
    assert visitor.go("/login").status == 200
    visitor.page.evaluate("console.error('it broke')")
    assert any("it broke" in said for said in visitor.complaints)
    visitor.page.evaluate("document.head.append(document.createElement('style'))")
    visitor.page.locator("style").first.evaluate("style => style.textContent = 'p { color: red }'")
    assert any("Content Security Policy" in said for said in visitor.complaints)
    visitor.forgive("it broke", "Content Security Policy")


def test_a_worker_works(yard: Server, client: BlockingClient, queue: str) -> None:
    done = threading.Event()
    worker = Worker(url_of(yard), queue)

    @worker.task("greet")
    def greet(job: Job) -> str:
        done.set()
        return "hello"

    made = client.publish(queue, "greet", "ada")
    with working(worker):
        assert done.wait(WITHIN)
        assert client.wait(made.job, WITHIN).result == b"hello"
