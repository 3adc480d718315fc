"""Code in all the places where Python finds modules. The oracle is Python: what it loads."""

import json
import os
import subprocess
import sys

import pytest

# What a change of each file does to the fingerprint.
WATCHED = """\
import json, sys
from pathlib import Path
from snaketune.usercode import entrypoint
entrypoint.check(sys.argv[1], ("config", "trial"))
before = entrypoint.fingerprint(sys.argv[1])
watched = []
for name in json.loads(sys.argv[2]):
    content = Path(name).read_bytes()
    Path(name).write_bytes(content + b"\\nNEW = 1\\n")
    if entrypoint.fingerprint(sys.argv[1]) != before:
        watched.append(name)
    Path(name).write_bytes(content)
print(json.dumps({"watched": watched, "fingerprint": before}))
"""
# Which files Python loads, and the fingerprint in the process that has loaded them.
LOADED = """\
import json, os, sys
from snaketune.usercode import entrypoint
entrypoint.load(sys.argv[1])({}, None)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
loaded = [name for name in json.loads(sys.argv[2]) if os.path.realpath(name) in map(
    os.path.realpath, filter(None, files))]
print(json.dumps({"loaded": loaded, "fingerprint": entrypoint.fingerprint(sys.argv[1])}))
"""
TRAIN = "def train(config, trial): return {}\n"
SETUPTOOLS = "__editable___proj_0_1_finder"
EDITABLE = {"proj": "source", "space.inner": "other"}
# As the package `editables` has it, which hatchling uses.
REDIRECTS = """\
import importlib.util, sys
class RedirectingFinder:
    _redirections = {}
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname not in cls._redirections:
            return None
        return importlib.util.spec_from_file_location(fullname, cls._redirections[fullname])
"""

# By name: the entrypoint, the files, and what is watched though Python does not load it.
LAYOUTS: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "beside and in the working directory": (
        "work/my.py:train",
        {"work/my.py": f"import helper, tools\n{TRAIN}", "work/helper.py": "", "tools.py": ""},
        [],
    ),
    "PYTHONPATH": (
        "my.py:train",
        {"my.py": f"import far.inner\n{TRAIN}", "lib/far/__init__.py": "", "lib/far/inner.py": ""},
        [],
    ),
    "sys.path, literal": (
        "my.py:train",
        {"my.py": f"import sys\nsys.path.append('more')\nimport far\n{TRAIN}", "more/far.py": ""},
        [],
    ),
    "sys.path, by os.path": (
        "work/my.py:train",
        {
            "work/my.py": "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname("
            f"os.path.abspath(__file__)), '..', 'more'))\nimport far\n{TRAIN}",
            "more/far.py": "",
        },
        [],
    ),
    "sys.path, by pathlib and a name": (
        "work/my.py:train",
        {
            "work/my.py": "import sys\nfrom pathlib import Path\nROOT = Path(__file__).resolve()"
            f".parents[1]\nsys.path += [str(ROOT / 'more')]\nimport far\n{TRAIN}",
            "more/far.py": "",
        },
        [],
    ),
    "sys.path, in a module that is imported first": (
        "work/my.py:train",
        {
            "work/my.py": f"import paths\nimport far\n{TRAIN}",
            "work/paths.py": "import sys, pathlib\n"
            "sys.path.extend([str(pathlib.Path(__file__).parent.parent / 'more')])\n",
            "more/far.py": "",
        },
        [],
    ),
    "a .pth file, as of pip install -e": (
        "my.py:train",
        {
            "my.py": f"from proj.model import f\n{TRAIN}",
            "src/proj/__init__.py": "",
            "src/proj/model.py": "f = 1\n",
            "site-packages/proj.pth": "{here}/src\n",
        },
        [],
    ),
    "the finder of setuptools": (
        "my.py:train",
        {
            "my.py": f"from proj.model import f\nfrom space.inner import g\n{TRAIN}",
            "source/__init__.py": "",
            "source/model.py": "f = 1\n",
            "other/__init__.py": "from .deep import g\n",
            "other/deep.py": "g = 1\n",
            f"site-packages/{SETUPTOOLS}.py": "setuptools",
            "site-packages/proj.pth": f"import {SETUPTOOLS}; {SETUPTOOLS}.install()\n",
        },
        [],
    ),
    "the finder of editables": (
        "proj.hpo:train",
        {
            "source/__init__.py": "X = 1\n",
            "source/hpo.py": f"from .model import f\n{TRAIN}",
            "source/model.py": "f = 1\n",
            "site-packages/editables/__init__.py": "",
            "site-packages/editables/redirector.py": REDIRECTS,
            "site-packages/_editable_impl_proj.py": "import sys\n"
            "from editables.redirector import RedirectingFinder as F\n"
            "F._redirections['proj'] = '{here}/source/__init__.py'\nsys.meta_path.append(F)\n",
            "site-packages/proj.pth": "import _editable_impl_proj\n",
        },
        [],
    ),
    "a package without __init__.py": (
        "my.py:train",
        {"my.py": f"import a.b.c\nfrom a import d\n{TRAIN}", "a/b/c.py": "", "a/d.py": ""},
        [],
    ),
    "a file in a package, with relative imports": (
        "src/proj/sub/hpo.py:train",
        {
            "src/proj/__init__.py": "X = 1\n",
            "src/proj/sub/__init__.py": "",
            "src/proj/sub/hpo.py": f"from ..model import f\nfrom . import near\n{TRAIN}",
            "src/proj/sub/near.py": "",
            "src/proj/model.py": "from proj import other\nf = 1\n",
            "src/proj/other.py": "",
        },
        # An empty __init__.py is no code: so trials of a module keep their names.
        [],
    ),
    "a file in a package without __init__.py": (
        "src/proj/hpo.py:train",
        {"src/proj/hpo.py": f"from .model import f\n{TRAIN}", "src/proj/model.py": "f = 1\n"},
        [],
    ),
    "a file in the working directory, with relative imports": (
        "hpo.py:train",
        {"hpo.py": f"from .model import f\n{TRAIN}", "model.py": "f = 1\n"},
        [],
    ),
    "a file that is also a script": (
        "work/my.py:train",
        {
            "work/my.py": "try:\n    from .model import f\nexcept ImportError:\n"
            f"    from model import f\nassert __name__ == 'my'\n{TRAIN}",
            "work/model.py": "f = 1\n",
        },
        [],
    ),
    "a file that imports its own package by name": (
        "src/proj/hpo.py:train",
        {
            "src/proj/__init__.py": "",
            "src/proj/hpo.py": f"from proj.model import f\n{TRAIN}",
            "src/proj/model.py": "f = 1\n",
        },
        [],
    ),
    "a module in folders": (
        "src.proj.hpo:train",
        {
            "src/proj/__init__.py": "X = 1\n",
            "src/proj/hpo.py": f"from . import model\n{TRAIN}",
            "src/proj/model.py": "",
        },
        [],
    ),
    "imported in a function": (
        "my.py:train",
        {"my.py": "def train(config, trial):\n    from helper import f\n", "helper.py": "f = 1\n"},
        [],
    ),
    "imported by literal names": (
        "proj.hpo:train",
        {
            "proj/hpo.py": "import importlib\nfrom importlib import import_module\n"
            "def train(config, trial):\n    importlib.import_module('far.a')\n"
            "    import_module('.near', __package__)\n    __import__('other')\n",
            "proj/near.py": "",
            "lib/far/__init__.py": "",
            "lib/far/a.py": "",
            "other.py": "",
        },
        [],
    ),
    "all that a package exports": (
        "my.py:train",
        {
            "my.py": f"from far import *\n{TRAIN}",
            "lib/far/__init__.py": "__all__ = ['a', 'f']\nf = 1\n",
            "lib/far/a.py": "",
            "lib/far/b.py": "",
        },
        [],
    ),
    "a folder of a site": (
        "my.py:train",
        {"my.py": f"import site\nsite.addsitedir('more')\nimport far\n{TRAIN}", "more/far.py": ""},
        [],
    ),
    "a file that is run by its path": (
        "my.py:train",
        {
            "my.py": "import sys\nfrom importlib.util import module_from_spec, "
            "spec_from_file_location\nfrom pathlib import Path\n"
            "HERE = Path(__file__).parent\n"
            "spec = spec_from_file_location('far', HERE / 'more' / 'far.py')\n"
            "sys.modules['far'] = module_from_spec(spec)\n"
            f"spec.loader.exec_module(sys.modules['far'])\n{TRAIN}",
            "more/far.py": "import json\n",
        },
        [],
    ),
    "where there is a choice": (
        "my.py:train",
        {
            "my.py": "try:\n    import broken\nexcept SyntaxError:\n    import instead\n"
            "try:\n    import none\nexcept ImportError:\n    none = 1\n"
            f"import sys\nif sys.argv:\n    import one\nelse:\n    import two\n{TRAIN}",
            "broken.py": "def f(:\n",
            "instead.py": "",
            "one.py": "",
            "two.py": "",
        },
        ["broken.py", "two.py"],
    ),
    "a package before a module, and before a folder without __init__.py": (
        "my.py:train",
        {
            "my.py": f"import a\nimport data.loader\n{TRAIN}",
            "a.py": "",
            "a/__init__.py": "",
            "data/loader.py": "",
            "lib/data/__init__.py": "",
            "lib/data/loader.py": "",
        },
        [],
    ),
    "the project's own environment": (
        "my.py:train",
        {
            "my.py": f"import sys\nsys.path.append('.venv/lib/python3/site-packages')\n"
            f"import installed\n{TRAIN}",
            ".venv/lib/python3/site-packages/installed.py": "",
        },
        [],
    ),
    "a symbolic link": (
        "link/my.py:train",
        {"work/my.py": f"import helper\n{TRAIN}", "work/helper.py": "", "link/helper.py": ""},
        [],
    ),
    "an objective with the name of an installed package": (
        "work/jsonschema.py:train",
        {
            "work/jsonschema.py": f"import jsonschema\njsonschema.validate\nimport helper\n{TRAIN}",
            "work/helper.py": "import jsonschema\njsonschema.validate\n",
        },
        [],
    ),
    "source in other encodings": (
        "my.py:train",
        {"my.py": f"\ufeffimport latin\n{TRAIN}", "latin.py": "# coding: latin-1\nX = 'é'\n"},
        [],
    ),
}


def build(folder, files: dict[str, str]):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text == "setuptools":
            wheel = pytest.importorskip("setuptools.command.editable_wheel")
            packages = {name: str(folder / place) for name, place in EDITABLE.items()}
            text = wheel._finder_template("proj", packages, {"space": []})
        coding = "latin-1" if "latin-1" in text else "utf-8"
        path.write_text(text.replace("{here}", str(folder)), encoding=coding)
    (folder / "started").mkdir()
    # What the folder of installed packages does when Python starts.
    (folder / "started/sitecustomize.py").write_text(
        f"import site; site.addsitedir({str(folder / 'site-packages')!r})\n"
    )


def ask(folder, code: str, *arguments: str) -> dict:
    environment = os.environ | {"PYTHONPATH": f"{folder}/started:{folder}/lib"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_python_loads_of_the_users_code_is_watched(layout, tmp_path):
    entrypoint, files, more = LAYOUTS[layout]
    build(tmp_path, files)
    if layout == "a symbolic link":
        (tmp_path / "link/my.py").symlink_to("../work/my.py")
    own = json.dumps([n for n in files if n.endswith(".py") and "site-packages" not in n])
    planned = ask(tmp_path, WATCHED, entrypoint, own)
    run = ask(tmp_path, LOADED, entrypoint, own)
    empty = [name for name in run["loaded"] if name.endswith("__init__.py") and not files[name]]
    assert set(run["loaded"]) - set(planned["watched"]) <= set(empty)
    assert set(planned["watched"]) - set(run["loaded"]) == set(more)
    assert run["fingerprint"] == planned["fingerprint"]
