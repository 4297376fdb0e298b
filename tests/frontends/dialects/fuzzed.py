"""Every codec with inputs that are right, and what reads them when they are changed."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from zlib import crc32

from engine.commands import BY_WORD
from engine.job import DEFAULT_POLICY
from engine.replies import Refused
from frontends.dialects import native_json_binding, resp
from frontends.dialects.framing import Unreadable
from frontends.dialects.jobatator import BINDINGS, Terms
from frontends.dialects.native import WORDS
from frontends.dialects.words import split
from jobyard.errors import ProtocolError
from jobyard.resp import Reader
from tests.frontends.dialects import test_gob_hostile, test_json_values, test_jsonrpc
from tests.frontends.dialects.codec import Codec
from tests.frontends.dialects.fuzzed_documents import DOCUMENTS
from tests.frontends.dialects.fuzzed_requests import REQUESTS
from tests.frontends.dialects.reference import words_of
from tests.frontends.dialects.test_framing import array, read
from tests.support.corpus import kept

TERMS: Final = Terms()
LINES: Final = (
    b"PUBLISH q t 'a b'\nUPDATE_JOB 0190b6a0 done\n",
    b"RECURRENT_JOB q t '*/5 * * * *'\r\nLIST_JOBS q\r\n",
    b"SUBSCRIBE q\nUNSUBSCRIBE q\nDELETE_RECURRENT_JOB 7\nDELETE_JOB j\n",
)
ARRAYS: Final = (
    array(b"HELLO", b"3", b"AUTH", b"ada", b"word", b"SETNAME", b"n"),
    array(b"CLIENT", b"SETINFO", b"LIB-NAME", b"x") + array(b"COMMAND", b"DOCS"),
    array(b"PUBLISH", b"q", b"t", b"a\r\nb") + b"PING\r\n",
)
ANSWERS: Final = (
    b"+OK\r\n-ERR unknown-job no such job\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n_\r\n#t\r\n,1.5\r\n",
    b"*2\r\n:1\r\n*0\r\n%1\r\n$1\r\nk\r\n=5\r\ntxt:v\r\n>2\r\n+job\r\n%0\r\n",
    b"|1\r\n+ttl\r\n:1\r\n(123\r\n!3\r\nERR\r\n~1\r\n+x\r\n*-1\r\n",
)
NATIVE: Final = (
    array(b"ENQUEUE", b"q", b"t", b"p", b"DELAY", b"1.5", b"PRIORITY", b"7"),
    array(b"ENQUEUE_MANY", b"q", b'[{"type":"t","payload":"p","delay":2}]'),
    array(b"SET_RECURRENCE", b"q", b"t", b"@hourly", b"ZONE", b"UTC"),
    array(b"RESERVE", b"q", b"LIMIT", b"3", b"WAIT", b"5"),
    array(b"LIST", b"q", b"STATES", b'["ready"]', b"LIMIT", b"10"),
)
OBJECTS: Final = (
    b'ENQUEUE {"queue":"q","type":"t","payload":"p","delay":1.5,"priority":7}',
    b'ENQUEUE_MANY {"queue":"q","jobs":[{"type":"t","payload":"p"}]}',
    b'LIST {"queue":"q","states":["ready"],"limit":10}',
    b'SET_RECURRENCE ["q","t","@hourly"]',
    b'PROGRESS {"job":"j","reservation":"1-7","progress":0.5}',
)
"""The word of a command, a space, and its values."""


def lines(raw: bytes) -> int:
    """Lines and quoted words, as the naive parser sees them too, to commands."""
    bound = 0
    for request in read(raw, bound=400):
        if isinstance(request, (Unreadable, list)):
            continue
        words = split(request)
        naive = words_of(request.decode("latin-1"))
        assert words == [word.encode("latin-1") for word in naive]
        binding = BINDINGS.get(words[0].decode("latin-1")) if words else None
        if binding is not None:
            with suppress(IndexError):  # the session counts the words before it binds them
                binding.bind(words, TERMS)
            bound += 1
    return bound


def arrays(raw: bytes) -> int:
    """RESP as a server reads it; whatever the words are, the handshake answers them."""
    found, step = read(raw), 1 + crc32(raw) % 16
    assert read(*(raw[at : at + step] for at in range(0, len(raw), step))) == found
    requests = [one for one in found if isinstance(one, list) and one]
    for words in requests:
        resp.hello(words)
        resp.client(words, 7)
        resp.command(words, [b"PING"], 3)
    return len(requests)


def answers(raw: bytes) -> int:
    """RESP as our client reads it."""
    with suppress(ProtocolError):
        return len(Reader().feed(raw))
    return 0


def native(raw: bytes) -> int:
    """Native words to commands."""
    bound = 0
    for words in read(raw, bound=2000):
        if isinstance(words, list) and words:
            row = WORDS.get(words[0].decode("latin-1"))
            if row is not None and len(words) > len(row.required):
                bound += not isinstance(row.bind(words, DEFAULT_POLICY), Refused)
    return bound


def objects(raw: bytes) -> int:
    """Native JSON to commands."""
    word, _, values = raw.partition(b" ")
    row = BY_WORD.get(word.decode("latin-1"), BY_WORD["ENQUEUE"])
    return int(not isinstance(native_json_binding.bind(row, values, DEFAULT_POLICY), Refused))


CODECS: Final[Mapping[str, Codec]] = {
    "lines": Codec(LINES, lines),
    "resp": Codec(ARRAYS, arrays),
    "resp-answers": Codec(ANSWERS, answers),
    "native": Codec(NATIVE, native),
    "json": Codec(OBJECTS, objects),
    "json-values": Codec(test_json_values.SAMPLES, test_json_values.read_well),
    "json-rpc": Codec(test_jsonrpc.SAMPLES, test_jsonrpc.read_well),
    "gob": Codec(test_gob_hostile.SAMPLES, test_gob_hostile.read_well),
    **REQUESTS,
    **DOCUMENTS,
}


def seeds(name: str) -> tuple[bytes, ...]:
    """What a codec's inputs are made from: half is right, half was worth keeping."""
    samples, others = CODECS[name].samples, kept(name)
    return (*samples * max(1, len(others) // len(samples)), *others)
