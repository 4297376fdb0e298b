"""The key file: made once, wrapped or not, and never shown."""

import json
import pickle
import stat
from pathlib import Path

import pytest

from engine.store import key as key_module
from engine.store.errors import DamagedFile, WrongKey
from engine.store.key import DataKey, key_path, open_key, rewrap
from engine.store.open import open_store
from tests.engine.store.places import SMALL, fingerprint

TRAPS = [
    b"",
    b"{}",
    b"[" * 100_000,
    b'{"kind":"plain","version":1,"key":"c2hvcnQ="}',
    b'{"kind":"plain","version":2,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}',
    b'{"kind":"plain","version":1e999,"key":""}',
    b'{"kind":"argon2id","version":1,"salt":"","nonce":"","sealed":""}',
    b'{"kind":"argon2id","version":1,"memory":' + b"9" * 5_000 + b"}",
    b"\xff\xfe",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "jobyard.db"


@pytest.fixture(autouse=True)
def _cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_cost" not in request.fixturenames:
        monkeypatch.setattr(key_module, "MEMORY_KIB", 64)
        monkeypatch.setattr(key_module, "PASSES", 1)


@pytest.fixture
def real_cost() -> None:
    """Wrap as the server does."""


class Sentences(list[str]):
    """What was warned of."""


@pytest.fixture
def warned() -> Sentences:
    return Sentences()


def test_a_new_key_is_random_and_for_its_owner_alone(path: Path, warned: Sentences) -> None:
    first = open_key(path, None, warned.append)
    assert len(first.raw) == 32
    assert stat.S_IMODE(key_path(path).stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert open_key(path, None, warned.append).raw == first.raw
    assert open_key(path.with_name("other.db"), None, warned.append).raw != first.raw
    assert warned == []


@pytest.mark.usefixtures("real_cost")
def test_a_secret_wraps_the_key_of_a_new_store(path: Path, warned: Sentences) -> None:
    key = open_key(path, "correct horse", warned.append)
    content = key_path(path).read_bytes()
    assert key.raw.hex().encode() not in content
    record = json.loads(content)
    assert (record["kind"], record["memory"], record["passes"]) == ("argon2id", 65_536, 3)
    assert open_key(path, "correct horse", warned.append).raw == key.raw
    assert warned == []


@pytest.mark.parametrize("secret", [None, "", "wrong", "correct horse\n"])
def test_a_wrapped_key_needs_its_secret(path: Path, warned: Sentences, secret: str | None) -> None:
    open_key(path, "correct horse", warned.append)
    before = fingerprint(path.parent)
    with pytest.raises(WrongKey):
        open_key(path, secret, warned.append)
    assert fingerprint(path.parent) == before


def test_a_secret_for_an_unwrapped_key_is_warned_about(path: Path, warned: Sentences) -> None:
    key = open_key(path, "", warned.append)
    before = fingerprint(path.parent)
    assert open_key(path, "secret", warned.append).raw == key.raw
    assert fingerprint(path.parent) == before
    (sentence,) = warned
    assert "jobyard rekey" in sentence
    assert "secret " not in sentence.replace("the secret ", "")


def test_a_key_others_can_read_is_warned_about(path: Path, warned: Sentences) -> None:
    open_key(path, None, warned.append)
    key_path(path).chmod(0o640)
    open_key(path, None, warned.append)
    assert len(warned) == 1


def test_a_missing_key_is_not_replaced(path: Path, warned: Sentences) -> None:
    path.parent.mkdir()
    path.write_bytes(b"a store")
    with pytest.raises(WrongKey, match="missing"):
        open_key(path, None, warned.append)
    assert set(fingerprint(path.parent)) == {path.name}


@pytest.mark.parametrize("content", TRAPS)
def test_what_is_no_key_file_is_refused(path: Path, warned: Sentences, content: bytes) -> None:
    path.parent.mkdir()
    key_path(path).write_bytes(content)
    key_path(path).chmod(0o600)
    with pytest.raises(DamagedFile):
        open_key(path, "secret", warned.append)
    assert key_path(path).read_bytes() == content


def test_every_byte_of_a_wrapped_key_counts(path: Path, warned: Sentences) -> None:
    open_key(path, "secret", warned.append)
    record = json.loads(key_path(path).read_bytes())
    for name in ("salt", "nonce", "sealed"):
        first = "A" if record[name][0] != "A" else "B"
        changed = {**record, name: first + record[name][1:]}
        key_path(path).write_text(json.dumps(changed))
        with pytest.raises(WrongKey):
            open_key(path, "secret", warned.append)
    key_path(path).write_text(json.dumps({**record, "passes": record["passes"] + 1}))
    with pytest.raises(WrongKey):
        open_key(path, "secret", warned.append)


def test_the_secret_of_a_key_can_be_changed(path: Path, warned: Sentences) -> None:
    key = open_key(path, None, warned.append)
    rewrap(path, None, "one")
    with pytest.raises(WrongKey):
        rewrap(path, "two", "three")
    rewrap(path, "one", "two")
    assert open_key(path, "two", warned.append).raw == key.raw
    rewrap(path, "two", None)
    assert open_key(path, None, warned.append).raw == key.raw
    assert stat.S_IMODE(key_path(path).stat().st_mode) == 0o600
    assert set(fingerprint(path.parent)) == {key_path(path).name}
    assert warned == []


def test_a_secret_that_is_no_utf_8_works(path: Path, warned: Sentences) -> None:
    odd = b"\xff\xfe".decode("utf-8", "surrogateescape")
    key = open_key(path, odd, warned.append)
    assert open_key(path, odd, warned.append).raw == key.raw


def test_a_key_does_not_show_itself(path: Path, warned: Sentences) -> None:
    key = open_key(path, None, warned.append)
    for text in (repr(key), str(key), f"{key}", repr([key])):
        assert key.raw.hex() not in text
        assert repr(key.raw) not in text
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="32"):
        DataKey(b"short")


async def test_a_wrapped_store_opens_with_its_secret_alone(path: Path) -> None:
    async with open_store(path, secret="one", options=SMALL, writer="inline"):
        pass
    before = fingerprint(path.parent)
    with pytest.raises(WrongKey):
        async with open_store(path, options=SMALL, writer="inline"):
            pass
    assert fingerprint(path.parent) == before
    async with open_store(path, secret="one", options=SMALL, writer="inline") as store:
        assert store.statistics().cipher == "sqlcipher"
