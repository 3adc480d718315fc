"""Functions that a study names: found without importing them, and loaded beside what they need."""

import json
import subprocess
import sys
import sysconfig

import pytest

from snaketune.base.errors import StudyError
from snaketune.usercode import entrypoint

STANDARD = ("random", "statistics", "queue", "logging", "json", "colorsys")

OBJECTIVE = """\
import {name}

class State:
    value = 3

def train(config, trial):
    return {{"imported": {name}.__file__}}
"""
LOAD = """\
import importlib, sys
from snaketune.usercode.entrypoint import load
function = load(sys.argv[1])
"""


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Run Python code in a process of its own in an empty folder, and return what it prints."""
    monkeypatch.chdir(tmp_path)

    def python(code: str, *arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return python


def write(folder, files: dict[str, str]):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("name", STANDARD)
def test_an_objective_with_the_name_of_a_standard_module_hides_it_from_nobody(
    name, python, tmp_path
):
    write(tmp_path, {f"own/{name}.py": OBJECTIVE.format(name=name)})
    returned, imported = python(
        f"{LOAD}print(function(None, None)['imported'])\n"
        f"print(importlib.import_module('{name}').__file__)",
        f"own/{name}.py:train",
    )
    assert returned == imported
    assert imported.startswith(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("name", STANDARD)
def test_a_file_beside_the_objective_hides_no_standard_module(name, python, tmp_path):
    write(
        tmp_path,
        {"own/my.py": OBJECTIVE.format(name=name), f"own/{name}.py": "", f"{name}.py": ""},
    )
    # As with an installed library: its own import does not look into the working directory.
    code = f"import sys; del sys.path[0]\n{LOAD}print(function(None, None)['imported'])"
    (imported,) = python(code, "own/my.py:train")
    assert imported.startswith(sysconfig.get_path("stdlib"))


def test_a_helper_wins_over_an_installed_package(python, tmp_path):
    write(
        tmp_path,
        {
            "own/my.py": "import humanfriendly, jsonschema\n"
            "def train(config, trial): return humanfriendly.PLACE, jsonschema.PLACE\n",
            "own/humanfriendly.py": "PLACE = 'beside'\n",
            "humanfriendly.py": "PLACE = 'here'\n",
            "jsonschema/__init__.py": "PLACE = 'here'\n",
            "elsewhere/humanfriendly.py": "PLACE = 'elsewhere'\n",
        },
    )
    code = f"import sys; sys.path[0] = 'elsewhere'\n{LOAD}print(*function(None, None))"
    assert python(code, "own/my.py:train") == ["beside here"]


def test_folders_are_searched_once_and_after_the_standard_library(python, tmp_path):
    write(tmp_path, {"own/my.py": "def train(config, trial): return {}\n"})
    code = f"{LOAD}load(sys.argv[1]); load(sys.argv[1])\nprint(*sys.path, sep='\\n')"
    path = python(code, "own/my.py:train")
    assert len(set(path)) == len(path)
    assert "" not in path  # the working directory, which Python had in front
    place = path.index(sysconfig.get_path("stdlib"))
    own, here = path.index(str(tmp_path / "own")), path.index(str(tmp_path))
    assert here == own + 1
    packages = path.index(sysconfig.get_path("purelib"))
    assert place < own < packages


@pytest.mark.parametrize("name", ["my", "random", "my-model", "jsonschema"])
def test_classes_of_an_objective_pickle(name, python, tmp_path):
    """They load in another process that has loaded the same entrypoint."""
    write(tmp_path, {f"own/{name}.py": OBJECTIVE.format(name="random")})
    place = f"own/{name}.py:State"
    (text,) = python(f"{LOAD}import pickle; print(pickle.dumps(function()).hex())", place)
    (value,) = python(
        f"{LOAD}import pickle; state = pickle.loads(bytes.fromhex(sys.argv[2]))\n"
        "print(state.value, isinstance(state, function))",
        place,
        text,
    )
    assert value == "3 True"


def test_an_objective_keeps_its_name_where_it_is_free(python, tmp_path):
    files = ("own/my.py", "other/my.py", "own/random.py", "own/jsonschema.py", "own/sysconfig.py")
    write(tmp_path, dict.fromkeys(files, "class State: pass\n"))
    code = "import sys\nfrom snaketune.usercode.entrypoint import load\n"
    code += "for name in sys.argv[1:]: print(load(name + ':State').__module__)"
    first, again, second, *others = python(code, files[0], *files)
    assert first == again == "my"
    names = [second, *others]
    assert len(set(names)) == len(names)
    assert not {"my", "random", "jsonschema", "sysconfig"} & set(names)


def test_a_helper_that_imports_the_objective_gets_the_same_module(python, tmp_path):
    write(
        tmp_path,
        {
            "own/my.py": "RATE = 1\ndef train(config, trial):\n"
            "    import helper, my\n    my.RATE = 2\n    return RATE, helper.rate()\n",
            "own/helper.py": "import my\ndef rate(): return my.RATE\n",
        },
    )
    assert python(f"{LOAD}print(*function(None, None))", "own/my.py:train") == ["2 2"]


def test_a_function_of_a_module_in_the_working_directory(python, tmp_path):
    write(
        tmp_path,
        {
            "package/__init__.py": "",
            "package/random.py": "import random\nfrom . import tools\n"
            "def train(config, trial): return random.__file__, tools.RATE\n",
            "package/tools.py": "RATE = 2\n",
        },
    )
    entrypoint.check("package.random:train", ("config", "trial"))
    (printed,) = python(f"{LOAD}print(*function(None, None))", "package.random:train")
    assert printed.startswith(sysconfig.get_path("stdlib"))
    assert printed.endswith(" 2")


def test_a_module_that_the_standard_library_hides_is_an_error_when_planning(tmp_path, monkeypatch):
    """As it would be when training: the check finds what `load` would."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"colorsys.py": "def train(config, trial): return {}\n"})
    with pytest.raises(StudyError, match=r"colorsys.py defines no 'train'"):
        entrypoint.check("colorsys:train", ("config", "trial"))
    entrypoint.check("colorsys.py:train", ("config", "trial"))


def test_planning_leaves_the_search_path_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"package/my.py": "def train(config, trial): return {}\n"})
    write(tmp_path, {"package/__init__.py": "raise RuntimeError('imported')\n"})
    before = list(sys.path)
    entrypoint.check("package.my:train", ("config", "trial"))
    entrypoint.fingerprint("package.my:train")
    assert sys.path == before


def test_a_kept_function_and_its_fingerprint_stay_as_they_were(python, tmp_path):
    write(tmp_path, {"my.py": "def train(config, trial): return 1\n"})
    code = """\
import json, pathlib
from snaketune.usercode import entrypoint
entrypoint.keep("my.py:train")
before = entrypoint.fingerprint("my.py:train")
pathlib.Path("my.py").write_text("def train(config, trial): return 2\\n")
kept = entrypoint.load("my.py:train")
print(json.dumps([kept(None, None), entrypoint.fingerprint("my.py:train") == before]))
"""
    assert json.loads(python(code)[0]) == [1, True]


SIGNATURES = {
    "def train(): return {}": False,
    "def train(config): return {}": False,
    "def train(config, trial): return {}": True,
    "def train(config, trial, /): return {}": True,
    "def train(config, trial, more): return {}": False,
    "def train(config, trial, more=None): return {}": True,
    "def train(*arguments): return {}": True,
    "def train(config, *, trial): return {}": False,
    "def train(config, trial, *, more): return {}": False,
    "def train(config, trial, *, more=1): return {}": True,
    "train = lambda config, trial: {}": True,
    "from elsewhere import train": True,
    "class train: pass": True,
    "train = 3": False,
    "train = [print]": False,
    "def train(config, trial): return {}\ntrain = 3": False,
}


@pytest.mark.parametrize("source", SIGNATURES)
def test_what_can_be_called_with_a_configuration_and_a_trial(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"my.py": source})
    if SIGNATURES[source]:
        entrypoint.check("my.py:train", ("config", "trial"))
    else:
        with pytest.raises(StudyError, match=r"can't be called|is not callable"):
            entrypoint.check("my.py:train", ("config", "trial"))
