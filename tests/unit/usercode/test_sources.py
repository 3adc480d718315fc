"""What code a trial's identity follows: a file and the local modules that it imports."""

from pathlib import Path

import pytest

from snaketune.usercode.entrypoint import fingerprint

FILES = {
    "work/train.py": "import helper\nimport torch\ndef train(config, trial): return helper.f()\n",
    "work/helper.py": "def f():\n    from tools import more\n    return more.g()\n",
    "tools/__init__.py": "RATE = 1\n",
    "tools/more.py": "from . import deep\nfrom .deep.inner import g\n",
    "tools/deep/__init__.py": "",
    "tools/deep/inner.py": "from ...tools import RATE\ndef g(): return RATE\n",
    "tools/unused.py": "X = 1\n",
    "work/unused.py": "X = 1\n",
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A project whose objective imports from beside it and from the working directory."""
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", [name for name in FILES if "unused" not in name])
def test_a_change_in_what_is_imported_is_a_change(files, name):
    before = fingerprint("work/train.py:train")
    (files / name).write_text(f"# A comment.\n{FILES[name]}\n\n")
    assert fingerprint("work/train.py:train") == before
    (files / name).write_text(f"{FILES[name]}NEW = 1\n")
    assert fingerprint("work/train.py:train") != before
    (files / name).write_text(FILES[name])
    assert fingerprint("work/train.py:train") == before


@pytest.mark.parametrize("name", [name for name in FILES if "unused" in name])
def test_what_is_not_imported_is_not_followed(files, name):
    before = fingerprint("work/train.py:train")
    (files / name).write_text("X = 2\n")
    assert fingerprint("work/train.py:train") == before


def test_a_module_is_followed_as_well(files):
    before = fingerprint("tools.more:g")
    (files / "tools/deep/inner.py").write_text("def g(): return 2\n")
    assert fingerprint("tools.more:g") != before


def test_modules_may_import_each_other(files):
    (files / "tools/deep/inner.py").write_text("import tools.more\ndef g(): return 1\n")
    assert fingerprint("tools.more:g")


def test_the_place_of_the_project_does_not_matter(files, tmp_path, monkeypatch):
    before = fingerprint("work/train.py:train")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("work", "tools"):
        (tmp_path / name).rename(moved / name)
    monkeypatch.chdir(moved)
    assert fingerprint("work/train.py:train") == before


def test_the_library_is_not_followed(monkeypatch):
    """An upgrade of it must not train every study again."""
    root = Path(__file__).parents[3]
    monkeypatch.chdir(root)
    from snaketune.usercode.sources import _located

    assert _located("snaketune.running.trial", [root]) == []
