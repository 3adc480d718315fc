"""No value of a hyperparameter may be run by the shell. The oracle is bash."""

import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snaketune.usercode.command import fill
from snaketune.usercode.quoting import misplaced

BASH = shutil.which("bash") or "bash"
PIECES = [
    *("{x}", "{x}", " ", "\n", "'", '"', "\\", "`", "$", "$(", ")", "(", "((", "$((", "))"),
    *("${{a:-", "}}", "$'", "$[", "]", "#", "<<E\n", "<<<", "\nE\n", ";", "|", "&&", ": ", "a"),
]
# Each would leave a file if any part of it were run.
VALUES = ["$(>run)", "`>run`", "';>run;'", '";>run;"', "\n>run\n", "E\n>run\n", "a[$(>run)]"]


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ('echo "{x}"', "inside double quotes"),
        ("awk '{{print {x}}}'", "inside single quotes"),
        ("echo $'{x}'", "inside single quotes"),
        ("echo `cat {x}`", "inside backquotes"),
        ("echo $(( {x} + 1 ))", "in arithmetic"),
        ("(( {x} > 1 )) && run", "in arithmetic"),
        ("run # {x}", "in a comment"),
        ("cat <<E\n{x}\nE", "in a here-document"),
        ("run \\{x}", "behind a backslash"),
        ("run ${x}", "behind a $"),
        ("run ${{a:-{x}}}", "inside ${…}"),
        ('run "\\$( {x} )"', "inside double quotes"),
        ('run "$$( {x} )"', "inside double quotes"),
        ("run {x}", None),
        ("run --x={x} 'a'\"b\"{x}c", None),
        ('run "$(cat {x})"', None),
        ("cat <<< {x}; run a#{x}", None),
        ("(cd a && run {x}) > b", None),
        ("# it's a comment\nrun {x}", None),
    ],
)
def test_where_a_placeholder_stands(template, place):
    assert misplaced(template) == (("x", place) if place else None)


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Run a command in an empty folder; returns whether anything there was made."""
    folder = tmp_path_factory.mktemp("shell")

    def shell(command: str) -> bool:
        subprocess.run(
            [BASH, "-c", command],
            cwd=folder,
            env={"PATH": "/nowhere"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        made = (folder / "run").exists()
        (folder / "run").unlink(missing_ok=True)
        return made

    return shell


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=9), value=st.sampled_from(VALUES)
)
def test_no_value_is_run(pieces, value, shell):
    template = "".join(pieces)
    try:
        accepted = "{x}" in template and misplaced(template) is None
    except ValueError:
        accepted = False  # no template, as with a brace that is not closed
    if accepted:
        assert not shell(fill(template, {"x": value}))


def test_values_in_quotes_would_be_run(shell):
    """What the test above would find."""
    assert shell(fill('echo "{x}"', {"x": "$(>run)"}))
