"""One client, three ways to say the same: RESP, HTTP and JSON-RPC. Commands by name and field."""

import json
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import h11
import trio
from attrs import NOTHING, fields

from engine.commands import TABLE
from frontends.http.native.path import PREFIX
from frontends.http.native.table import PATHS
from jobyard.resp import Failure
from jobyard.soak.client import Client, CutOff, Heard
from jobyard.soak.dice import dice_of
from jobyard.soak.doors import PASSWORD
from jobyard.soak.house import GROUP, USER, House
from jobyard.soak.pipe import Pipe
from jobyard.soak.story import Story
from jobyard.soak.wire import Wire

WORDS: Final = {row.word: kind for kind, row in TABLE.items()}
LOGIN: Final = b64encode(f"{USER.name}:{PASSWORD}".encode()).decode()
BY_HTTP: Final = {
    TABLE[kind].word: path for path in PATHS for kind in path.serves if path.kind in TABLE
}


class Tongue(Protocol):
    """A connection through some door, as long as it lasts."""

    @property
    def wire(self) -> Wire:
        """What carries it."""

    async def open(self) -> None:
        """Come in.

        Raises:
            CutOff: it did not last that long.
        """

    async def ask(self, word: str, **said: Any) -> Heard:
        """Say a command and wait for its answer, which is made of texts, numbers, lists, dicts.

        Raises:
            CutOff: the connection ended first.
        """

    def close(self) -> None:
        """Leave without a word."""


class ByResp:
    """Natively, in arrays."""

    def __init__(self, house: House, story: Story, seed: int, name: str) -> None:
        self._client = Client(house, name, seed, story.lost, native=True)
        self.wire = self._client.wire

    async def open(self) -> None:
        """Come in."""
        await self._client.open()

    async def ask(self, word: str, **said: Any) -> Heard:
        """Required fields in their order, then the others by name."""
        places = [one.name for one in fields(WORDS[word]) if one.default is NOTHING]
        words = [_text(said.pop(name)) for name in places]
        for name, value in said.items():
            words += [name.upper(), _text(value)]
        heard = await self._client.ask(word, *words)
        return Heard(_plain(heard.value), heard.at)

    def close(self) -> None:
        """Leave without a word."""
        self._client.close()


class Piped:
    """What the two doors that read streams have in common."""

    def __init__(self, house: House, story: Story, seed: int, name: str) -> None:
        self.wire = self.pipe = Pipe(name, dice_of(seed, name), self._come, self._end)
        self._house = house
        self._story = story
        self._answers: deque[Heard] = deque()
        self._bell = trio.Event()

    def close(self) -> None:
        """Leave without a word."""
        self.pipe.cut()

    async def _enter(self, door: str) -> None:
        while not self._house.enter(self.pipe, door):
            await self._house.running()

    async def _exchange(self, data: bytes) -> Heard:
        if self.pipe.broken:
            raise CutOff
        self.pipe.up.put(data)
        while not self._answers:
            if self.pipe.broken:
                raise CutOff
            self._bell = trio.Event()
            await self._bell.wait()
        return self._answers.popleft()

    def _come(self, part: bytes, sent: float) -> None:
        self._answers += [Heard(value, sent) for value in self._hear(part)]
        self._bell.set()

    def _end(self) -> None:
        self._story.lost(self.pipe.name)
        self._bell.set()

    def _hear(self, part: bytes) -> list[Any]:
        raise NotImplementedError


class ByHttp(Piped):
    """Over HTTP, one request after the other on one connection."""

    def __init__(self, house: House, story: Story, seed: int, name: str) -> None:
        super().__init__(house, story, seed, name)
        self._http = h11.Connection(h11.CLIENT)
        self._status = 0
        self._body = b""

    async def open(self) -> None:
        """Come in; who it is stands in every request."""
        await self._enter("http")

    async def ask(self, word: str, **said: Any) -> Heard:
        """The path of the command; what is no part of it stands in the query or in the body."""
        path = BY_HTTP[word]
        request = said.pop("request_id", None)
        inside = {name: said.pop(name) for name in path.in_path}
        target, body = PREFIX + path.template.format(**inside), b""
        if path.in_query:
            target += "?" + "&".join(f"{name}={_text(value)}" for name, value in said.items())
        else:
            body = json.dumps(said).encode()
        headers = [
            ("host", "127.0.0.1"),
            ("authorization", f"Basic {LOGIN}"),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            *([("idempotency-key", request)] if request else []),
        ]
        send = self._http.send
        data = send(h11.Request(method=path.method, target=target, headers=headers)) or b""
        data += send(h11.Data(data=body)) or b""
        data += send(h11.EndOfMessage()) or b""
        return await self._exchange(data)

    def _hear(self, part: bytes) -> list[Any]:
        self._http.receive_data(part)
        found: list[Any] = []
        while True:
            match self._http.next_event():
                case h11.Response(status_code=status):
                    self._status, self._body = status, b""
                case h11.Data(data=data):
                    self._body += data
                case h11.EndOfMessage():
                    found.append(self._answer())
                    if self._http.our_state is h11.MUST_CLOSE:
                        self.close()
                        return found
                    self._http.start_next_cycle()
                case _:
                    return found

    def _answer(self) -> Any:
        said: Any = json.loads(self._body) if self._body else "OK"
        return said if self._status < 400 else Failure(f"ERR {said['code']}")


class ByRpc(Piped):
    """In JSON-RPC."""

    def __init__(self, house: House, story: Story, seed: int, name: str) -> None:
        super().__init__(house, story, seed, name)
        self._calls = 0
        self._rest = b""

    async def open(self) -> None:
        """Come in and log in."""
        await self._enter("rpc")
        heard = await self._call("login", {"user": USER.name, "password": PASSWORD, "group": GROUP})
        if not heard.ok:
            self.close()
            raise CutOff

    async def ask(self, word: str, **said: Any) -> Heard:
        """A call of the method of that name."""
        return await self._call(word, said)

    async def _call(self, method: str, params: dict[str, Any]) -> Heard:
        self._calls += 1
        call = {"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params}
        return await self._exchange(json.dumps(call).encode() + b"\n")

    def _hear(self, part: bytes) -> list[Any]:
        *lines, self._rest = (self._rest + part).split(b"\n")
        answers = [said for line in lines if "id" in (said := json.loads(line))]
        return [
            said["result"] if "result" in said else Failure(f"ERR {said['error']['data']['code']}")
            for said in answers
        ]


TONGUES: Final[tuple[Callable[[House, Story, int, str], Tongue], ...]] = (ByResp, ByHttp, ByRpc)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _plain(value: Any) -> Any:
    """Bytes as the texts they are here."""
    match value:
        case bytes():
            return value.decode()
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case _:
            return value
