"""What a search left behind is removed, and nothing that a user made."""

import pytest

from snaketune.comparing.left_behind import remove_left_behind
from snaketune.records.paths import MADE_FOR


def folder(path, mark=None):
    path.mkdir(parents=True)
    (path / "record.json").write_text("{}")
    if mark is not None:
        (path / MADE_FOR).write_text(mark)
    return path


@pytest.fixture
def best(tmp_path):
    folder(tmp_path / "best" / "random", "random")
    return tmp_path / "best"


def test_the_folder_of_a_search_that_is_gone_is_removed(best):
    folder(best / "grid", "grid")
    remove_left_behind(best, {"random": None})
    assert [path.name for path in best.iterdir()] == ["random"]
    remove_left_behind(best, [])
    assert not any(best.iterdir())


def test_what_the_workflow_did_not_make_stays(best, tmp_path):
    folder(best / "mine")
    folder(best / "random-copy", "random")
    folder(best / "with-newline", "with-newline\n")
    (folder(best / "odd") / MADE_FOR).mkdir()
    (best / "notes.txt").write_text("notes.txt")
    elsewhere = folder(tmp_path / "elsewhere", "link")
    (best / "link").symlink_to(elsewhere)
    (best / "dangling").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))
    remove_left_behind(best, ["random"])
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_folder_of_bests_nothing_happens(tmp_path):
    remove_left_behind(tmp_path / "best", [])
    assert not any(tmp_path.iterdir())
