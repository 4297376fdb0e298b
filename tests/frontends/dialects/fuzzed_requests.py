"""Readers of HTTP requests: heads, targets with what is behind the question mark, bodies."""

from contextlib import suppress
from typing import Final

import h11
import msgspec

from engine.job import DEFAULT_POLICY
from engine.replies import Refused
from frontends.dialects import event_stream, gateway, go_values, jobengine_v0, jobengine_v1
from frontends.dialects.jobengine_jobs import content, payload
from frontends.dialects.native_json_binding import bind_kind
from frontends.dialects.native_values import Unfit, reader
from frontends.dialects.rpc_opening import HEAD_MAX, Head, Json, opening
from frontends.http.exchange import Request
from frontends.http.heads import Names, Refusal, wrong_head, wrong_lines
from frontends.http.native import saying
from frontends.http.native.bulk import Bulk, BulkMove
from frontends.http.native.overview import Number
from frontends.http.native.routing import Found, Routes
from frontends.http.native.table import PATHS
from tests.frontends.dialects.codec import Codec

LONGEST: Final = 2_000
NAMES: Final = Names(("h",), local=True)
ROUTES: Final = Routes(PATHS)
HEADS: Final = (
    b"GET /hello?x=%20 HTTP/1.1\r\nHost: localhost:8952\r\n\r\n",
    b"POST /rpc HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    b"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\n\r\n",
    b"HEAD / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET * HTTP/1.1\r\n",
)
TARGETS: Final = (
    b"GET /api/v2/queues/q%2F1/jobs?state=ready&state=done&limit=10&cursor=7&group=g",
    b"POST /api/v2/queues/q/pause?group=g",
    b"DELETE /api/v2/queues/q/recurrences/3?group=a+b",
    b"GET /api/v2/recurrences/preview?text=%2A/5+*+*+*+*&zone=UTC&n=3",
    b"GET /api/v2/jobs/0190b6a0-1/wait?wait=1.5",
)
CURSORS: Final = (
    b"1795338525-4711",
    b"0-0",
    b"123456789012345-1",
    b"4711",
    b"9007199254740991",
)
FILTERS: Final = (
    b"queue=mail&queue=a%20b&what=done&state=failed&type=t",
    b"type=&state=ready&state=done&what=published",
    b'{"queue":"q","filter":{"states":["failed"],"type":"t","error":"x"},"limit":5,"cursor":7}',
    b'{"queue":"q","filter":{},"dry_run":true}',
    b'{"queue":"q","filter":{"error_type":"E"},"to":"r"}',
)
GATEWAYS: Final = (
    b'{"commands":["AUTH ada word","USE_GROUP g","PUBLISH q t \'a b\'"]}',
    b'{"Commands":null,"COMMANDS":["LIST_QUEUES",null],"x":1e400}',
)
BODIES: Final = (
    b'{"content":{"a":[1.5,"\\u00e9"]},"valid_for":60,"priority":7}',
    b'{"status":"complete","content":{},"priority":3.9,"timeout_time":1795338525}',
    b'{"name":"q","access_key":"k"}',
    b'{"queue_name":"q","job":{"priority":-3,"keep_minutes":5,"content":{"x":null}}}',
    b'{"queue_name":"q","uid":"u","new_status":"Failed"}',
)
OPENINGS: Final = (
    b"CONNECT /_goRPC_ HTTP/1.0\n\n",
    b"GET /x?y HTTP/1.1\r\nAuthorization: Basic YWRhOnNlY3JldA==\r\n\r\n",
    b'{"jsonrpc":"2.0","method":"x"}',
)
_BODIES: Final = (
    jobengine_v0.create, jobengine_v0.update,
    jobengine_v1.new_queue, jobengine_v1.create, jobengine_v1.update,
)  # fmt: skip
_number: Final = reader(Number)


def heads(raw: bytes) -> int:
    """Requests on a connection as far as none is refused, read as the server reads them."""
    connection = h11.Connection(h11.SERVER, LONGEST)
    connection.receive_data(raw)
    found = 0
    while connection.their_state is not h11.DONE:
        if connection.their_state is h11.IDLE and wrong_lines(raw, LONGEST):
            break
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            break
        if isinstance(event, h11.Request):
            wrong = wrong_head(event, list(event.headers), LONGEST, NAMES)
            if isinstance(wrong, Refusal):
                assert 400 <= wrong.response.status < 600
                break
            assert event.target[:1] in {b"/", b"*"}
            found += 1
        elif not isinstance(event, h11.Data | h11.EndOfMessage):
            break
    return found


def targets(raw: bytes) -> int:
    """A method and a target to a path of the table, and what is said of its class."""
    method, _, target = raw.partition(b" ")
    path, _, query = target.partition(b"?")
    asked = Request(method.decode("latin-1"), path.decode("latin-1"), path, query)
    try:
        found = ROUTES.find(asked.method, path)
        if not isinstance(found, Found):
            return 0
        said = saying.query(asked)
        saying.group(asked, said)
        values = saying.values(found.path, found.values, said, asked)
    except Unfit:
        return 0
    return int(not isinstance(bind_kind(found.path.kind, values, DEFAULT_POLICY), Refused))


def cursors(raw: bytes) -> int:
    """Where a reader of events stopped, or of a list."""
    place = event_stream.place(raw.decode("latin-1"))
    if place != event_stream.NOWHERE:
        assert event_stream.place(str(place)) == place
        return 1
    with suppress(Unfit):
        return int(_number(raw) >= 0)
    return 0


def filters(raw: bytes) -> int:
    """The filter of events behind a question mark, or of jobs in a body."""
    if raw[:1] == b"{":
        kind = BulkMove if b'"to"' in raw else Bulk
        return int(not isinstance(bind_kind(kind, raw, DEFAULT_POLICY), Refused))
    try:
        event_stream.wanted(saying.query(Request("GET", "/", b"/", raw)), "g")
    except Unfit:
        return 0
    return 1


def gateways(raw: bytes) -> int:
    """A body of jobatator's gateway to lines, each of which is text."""
    lines = gateway.commands(raw) or []
    for line in lines:
        line.encode()
    return len(lines)


def bodies(raw: bytes) -> int:
    """A body of either JobEngine, taken for each that there is; what it shows is JSON again."""
    try:
        go_values.write(go_values.read(raw, trailing=True))
    except go_values.NotJsonError:
        return 0  # they begin with the same
    found = 0
    for read in _BODIES:
        with suppress(jobengine_v0.BadRequestError):
            said = read(raw)
            found += 1
            kept = getattr(said, "content", None)
            if kept is not None:
                assert msgspec.json.decode(content(payload(kept))) is not None
    return found


def openings(raw: bytes) -> int:
    """What the first bytes on an RPC port are; a head is taken as Go's programs write it."""
    found = opening(raw)
    assert found is not None or len(raw) <= HEAD_MAX
    assert not isinstance(found, Head) or found.size <= len(raw)
    return int(isinstance(found, Head | Json))


REQUESTS: Final = {
    "http-head": Codec(HEADS, heads),
    "url": Codec(TARGETS, targets),
    "cursor": Codec(CURSORS, cursors),
    "filter": Codec(FILTERS, filters),
    "gateway": Codec(GATEWAYS, gateways),
    "jobengine": Codec(BODIES, bodies),
    "rpc-opening": Codec(OPENINGS, openings),
}
