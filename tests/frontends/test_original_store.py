"""A store path that names a database of the original JobEngine."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.places import StorePlace
from config.settings import Settings
from engine.store.key import key_path
from frontends.opening_store import opened_store
from frontends.original_store import OriginalStore, refuse_original

SECRET = "hello_world"
KEY = b"99b1ff8f11781541f7f89f9bd41c4a17"
"""The MD5 of it, as the original made keys."""
PLAIN = b'{"queues":{"q":{"jobs":[],"access_key":"' + b"ab" * 64 + b'","size":0,"name":"q"}}}'


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "db"
    nonce = bytes(12)
    path.write_bytes(nonce + AESGCM(KEY).encrypt(nonce, PLAIN, None))
    return path


def test_it_is_refused_and_left_as_it_is(original: Path) -> None:
    before = original.read_bytes()
    settings = Settings(secret=SECRET)
    with pytest.raises(OriginalStore, match="jobyard import") as caught:
        opened_store(settings, StorePlace(original.parent, original))
    assert str(original) in str(caught.value)
    assert SECRET not in str(caught.value)
    assert original.read_bytes() == before
    assert list(original.parent.iterdir()) == [original]


@pytest.mark.parametrize("ending", [".jedb", ".queuedb"])
def test_a_name_that_only_the_original_gives_is_enough(original: Path, ending: str) -> None:
    named = original.rename(original.with_suffix(ending))
    for secret in (None, "another"):
        with pytest.raises(OriginalStore):
            refuse_original(named, secret)


def test_what_is_none_passes(original: Path, tmp_path: Path) -> None:
    refuse_original(tmp_path / "nothing.jedb", SECRET)
    refuse_original(tmp_path, SECRET)
    refuse_original(original, "another")
    refuse_original(original, None)
    key_path(original).write_text("of ours")
    refuse_original(original, SECRET)
    empty = tmp_path / "empty.jedb"
    empty.touch()
    refuse_original(empty, SECRET)
