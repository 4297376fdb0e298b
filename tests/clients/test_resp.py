import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobyard.errors import ProtocolError
from jobyard.resp import DEPTH_MAX, Failure, Push, Reader, request
from tests.clients.yard import packed

SAID = (
    b"+OK\r\n-ERR unknown-job no such job\r\n"
    b":-7\r\n$3\r\na\r\n\r\n$-1\r\n_\r\n#t\r\n,1.5\r\n,-inf\r\n"
    b"*2\r\n:1\r\n*0\r\n%1\r\n$1\r\nk\r\n=5\r\ntxt:v\r\n>2\r\n+job\r\n%0\r\n"
    b"|1\r\n+ttl\r\n:1\r\n(123\r\n!3\r\nERR\r\n~1\r\n+x\r\n*-1\r\n"
)
MEANT = [
    "OK", Failure("ERR unknown-job no such job"), -7, b"a\r\n", None, None, True, 1.5,
    -float("inf"), [1, []], {"k": b"v"}, Push(["job", {}]), 123, Failure("ERR"), ["x"], None,
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 7, len(SAID)])
def test_values_do_not_depend_on_the_packets(size: int) -> None:
    reader = Reader()
    found = []
    for at in range(0, len(SAID), size):
        found += reader.feed(SAID[at : at + size])
    assert found == MEANT


SIZED = [(b"1", b"k"), (b"2", b"k"), (b"3", b"job"), (b"0", b"")]
PIECES = [
    *(word + b"\r\n" for word in b"*2 %1 %2 >2 :7 :- :+7 :1.5 :1_0 ,1.5 ,-.5 ,7 #t # _f".split()),
    *(word + b"\r\n" for word in b"_ +OK -ERR $-1 *0 %0".split()),
    *(
        b"$%b\r\n%b\r\n" % pair
        for pair in ((b"1", b"k"), (b"2", b"k"), (b"3", b"job"), (b"0", b""))
    ),
    b"\r\n",
    b":",
]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(values, min_size=1, max_size=4), st.sampled_from([1, 2, 5, 9, 40, 100_000]))
def test_what_was_packed_is_read(said: list[object], size: int) -> None:
    raw, reader, found = b"".join(map(packed, said)), Reader(), []
    for at in range(0, len(raw), size):
        found += reader.feed(raw[at : at + size])
    assert found == said


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
def test_what_comes_whole_and_what_comes_in_pieces_is_read_alike(raw: bytes) -> None:
    def read(size: int) -> list[object]:
        reader, found = Reader(), list[object]()
        try:
            for at in range(0, len(raw), size):
                found += reader.feed(raw[at : at + size])
        except ProtocolError:
            return [*found, "given up"]
        return found

    whole, pieces = read(len(raw) + 1), read(1)
    if whole[-1:] == ["given up"]:  # what came before it in the same packet went with it
        assert pieces[-1:] == ["given up"]
    else:
        assert whole == pieces


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200\r\n", b"\r\n", b":1_000\r\n", ":٣\r\n".encode(), b":\r\n",
        b":" + b"9" * 5_000 + b"\r\n", b"$99999999999\r\n", b"$-2\r\n", b"*9999999\r\n",
        b"$1\r\nab\r\n", b",nan\r\n", b",1e9999\r\n",
        b"#x\r\n", b"_x\r\n", b"*1\r\n" * (DEPTH_MAX + 2),
        b"%1\r\n*0\r\n:1\r\n", b"+" + b"a" * 70_000,
        b"%-1\r\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_given_up(raw: bytes) -> None:
    with pytest.raises(ProtocolError):
        Reader().feed(raw)


def test_a_long_stream_keeps_no_more_than_it_must() -> None:
    reader = Reader()
    for _ in range(200):
        assert reader.feed(packed(b"x" * 5_000) + b"+O") == [b"x" * 5_000]
        assert reader.feed(b"K\r\n") == ["OK"]
    assert len(reader._buffer) == 0


@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_a_long_array_does_not_depend_on_the_packets(size: int) -> None:
    jobs = [{"job": b"j%d" % n, "at": n / 4, "held": n % 2 == 0} for n in range(50)]
    wanted = [*jobs, b"a\r\n$1\r\nb", None, [[], jobs[:3]], 2**62, *jobs]
    reader, found, raw = Reader(), [], packed({"jobs": wanted, "next": 7}) + b"+OK\r\n"
    for at in range(0, len(raw), size):
        found += reader.feed(raw[at : at + size])
    assert found == [{"jobs": wanted, "next": 7}, "OK"]


@pytest.mark.parametrize("bad", [b":1x\r\n", b"$1\r\nab\r\n", b",nan\r\n", b"?\r\n", b"%-2\r\n"])
def test_an_array_with_one_bad_entry_is_given_up(bad: bytes) -> None:
    raw = b"*40\r\n" + b":1\r\n" * 30 + bad + b":1\r\n" * 9
    for size in (1, 50, len(raw)):
        reader = Reader()
        packets = [raw[at : at + size] for at in range(0, len(raw), size)]
        with pytest.raises(ProtocolError):
            list(map(reader.feed, packets))


def test_a_name_is_as_long_as_it_says_however_often_it_came() -> None:
    reader = Reader()
    for _ in range(3):
        assert reader.feed(b"%1\r\n$3\r\njob\r\n:1\r\n") == [{"job": 1}]
    with pytest.raises(ProtocolError):
        reader.feed(b"%1\r\n$2\r\njob\r\n:1\r\n")


def test_a_request_is_an_array_of_bulk_strings() -> None:
    assert request([b"GET", b"a\r\n"]) == b"*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n"
