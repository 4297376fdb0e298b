"""A server with every door on one host, its clients on another, and somebody beside the server."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Self

from attrs import define, evolve

from jobyard.blocking import BlockingClient
from tests.acceptance.line import Line
from tests.acceptance.served import GROUP, PASSWORD, USER, Server, command, environment, settings
from tests.acceptance.test_http_stopping import ask
from tests.faults.networks import FAR, Cable
from tests.faults.patience import until
from tests.faults.remains import Remains
from tests.frontends.rpc.rpc_lines import RpcLines

LINES: Final = 8962
WEB: Final = 8952
RPC: Final = 8972
LEASE: Final = 1.0
SILENCE: Final = 1.5
GRACE: Final = 0.5
URL: Final = f"jobyard://{USER}:{PASSWORD}@{FAR}:{LINES}/{GROUP}"
SETTINGS: Final = settings(
    host=FAR,
    port=LINES,
    insecure_plaintext=True,
    http={"port": WEB, "hosts": ["localhost"]},
    rpc={"port": RPC, "host": FAR, "group": GROUP},
    lines={"silence": SILENCE},
    reconnect={"grace": GRACE},
)


@define
class Yard:
    """Both hosts. `boss` speaks to the server whatever becomes of the cable."""

    cable: Cable
    server: Server
    boss: BlockingClient

    @classmethod
    @contextmanager
    def open(cls, folder: Path, program: str = "jobyard") -> Iterator[Self]:
        """Everything started; nothing of it is left at the end."""
        with Cable() as cable, closing(BlockingClient(URL)) as boss:
            server = Server(folder, SETTINGS)
            server.before = cable.far.before
            server.program = program
            try:
                made = cls(cable, server.start(), boss)
                made.ask(boss.execute, "PING")
                yield made
            finally:
                server.close()

    # -- the clients' host ---------------------------------------------------------------------

    def client(self) -> BlockingClient:
        """Connected; its methods are to be called by `near`."""
        made = BlockingClient(URL)
        self.near(made.execute, "PING")
        return made

    def near(self, work: Any, *said: Any, **more: Any) -> Any:
        """Call something on the clients' host."""
        return self.cable.near.do(work, *said, **more)

    def line(self) -> Line:
        """A client of the line protocol, logged in."""
        return Line(self.cable.near.connect(LINES)).log_in()

    def web(self, method: str, path: str, said: Any = None) -> Line:
        """A request under way; what comes back is read as lines."""
        heard = Line(self.cable.near.connect(WEB))
        ask(heard.socket, method, path, said)
        return heard

    def rpc(self) -> RpcLines:
        """A client of JSON-RPC, logged in."""
        rpc = RpcLines(self.cable.near.connect(RPC))
        rpc.call("login", {"user": USER, "password": PASSWORD})
        return rpc

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A worker of the examples as a process, until the end of the block."""
        words = [*self.cable.near.before, *command("work", "jobyard.examples:worker")]
        variables = environment(self.server.folder, {"JOBYARD_URL": URL})
        with subprocess.Popen(
            words, cwd=self.server.folder, env=variables,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                yield
            finally:
                process.kill()

    # -- beside the server ---------------------------------------------------------------------

    def ask(self, work: Any, *said: Any, **more: Any) -> Any:
        """Call a method of the boss."""
        return self.cable.far.do(work, *said, **more)

    def remains(self) -> Remains:
        """What the server holds now, but for who asks."""
        metrics = Line(self.cable.far.connect(WEB))
        with metrics:
            ask(metrics.socket, "GET", "/metrics")
            text = metrics.take(b"jobyard_build_info").decode()
        assert self.server.process is not None
        seen = Remains.of(self.server.process.pid, text)
        doors = {**seen.connections, "http": seen.connections["http"] - 1}
        return evolve(seen, descriptors=seen.descriptors - 1, connections=doors)

    def at_rest(self) -> Remains:
        """What it holds once the boss is alone."""
        alone = {"lines": 1, "http": 0, "rpc": 0}
        assert until(lambda: self.remains().connections == alone), self.remains()
        return self.remains()

    def is_back(self, base: Remains) -> bool:
        """Whether it comes to hold no more than that."""
        return until(lambda: self.remains().within(base))

    def answers_within(self, times: int) -> float:
        """Seconds that the slowest of so many answers to the boss took."""
        slowest = 0.0
        for _ in range(times):
            began = time.monotonic()
            self.ask(self.boss.execute, "PING")
            slowest = max(slowest, time.monotonic() - began)
        return slowest


def granted(web: Line) -> str:
    """The job that a request over HTTP was given."""
    web.take(b'"id":"')
    return web.take(b'"').decode()
