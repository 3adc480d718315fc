"""What code a trial's identity follows: a file and the local modules that it imports."""

import pytest

from snaketune.base.errors import StudyError
from snaketune.usercode import command
from snaketune.usercode.entrypoint import fingerprint
from snaketune.usercode.sources import watched

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


def test_the_fingerprints_of_earlier_versions_stay(files):
    """Other ones would train all trials of all studies again."""
    assert fingerprint("work/train.py:train") == "e7a8da8212831b60"
    assert fingerprint("tools.deep.inner:g") == "cf05b07d08986aad"
    assert command.files("python work/train.py {lr}") == {"work/train.py": "c8ba88796f5db3f0"}
    assert watched(["tools/more.py"]) == {"tools/more.py": "36f969fbc80ccf6d"}


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
    circle = {
        "tools/more.py": "from tools.deep import inner\nX = 1\n",
        "tools/deep/inner.py": "import tools.more\nX = 1\n",
    }
    for name, text in circle.items():
        (files / name).write_text(text)
    before = {name: fingerprint(f"tools.{name}:X") for name in ("more", "deep.inner")}
    for name, text in circle.items():
        (files / name).write_text(text.replace("X = 1", "X = 2"))
        assert all(fingerprint(f"tools.{name}:X") != before[name] for name in before)
        (files / name).write_text(text)
    assert {name: fingerprint(f"tools.{name}:X") for name in before} == before


def test_the_place_of_the_project_does_not_matter(files, tmp_path, monkeypatch):
    before = fingerprint("work/train.py:train")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("work", "tools"):
        (tmp_path / name).rename(moved / name)
    monkeypatch.chdir(moved)
    assert fingerprint("work/train.py:train") == before


@pytest.mark.parametrize("place", ["work", ""])
def test_the_library_is_not_followed(files, place):
    """An upgrade of it must not train every study again, wherever it is installed."""
    module = files / place / "snaketune/__init__.py"
    module.parent.mkdir()
    module.write_text("X = 1\n")
    (files / "work/train.py").write_text(f"import snaketune\n{FILES['work/train.py']}")
    before = fingerprint("work/train.py:train")
    module.write_text("X = 2\n")
    assert fingerprint("work/train.py:train") == before


@pytest.mark.parametrize("statement", ["import types", "from types import f", "import types as t"])
def test_a_file_that_a_standard_module_hides_is_not_followed(files, statement):
    """`load` imports the standard module, and so does the helper of an objective."""
    types = files / "work/types.py"
    types.write_text("f = 1\n")
    (files / "work/helper.py").write_text(f"{statement}\ndef f(): return 1\n")
    before = fingerprint("work/train.py:train")
    types.write_text("f = 2\n")
    assert fingerprint("work/train.py:train") == before


def test_a_module_of_a_package_is_hidden_by_none(files):
    (files / "tools/types.py").write_text("RATE = 1\n")
    (files / "tools/more.py").write_text("from .types import RATE\nfrom tools import types\n")
    before = fingerprint("work/train.py:train")
    (files / "tools/types.py").write_text("RATE = 2\n")
    assert fingerprint("work/train.py:train") != before


def test_a_script_of_a_command_has_its_folder_before_the_standard_library(files, monkeypatch):
    """As Python has it for a script: there the file does hide the standard module."""
    monkeypatch.chdir(files / "work")
    (files / "work/types.py").write_text("RATE = 1\n")
    (files / "work/my.py").write_text("import types\n")
    before = command.files("python my.py")
    (files / "work/types.py").write_text("RATE = 2\n")
    assert command.files("python my.py") != before


def test_other_files_are_known_by_their_bytes(files):
    (files / "my.sh").write_text("true\n")
    before = command.files("bash my.sh {lr}")
    assert list(before) == ["my.sh"]
    (files / "my.sh").write_text("true  # a comment\n")
    assert command.files("bash my.sh {lr}") != before


VALID = {
    "a long sum": f"X = {' + '.join(['1'] * 600)}\n",
    "a longer one": f"X = {' + '.join(['1'] * 2000)}\n",
    "more dots than folders": f"def f():\n    from {'.' * 99} import x\n",
    "an escape that Python warns of": "X = '\\d'\n",
    "Windows' line ends": "X = 1\r\ndef f():\r\n    return 2\r\n",
    "a byte order mark": "\ufeffX = 1\n",
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("source", VALID)
def test_whatever_python_runs_has_a_fingerprint(source, files):
    (files / "work/helper.py").write_text(VALID[source])
    before = fingerprint("work/train.py:train")
    (files / "work/helper.py").write_text(f"{VALID[source]}Y = 1\n")
    assert fingerprint("work/train.py:train") != before


@pytest.mark.parametrize("content", [b"X = '\xe9'\n", b"X = 1\0\n", b"# coding: none\n", b"("])
def test_what_is_not_python_is_an_error_unless_it_is_optional(content, files):
    (files / "work/helper.py").write_bytes(content)
    with pytest.raises(StudyError, match=r"work/helper.py.* is not Python: .*Mend the file"):
        fingerprint("work/train.py:train")
    optional = "try:\n    import helper\nexcept Exception:\n    pass\ndef train(c, t): return {}\n"
    (files / "work/train.py").write_text(optional)
    before = fingerprint("work/train.py:train")
    (files / "work/helper.py").write_bytes(content + b"\n")
    assert fingerprint("work/train.py:train") != before


WATCHED = {
    "conf/a.yaml": "a: 1\n",
    "conf/b.yaml": "b: 1\n",
    "conf/deep/c.yaml": "c: 1\n",
    "conf/code.py": "X = 1\n",
    "conf/broken.py": "(\n",
    "conf/.hidden": "1\n",
    "conf/__pycache__/code.pyc": "1\n",
    "results/trials.csv": "1\n",
    "one.txt": "1\n",
}
CONF = ["conf/a.yaml", "conf/b.yaml", "conf/broken.py", "conf/code.py", "conf/deep/c.yaml"]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("conf", CONF),
        ("conf/", CONF),
        ("conf/*.yaml", ["conf/a.yaml", "conf/b.yaml"]),
        ("conf/**/*.yaml", ["conf/a.yaml", "conf/b.yaml", "conf/deep/c.yaml"]),
        ("conf/**", CONF),
        ("conf/[ab].yaml", ["conf/a.yaml", "conf/b.yaml"]),
        (".", [*CONF, "one.txt"]),
        ("{here}", [*CONF, "one.txt"]),
        ("**", [*CONF, "one.txt"]),
        ("results", ["results/trials.csv"]),
        ("results/*.csv", ["results/trials.csv"]),
        ("one.txt", ["one.txt"]),
    ],
)
def test_folders_and_patterns_are_watched(name, counts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file, text in WATCHED.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    name = name.replace("{here}", str(tmp_path))
    before = watched([name])
    assert list(before) == [name]
    changed = []
    for file, text in WATCHED.items():
        (tmp_path / file).write_text(f"{text}NEW = 1\n")
        if watched([name]) != before:
            changed.append(file)
        (tmp_path / file).write_text(text)
    assert sorted(changed) == sorted(counts)
    (tmp_path / "conf/code.py").write_text("X = 1  # a comment\n")
    assert watched([name]) == before
    if "*.yaml" in name or name == "conf":
        (tmp_path / "conf/new.yaml").write_text("1\n")
        assert watched([name]) != before


@pytest.mark.parametrize("name", ["none.txt", "none/*.yaml", "empty", "conf/*.csv"])
def test_what_names_no_file_can_not_be_watched(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "conf").mkdir()
    with pytest.raises(StudyError, match=r"watch\[0\]: there is no file"):
        watched([name])
