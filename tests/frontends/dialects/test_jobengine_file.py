"""Files of the original JobEngine, made here as it made them."""

import hashlib
import json
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from frontends.dialects import jobengine_file
from frontends.dialects.jobengine_file import FileError, OriginalJob, OriginalQueue, WrongSecret

SECRET: Final = "hello_world"
NONCE: Final = bytes(range(12))
UID: Final = "6143dfcd-ae60-43b8-bd11-cbef4a5b6832"
OTHER: Final = "baeee17b-3e6a-4503-b423-ae946dddfe4f"
DIGEST: Final = hashlib.sha512(b"an access key").hexdigest()


def sealed(plain: str | bytes, secret: bytes = SECRET.encode()) -> bytes:
    """A file with that inside."""
    inside = plain.encode("utf-8", "surrogatepass") if isinstance(plain, str) else plain
    key = hashlib.md5(secret, usedforsecurity=False).hexdigest().encode()
    return NONCE + AESGCM(key).encrypt(NONCE, inside, None)


def job(**said: Any) -> dict[str, Any]:
    """What a job of v0 has."""
    plain = {
        "content": {"a": 1}, "created": 1795339109, "last_updated": 1795339110, "priority": 3,
        "state": "queued", "timeout_time": 1795339709, "uid": UID,
    }  # fmt: skip
    return {**plain, **said}


def zero(**said: Any) -> dict[str, Any]:
    """A queue of v0."""
    permissions = {"read": ["one", "two"], "write": ["one"]}
    plain = {"jobs": {"0": job()}, "name": "q", "permissions": permissions, "size": 1}
    return {**plain, **said}


def one(**said: Any) -> dict[str, Any]:
    """A queue of v1."""
    jobs = [job(keep_minutes=5, timeout_minutes=0, timeout_time=0)]
    return {"jobs": jobs, "access_key": DIGEST, "size": 1, "name": "q", **said}


def read(document: Any) -> jobengine_file.Original:
    return jobengine_file.read(sealed(json.dumps(document)), SECRET)


WANTED: Final = OriginalJob(
    UID, "queued", 3, 1795339109, 1795339110, 1795339709, b'{"a": 1}'
)  # fmt: skip


def test_a_file_of_v0() -> None:
    found = read({"q": zero()})
    assert found.version == 0
    assert found.queues == (OriginalQueue("q", (WANTED,), "", ("one", "two"), ("one",)),)


def test_a_file_of_v1() -> None:
    found = read({"queues": {"q": one()}})
    assert found.version == 1
    wanted = OriginalJob(UID, "queued", 3, 1795339109, 1795339110, 0, b'{"a": 1}', 5, 0)
    assert found.queues == (OriginalQueue("q", (wanted,), DIGEST),)


@pytest.mark.parametrize(
    ("document", "version"),
    [
        ({}, 0),
        ({"queues": {}}, 1),
        ({"queues": None}, 1),
        ({"queues": {"name": one(name="name")}}, 1),
    ],
)
def test_empty_and_confusing_files(document: Any, version: int) -> None:
    found = read(document)
    assert found.version == version
    assert [len(queue.jobs) for queue in found.queues] == [1] * len(document.get("queues") or {})


def test_a_v0_queue_called_queues() -> None:
    found = read({"queues": zero(name="queues")})
    assert (found.version, found.queues[0].name) == (0, "queues")


def test_jobs_of_v0_are_in_the_order_of_their_numbers() -> None:
    jobs = {str(number): job(uid=f"uid-{number}") for number in (10, 2, 0, 1)}
    (queue,) = read({"q": zero(jobs=jobs)}).queues
    assert [each.uid for each in queue.jobs] == ["uid-0", "uid-1", "uid-2", "uid-10"]


def test_what_was_never_filled_is_empty() -> None:
    nobody = {"read": None, "write": None}
    (queue,) = read({"q": zero(jobs=None, permissions=nobody)}).queues
    assert queue == OriginalQueue("q", ())
    assert read({"queues": {"q": one(jobs=None)}}).queues[0].jobs == ()


@pytest.mark.parametrize(
    "content", ["null", "12345678901234567890", '{"b":"\\u003c","a":1e999}', "[" * 50 + "]" * 50]
)
def test_a_content_is_kept_byte_for_byte(content: str) -> None:
    text = json.dumps({"queues": {"q": one()}}).replace('{"a": 1}', content)
    (queue,) = jobengine_file.read(sealed(text), SECRET).queues
    assert queue.jobs[0].content == content.encode()


@pytest.mark.parametrize("secret", ["", "hello_world\n", "hello world", "\udcff"])
def test_a_wrong_secret_says_so(secret: str) -> None:
    with pytest.raises(WrongSecret, match="SECRET"):
        jobengine_file.read(sealed(json.dumps({"q": zero()})), secret)


def test_a_secret_that_is_no_utf_8_works() -> None:
    found = jobengine_file.read(sealed("{}", b"\xff"), "\udcff")
    assert found.queues == ()


def test_every_byte_of_a_file_counts() -> None:
    content = sealed(json.dumps({"q": zero()}))
    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 1
        with pytest.raises(WrongSecret):
            jobengine_file.read(bytes(changed), SECRET)
    for length in (0, 1, 12, 27):
        with pytest.raises(FileError, match="at least 28"):
            jobengine_file.read(content[:length], SECRET)
    with pytest.raises(WrongSecret):
        jobengine_file.read(content[:-1], SECRET)


TRAPS: Final = [
    b"", b"null", b"[]", b"1", b'"x"', b"\xff", b"[" * 100_000, b'{"queues":' * 100_000,
    b'{"q":{}}', b'{"queues":[]}', b'{"queues":{"q":{}}}', b'{"queues":{"q":null}}', b"{} {}",
    b'{"queues":{"q":{"name":"q","jobs":[],"access_key":"' + b"A" * 128 + b'"}}}',
    b'{"queues":{"q":{"name":"q","jobs":[],"access_key":"' + b"a" * 128 + b'\\n"}}}',
    b'{"queues":{"other":{"name":"q","jobs":[],"access_key":"' + b"a" * 128 + b'"}}}',
    b'{"queues":{"q\\u0000":{"name":"q\\u0000","jobs":[],"access_key":"' + b"a" * 128 + b'"}}}',
]  # fmt: skip


@pytest.mark.parametrize("inside", TRAPS)
def test_what_is_no_database_is_refused(inside: bytes) -> None:
    with pytest.raises(FileError) as caught:
        jobengine_file.read(sealed(inside), SECRET)
    assert not isinstance(caught.value, WrongSecret)


@pytest.mark.parametrize(
    "said",
    [
        {"uid": ""}, {"uid": 1}, {"uid": "x" * 65}, {"state": "Queued"}, {"state": None},
        {"priority": 2**53}, {"priority": 1.5}, {"priority": "3"}, {"priority": True},
        {"created": -1}, {"created": 2**63}, {"created": float("inf")}, {"created": float("nan")},
        {"last_updated": None}, {"timeout_time": 10**30}, {"keep_minutes": 2**31},
        {"timeout_minutes": "1_000"}, {"content": float("nan")},
    ],
)  # fmt: skip
def test_a_job_out_of_bounds_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(FileError):
        read({"q": zero(jobs={"0": job(**said)})})
    with pytest.raises(FileError):
        read({"queues": {"q": one(jobs=[job(**said)])}})


def test_a_number_of_5000_digits_is_refused() -> None:
    text = json.dumps({"q": zero()}).replace("1795339109", "9" * 5_000)
    with pytest.raises(FileError):
        jobengine_file.read(sealed(text), SECRET)


@pytest.mark.parametrize("index", ["", "00", "+1", "1_0", "\u0663", "\u00b2", "1\n", "9" * 5_000])
def test_a_strange_index_of_v0_is_refused(index: str) -> None:
    with pytest.raises(FileError):
        read({"q": zero(jobs={index: job()})})


def test_two_jobs_with_one_uid_are_refused() -> None:
    with pytest.raises(FileError, match="same uid"):
        read({"queues": {"q": one(jobs=[job(), job()])}})
    assert len(read({"queues": {"q": one(jobs=[job(), job(uid=OTHER)])}}).queues[0].jobs) == 2


def test_a_refusal_shows_neither_secret_nor_content() -> None:
    with pytest.raises(FileError) as caught:
        read({"q": zero(jobs={"0": job(content={"a": "precious"}, state="x")})})
    assert SECRET not in str(caught.value)
    assert "precious" not in str(caught.value)


def test_a_file_too_long_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    content = sealed("{}")
    monkeypatch.setattr(jobengine_file, "LONGEST", len(content) - 1)
    with pytest.raises(FileError, match="more than"):
        jobengine_file.read(content, SECRET)
