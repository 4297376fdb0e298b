"""A toy server that speaks the lines the load needs, on a thread of its own."""

import selectors
import socket
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Board:
    """Jobs nobody has, and workers without a job."""

    def __init__(self) -> None:
        self.jobs: deque[str] = deque()
        self.idle: deque[socket.socket] = deque()
        self.held: dict[socket.socket, str] = {}
        self.published = 0
        self.done: set[str] = set()

    def publish(self, publisher: socket.socket) -> None:
        self.published += 1
        job = f"{self.published:036d}"
        self.jobs.append(job)
        publisher.sendall(b"OK#%s\n" % job.encode())
        self.match()

    def finish(self, job: str, worker: socket.socket) -> None:
        mine = self.held.pop(worker, None) == job
        worker.sendall(b"OK\n" if mine else b"Err: unknown-job\n")
        if mine:
            self.done.add(job)
        self.idle.append(worker)
        self.match()

    def subscribe(self, worker: socket.socket) -> None:
        worker.sendall(b"OK\n")
        self.idle.append(worker)
        self.match()

    def leave(self, worker: socket.socket) -> None:
        if worker in self.idle:
            self.idle.remove(worker)
        if job := self.held.pop(worker, None):
            self.jobs.appendleft(job)

    def match(self) -> None:
        while self.jobs and self.idle:
            worker, job = self.idle.popleft(), self.jobs.popleft()
            self.held[worker] = job
            push = b'{"Job":{"ID":"%s","Payload":"x"},"Debug":"Dispatch data"}\n'
            worker.sendall(push % job.encode())


def answer(board: Board, line: bytes, to: socket.socket) -> None:
    """Do what one line says."""
    match line.decode().split(" "):
        case ["AUTH", "bench", "bench"]:
            to.sendall(b"Welcome!\n")
        case ["USE_GROUP", "bench"]:
            to.sendall(b"OK\n")
        case ["PING"]:
            to.sendall(b"PONG\n")
        case ["PUBLISH", queue, "job.type", payload] if (
            queue.startswith("bench") and payload == f"'{'x' * 100}'"
        ):
            board.publish(to)
        case ["SUBSCRIBE", _]:
            board.subscribe(to)
        case ["UPDATE_JOB", job, "done"]:
            board.finish(job, to)
        case _:
            to.sendall(b"Err: unknown-command\n")


class Toy:
    """One thread, one selector, all connections."""

    def __init__(self, port: int = 0) -> None:
        self.board = Board()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.rests: dict[socket.socket, bytes] = {}
        self.stopped = False

    def serve(self) -> None:
        """Until `stopped`."""
        while not self.stopped:
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    self.accept()
                elif isinstance(key.fileobj, socket.socket):
                    self.hear(key.fileobj)

    def accept(self) -> None:
        line, _ = self.listener.accept()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rests[line] = b""
        self.selector.register(line, selectors.EVENT_READ)

    def hear(self, line: socket.socket) -> None:
        try:
            heard = line.recv(65536)
            *lines, self.rests[line] = (self.rests[line] + heard).split(b"\n")
            for each in lines:
                answer(self.board, each, line)
        except ConnectionError:
            heard = b""
        if not heard:
            self.close(line)

    def close(self, line: socket.socket) -> None:
        self.selector.unregister(line)
        self.board.leave(line)
        del self.rests[line]
        line.close()

    def close_all(self) -> None:
        for line in list(self.rests):
            self.close(line)
        self.listener.close()
        self.selector.close()


@contextmanager
def toy_server() -> Iterator[tuple[int, Board]]:
    """Its port and its board, which is still when every connection was closed."""
    toy = Toy()
    thread = threading.Thread(target=toy.serve)
    thread.start()
    try:
        yield toy.listener.getsockname()[1], toy.board
    finally:
        toy.stopped = True
        thread.join()
        toy.close_all()


def main(port: int, store: str) -> None:
    """Serve until killed; a store that was there before has some jobs."""
    toy, kept = Toy(port), Path(store)
    if store != "memory":
        toy.board.jobs.extend(f"{n:036d}" for n in range(10 * kept.exists()))
        kept.mkdir(exist_ok=True)
    toy.serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
