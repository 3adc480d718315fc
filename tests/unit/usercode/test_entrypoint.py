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


# What a source says of `train`, and what is wrong with it, if anything.
GOOD = None
SIGNATURES = {
    "def train(): return {}": "can't be called with two arguments",
    "def train(config): return {}": "can't be called with two arguments",
    "def train(config, trial): return {}": GOOD,
    "def train(config, trial, /): return {}": GOOD,
    "def train(config, trial, more): return {}": "can't be called with two arguments",
    "def train(config, trial, more=None): return {}": GOOD,
    "def train(*arguments): return {}": GOOD,
    "def train(config, *, trial): return {}": "can't be called with two arguments",
    "def train(config, trial, *, more): return {}": "can't be called with two arguments",
    "def train(config, trial, *, more=1): return {}": GOOD,
    "train = lambda config, trial: {}": GOOD,
    "train = lambda config: {}": "can't be called with two arguments",
    "from elsewhere import train": GOOD,
    "from elsewhere import *": GOOD,
    "class train: pass": GOOD,
    "class C:\n    def __call__(self, config, trial): return {}\ntrain = C()": GOOD,
    "import functools\ntrain = functools.partial(print, 1)": GOOD,
    "train = 3": "is not callable",
    "train = [print]": "is not callable",
    "def train(config, trial): return {}\ntrain = 3": "is not callable",
    "def f(config, trial): return {}\ntrain = f": GOOD,
    "def f(config): return {}\ntrain = f": "can't be called with two arguments",
    "from typing import Callable\ndef f(c, t): return {}\ntrain: Callable = f": GOOD,
    "from typing import Callable\ntrain: Callable": "defines no 'train'",
    "async def train(config, trial): return {}": "is a coroutine",
    "def train(config, trial): yield {}": "is a generator",
    "def train(config, trial):\n    def f(): yield 1\n    return {}": GOOD,
    "@print\ndef train(config): return {}": GOOD,
    "@print\nasync def train(config): return {}": GOOD,
    "try:\n    import none\nexcept ImportError:\n    def train(c, t): return {}": GOOD,
    "try:\n    from elsewhere import train\nexcept ImportError:\n    train = None": GOOD,
    "import sys\nif sys.argv:\n    def train(c): return {}\nelse:\n    train = 3": "not callable",
    "import sys\nif sys.argv:\n    def train(c, t): return {}\nelse:\n    train = 3": GOOD,
    "for train in [print]: pass": GOOD,
    "with open('f') as train: pass": GOOD,
    "(train := print)": GOOD,
    "train, other = print, 3": GOOD,
    "[train, *other] = [print, 3]": GOOD,
    "def f():\n    global train\n    train = print\nf()": GOOD,
    "def __getattr__(name): return print": GOOD,
    "def f():\n    train = print": "defines no 'train'",
    "class C:\n    def train(config, trial): pass": "defines no 'train'",
    "from helper import train": GOOD,
    "from helper import *": GOOD,
    "from helper import one as train": "can't be called with two arguments",
    "from helper import three as train": "is not callable",
    "from helper import none as train": "helper.py defines no 'none'",
    "import helper\ntrain = helper.train": GOOD,
    "import helper as h\ntrain = h.one": "can't be called with two arguments",
    "import helper\ntrain = helper.none": "helper.py defines no 'none'",
    "from lib import train": GOOD,
    "from lib import again as train": "can't be called with two arguments",
}
HELPERS = {
    "helper.py": "def train(config, trial): return {}\ndef one(config): pass\nthree = 3\n",
    "lib/__init__.py": "from .inner import train, one as again\n",
    "lib/inner.py": "from helper import train, one\n",
}


@pytest.mark.parametrize("source", SIGNATURES)
def test_what_can_be_called_with_a_configuration_and_a_trial(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {**HELPERS, "my.py": source})
    if SIGNATURES[source] is GOOD:
        entrypoint.check("my.py:train", ("config", "trial"))
    else:
        with pytest.raises(StudyError, match=SIGNATURES[source]):
            entrypoint.check("my.py:train", ("config", "trial"))


@pytest.mark.parametrize(
    ("source", "suggested"),
    [
        ("def trian(config, trial): return {}", "Did you mean 'trian'?"),
        ("import sys\nif sys.argv:\n    def trainer(config, trial): return {}", "'trainer'?"),
        ("from helper import *\nTRAINS = 3", "Did you mean 'train'?"),
        ("def f(): pass", "Define 'def trains(config, trial)' there"),
    ],
)
def test_a_function_that_is_not_there_gets_the_nearest_name(
    source, suggested, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {**HELPERS, "my.py": source})
    with pytest.raises(StudyError) as refused:
        entrypoint.check("my.py:trains", ("config", "trial"))
    assert suggested in str(refused.value)


def test_a_coroutine_is_told_what_would_be_right(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"my.py": "async def train(config, trial): return {}"})
    with pytest.raises(StudyError) as refused:
        entrypoint.check("my.py:train", ("config", "trial"))
    assert str(refused.value) == (
        "'train' in my.py is a coroutine ('async def'), which nothing awaits. Write "
        "'def train(config, trial)', a function that takes (config, trial)."
    )


def test_a_package_with_the_name_of_another_is_refused(tmp_path, monkeypatch):
    """Of the standard library, which `code` is a module of, and here of an installed one."""
    monkeypatch.chdir(tmp_path)
    for name in ("code", "json"):
        write(tmp_path, {f"src/{name}/my.py": "from . import model\ndef train(c, t): pass\n"})
        with pytest.raises(StudyError, match=f"Rename the folder '{name}'"):
            entrypoint.check(f"src/{name}/my.py:train", ("config", "trial"))


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"work/numpy.py": ""}, "work/numpy.py hides the installed package 'numpy', which "),
        ({"yaml/__init__.py": ""}, "yaml/__init__.py hides the installed package 'yaml', which "),
        ({"work/snakefmt.py": ""}, None),  # which no other package needs
        ({"work/elsewhere.py": ""}, None),
        ({"numpy/notes.txt": ""}, None),  # no module
        ({"work/types.py": "", "types.py": ""}, None),  # standard modules are never hidden
    ],
)
def test_a_helper_that_hides_what_other_packages_need_is_refused(
    files, fault, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    source = "import numpy, snakefmt, types, elsewhere\nfrom yaml import load\n"
    write(tmp_path, {**files, "work/my.py": f"{source}def train(config, trial): return {{}}\n"})
    if fault is None:
        entrypoint.fingerprint("work/my.py:train")
    else:
        with pytest.raises(StudyError, match=fault):
            entrypoint.fingerprint("work/my.py:train")


FAILS = {
    "import none": "ModuleNotFoundError: No module named 'none' (my.py, line 2)",
    "import helper": "ZeroDivisionError: division by zero (helper.py, line 1)",
    "import broken": "(broken.py, line 2)",
    "import sys; sys.exit('no GPU')": "SystemExit: no GPU (my.py, line 2)",
    "import json; json.loads('{')": "(my.py, line 2)",
    "raise ValueError('one\\ntwo')": "ValueError: one two (my.py, line 2)",
}


@pytest.mark.parametrize("source", FAILS)
def test_an_import_that_fails_is_a_fault_of_the_study(source, python, tmp_path):
    write(
        tmp_path,
        {
            "my.py": f"\n{source}\ndef train(config, trial): return {{}}\n",
            "helper.py": "1 / 0\n",
            "broken.py": "\n)\n",
        },
    )
    code = "import sys\nfrom snaketune.base.errors import StudyError\n"
    code += "from snaketune.usercode.entrypoint import load\n"
    code += "try: load('my.py:train')\nexcept StudyError as error: print(error)"
    (said,) = python(code)
    assert said.startswith("my.py can't be imported: ")
    assert FAILS[source] in said
