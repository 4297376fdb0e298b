"""A toy server that speaks the lines the load needs, on a thread of its own."""

import socket
import socketserver
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Board:
    """Jobs nobody has, and workers without a job."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.jobs: deque[str] = deque()
        self.idle: deque[socket.socket] = deque()
        self.published = 0
        self.done: set[str] = set()

    def publish(self, answer: socket.socket) -> None:
        with self.lock:
            self.published += 1
            job = f"{self.published:036d}"
            self.jobs.append(job)
            answer.sendall(b"OK#%s\n" % job.encode())
            self.match()

    def finish(self, job: str, answer: socket.socket) -> None:
        with self.lock:
            fresh = job not in self.done
            self.done.add(job)
            answer.sendall(b"OK\n" if fresh else b"Err: unknown-job\n")
            self.idle.append(answer)
            self.match()

    def subscribe(self, answer: socket.socket) -> None:
        with self.lock:
            answer.sendall(b"OK\n")
            self.idle.append(answer)
            self.match()

    def match(self) -> None:
        while self.jobs and self.idle:
            push = b'{"Job":{"ID":"%s","Payload":"x"},"Debug":"Dispatch data"}\n'
            self.idle.popleft().sendall(push % self.jobs.popleft().encode())


class Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        board = getattr(self.server, "board", None)
        assert isinstance(board, Board)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in self.rfile:
            words = line.decode().strip().split(" ")
            match words:
                case ["AUTH", "bench", "bench"]:
                    self.connection.sendall(b"Welcome!\n")
                case ["USE_GROUP", "bench"]:
                    self.connection.sendall(b"OK\n")
                case ["PING"]:
                    self.connection.sendall(b"PONG\n")
                case ["PUBLISH", queue, "job.type", payload] if (
                    queue.startswith("bench") and payload == f"'{'x' * 100}'"
                ):
                    board.publish(self.connection)
                case ["SUBSCRIBE", _]:
                    board.subscribe(self.connection)
                case ["UPDATE_JOB", job, "done"]:
                    board.finish(job, self.connection)
                case _:
                    self.connection.sendall(b"Err: unknown-command\n")


class Toy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.board = Board()


@contextmanager
def toy_server() -> Iterator[tuple[int, Board]]:
    """Its port and its board."""
    with Toy() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1], server.board
        finally:
            server.shutdown()
            thread.join()


def main(port: int, store: str) -> None:
    """Serve until killed; a store that was there before has some jobs."""
    with Toy(port) as server:
        kept = Path(store)
        if store != "memory":
            server.board.jobs.extend(f"{n:036d}" for n in range(10 * kept.exists()))
            kept.mkdir(exist_ok=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
