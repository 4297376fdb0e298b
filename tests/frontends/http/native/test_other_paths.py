"""What the document says by hand of the other dialects: each such path is there, and answers so."""

import pytest
from attrs import evolve

from frontends.http.dialects import dialects
from frontends.http.exchange import Answer, Request, Response, Speaks, Stream
from frontends.http.native.path import PREFIX
from frontends.http.native.table import PATHS
from tests.frontends.http.native.calling import Heard, Yard, basic, request
from tests.frontends.http.native.schema_checking import DOCUMENT, complaint

NATIVE = {(PREFIX + path.template, path.method.lower()) for path in PATHS}
OTHERS = [
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if (path, method) not in NATIVE
]
CALL = b'{"jsonrpc":"2.0","method":"HEALTH_COUNTS"%b}'
BODIES = [
    b"", b"{}", b'{"commands":["PING"]}', b'{"content":{}}',
    CALL % b',"id":1', CALL % b"", b"[%b,{}]" % (CALL % b',"id":"a"'),
]  # fmt: skip
KEYS = {b"x-name": b"app", b"x-queue": b"q", b"x-access-key": b"key"}


async def asked(yard: Yard, said: Request) -> Answer:
    for dialect in dialects(yard.site, Speaks.EVERYTHING):
        answer = await dialect.answer(said)
        if answer is not None:
            return answer
    raise AssertionError(f"no dialect knows {said.path}")


@pytest.mark.parametrize(("method", "path"), OTHERS)
@pytest.mark.parametrize("query", ["", "name=q", "queue=q&uid=u"])
@pytest.mark.parametrize("body", BODIES)
async def test_a_status_is_one_that_the_document_names(
    yard: Yard, method: str, path: str, query: str, body: bytes
) -> None:
    said = request(method, f"{path.format(uid='u')}?{query}", body)
    headers = {b"authorization": basic("ada"), **KEYS, **said.headers}
    answer = await asked(yard, evolve(said, headers=headers))
    assert str(answer.status) in DOCUMENT["paths"][path][method.lower()]["responses"]
    if path == "/rpc" and answer.status == 200:
        assert isinstance(answer, Response)
        heard = Heard(200, {"content-type": "application/json"}, answer.body)
        assert complaint(method, path, heard) is None
    if isinstance(answer, Stream):
        assert dict(answer.headers)[b"content-type"].startswith(b"text/event-stream")
