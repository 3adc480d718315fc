"""Files are written whole or not at all, and nothing else is left beside them."""

import os

import pytest

from snaketune.base import wholefile
from snaketune.base.wholefile import whole, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["new", "old"])
def path(request, tmp_path):
    """A file to write, which exists already or does not."""
    path = tmp_path / "record.json"
    if request.param == "old":
        path.write_text("old")
    return path


def content(path):
    return path.read_text() if path.exists() else None


def test_the_text_is_what_was_written(path):
    write_whole(path, "ü\r\n")
    assert path.read_bytes() == b"\xc3\xbc\r\n"
    assert names(path.parent) == ["record.json"]


def test_a_failure_half_way_leaves_the_file_as_it_was(path):
    before = content(path)
    with pytest.raises(KeyboardInterrupt), whole(path) as stream:
        stream.write(b"ne")
        stream.flush()
        assert content(path) == before
        raise KeyboardInterrupt
    assert content(path) == before
    assert names(path.parent) == (["record.json"] if before else [])


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_file_as_it_was(path, call, monkeypatch):
    def fails(*arguments):
        raise OSError("no space left")

    before = content(path)
    monkeypatch.setattr(wholefile.os, call, fails)
    with pytest.raises(OSError, match="no space"):
        write_whole(path, "new")
    monkeypatch.undo()
    assert content(path) == before
    assert names(path.parent) == (["record.json"] if before else [])


def test_two_writers_at_once_do_not_mix(path):
    with whole(path) as first:
        first.write(b"first, and longer")
        write_whole(path, "second")
        assert content(path) == "second"
    assert content(path) == "first, and longer"
    assert names(path.parent) == ["record.json"]


def test_the_bytes_are_on_disk_before_they_get_the_name(path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            wholefile.os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a))
        )
    write_whole(path, "new")
    assert calls == ["fsync", "replace", "fsync"]


def test_a_folder_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "record.json", "new")
    assert names(tmp_path) == []


def test_what_somebody_has_planted_is_neither_followed_nor_written_to(path, monkeypatch):
    """A link under the name of the new file, in a folder that others may write to, too."""
    target = path.with_name("target")
    target.write_text("mine")
    monkeypatch.setattr(wholefile.os, "urandom", lambda count: b"\0" * count)
    path.with_name(wholefile.private_name(path.name)).symlink_to(target)
    with pytest.raises(FileExistsError):
        write_whole(path, "new")
    assert target.read_text() == "mine"


def test_a_file_may_be_for_its_owner_alone(path):
    with whole(path, mode=0o600) as stream:
        stream.write(b"new")
    assert path.stat().st_mode & 0o777 == 0o600
