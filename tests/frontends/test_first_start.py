"""The administrator of a server without users."""

import stat
from pathlib import Path

import pytest

from engine import passwords
from frontends.first_start import (
    HASH_FILE,
    TOKEN_FILE,
    Administrator,
    FirstStartError,
    administrator,
)


def draw(size: int) -> bytes:
    return bytes(range(size))


PASSWORD = passwords.draw_password(draw)


def test_the_first_start_shows_the_password_once(tmp_path: Path) -> None:
    first = administrator(tmp_path, draw)
    assert first.password == PASSWORD
    assert any(PASSWORD in line for line in first.notice())
    assert PASSWORD not in repr(first)
    assert first.account.admin
    assert first.account.name == "admin"
    again = administrator(tmp_path, draw)
    assert again == Administrator(first.account, None, tmp_path)
    assert not any(PASSWORD in line for line in again.notice())
    assert any(str(tmp_path / HASH_FILE) in line for line in again.notice())


def test_what_it_keeps_is_for_this_user_only(tmp_path: Path) -> None:
    made = administrator(tmp_path, draw)
    assert {path.name for path in tmp_path.iterdir()} == {HASH_FILE, TOKEN_FILE}
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / TOKEN_FILE).read_text() == f"{PASSWORD}\n"
    kept = (tmp_path / HASH_FILE).read_text().strip()
    assert kept == made.account.password_hash
    assert passwords.verify(kept, PASSWORD)


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = administrator(None, draw)
    assert made.password == PASSWORD
    assert any("not kept" in line for line in made.notice())
    assert list(tmp_path.iterdir()) == []


def test_a_start_cut_short_begins_anew(tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).write_text("half a passw")
    (tmp_path / f"{HASH_FILE}.new").write_text("$argon2")
    made = administrator(tmp_path, draw)
    assert made.password == PASSWORD
    assert (tmp_path / TOKEN_FILE).read_text() == f"{PASSWORD}\n"


def test_removing_the_hash_makes_a_new_password(tmp_path: Path) -> None:
    administrator(tmp_path, draw)
    (tmp_path / HASH_FILE).unlink()
    made = administrator(tmp_path, bytes)
    assert made.password == "aaaaa-aaaaa-aaaaa-aaaaa"
    assert administrator(tmp_path, draw).account == made.account


@pytest.mark.parametrize("content", [b"", b"secret", b"\xff\xfe", b"$argon2id$" + b"x" * 10_000])
def test_a_file_that_holds_something_else_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / HASH_FILE
    path.write_bytes(content)
    with pytest.raises(FirstStartError, match=str(path)):
        administrator(tmp_path, draw)
    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == [HASH_FILE]


def test_links_are_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    (tmp_path / HASH_FILE).symlink_to(other)
    with pytest.raises(FirstStartError):
        administrator(tmp_path, draw)
    (tmp_path / HASH_FILE).unlink()
    (tmp_path / f"{TOKEN_FILE}.new").symlink_to(other)
    (tmp_path / TOKEN_FILE).symlink_to(other)
    administrator(tmp_path, draw)
    assert other.read_text() == "mine"
    assert not (tmp_path / TOKEN_FILE).is_symlink()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FirstStartError, match="absent"):
        administrator(tmp_path / "absent", draw)
