"""The real server with few descriptors: every door goes on, and a worker comes in again."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from jobyard.blocking import BlockingClient
from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, PASSWORD, USER, Server, settings
from tests.acceptance.test_http_stopping import ask
from tests.faults.patience import until
from tests.faults.remains import descriptors
from tests.faults.visiting import Doors
from tests.frontends.rpc.rpc_lines import RpcLines

FILES: Final = 64
FEW: Final = ["/bin/sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh"]
"""Runs what follows with few files, soft and hard."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    said = settings(http={"port": 0}, rpc={"port": 0, "group": GROUP}, reconnect={"grace": 0.2})
    served = Server(tmp_path_factory.mktemp("descriptors"), said)
    served.before = FEW
    yield served.start()
    assert served.stop() == 0
    assert "Traceback" not in served.log.finish()


def used(server: Server) -> int:
    assert server.process is not None
    return descriptors(server.process.pid)


@pytest.mark.parametrize("door", ["lines", "web", "rpc"])
def test_a_door_that_takes_every_descriptor_leaves_who_is_in_alone(
    server: Server, door: str
) -> None:
    doors = Doors.of(server)
    base = used(server)
    with ExitStack() as closing, Line.to(doors.lines) as inside:
        inside.log_in()
        for _ in range(2 * FILES):
            closing.enter_context(Line.to(getattr(doors, door)))
        assert until(lambda: used(server) >= FILES - 1)
        for number in range(10):
            inside.publish(door, f"{number}")
        assert inside.states(door) == ["pending"] * 10
    assert until(lambda: used(server) <= base + 1)
    with Line.to(doors.lines) as line, Line.to(doors.web) as web, RpcLines.to(server) as rpc:
        assert len(line.log_in().jobs(door)) == 10
        ask(web.socket, "GET", f"/api/v2/queues/{door}")
        assert web.take(b"\r\n").startswith(b"HTTP/1.1 200 ")
        counted = rpc.ask({"jsonrpc": "2.0", "method": "counts", "params": [door]})
        assert counted["result"]["states"]["ready"] == 10


def test_a_worker_that_was_out_comes_in_once_there_is_a_descriptor(server: Server) -> None:
    doors = Doors.of(server)
    url = f"jobyard://{USER}:{PASSWORD}@127.0.0.1:{doors.lines}/{GROUP}"
    with ExitStack() as closing, BlockingClient(url) as worker:
        made = worker.publish("held", "t", b"", backoff={"fixed": 0})
        (held,) = worker.reserve("held")
        worker.close()
        for _ in range(2 * FILES):
            closing.enter_context(Line.to(doors.web))
        assert until(lambda: used(server) >= FILES - 1)
        closing.close()
        (again,) = worker.reserve("held", wait=20.0)
        assert (again.id, again.disconnects) == (made.job, 1)
        assert held.reservation != again.reservation
        worker.done(again)
