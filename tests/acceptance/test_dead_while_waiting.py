"""Clients that send no more while they wait for a job, as one does that was killed."""

import json
import socket

from tests.acceptance.conftest import Serve
from tests.acceptance.line import Line, array
from tests.acceptance.served import GROUP, PASSWORD, USER, WITHIN, settings
from tests.frontends.rpc.rpc_lines import rpc_port

EMPTY = b"*2\r\n$4\r\njobs\r\n*0\r\n"


def answers_until_the_end(port: int, asked: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), WITHIN) as client:
        client.sendall(asked)
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answers:
            return answers.read()


def test_a_dead_client_of_tcp_is_given_nothing(serve: Serve) -> None:
    server = serve(settings())
    words = [
        ("AUTH", USER, PASSWORD),
        ("USE_GROUP", GROUP),
        ("RESERVE", "q", "WAIT", "600"),
        ("RESERVE_ANY", '["q", "r"]', "WAIT", "600"),
    ]
    heard = answers_until_the_end(server.port, b"".join(array(*each) for each in words))
    assert heard == b"+Welcome!\r\n+OK\r\n" + 2 * EMPTY
    with Line.to(server.port).log_in() as line:
        job = line.publish("q")
        assert line.ask("SUBSCRIBE q") == "OK"
        assert line.pushed()["ID"] == job


def test_a_dead_client_of_rpc_is_given_nothing(serve: Serve) -> None:
    server = serve(settings(rpc={"port": 0, "group": GROUP}))
    calls = [
        ("login", {"user": USER, "password": PASSWORD}),
        ("reserve", {"queue": "r", "wait": 600.0}),
    ]
    said = [{"jsonrpc": "2.0", "id": name, "method": name, "params": has} for name, has in calls]
    heard = answers_until_the_end(rpc_port(server), "\n".join(map(json.dumps, said)).encode())
    answers = {each["id"]: each for each in map(json.loads, heard.splitlines())}
    assert answers["reserve"]["result"] == {"jobs": []}
