"""What it takes to run a study again, on machines of all kinds."""

from snaketune.reporting.reproduction import reproduction
from tests.unit.made_up import STUDY


def test_a_machine_without_git_has_a_report(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    pairs = dict(reproduction(STUDY, {}, tmp_path))
    assert pairs["commit"] == "unknown, for git is not installed"
    assert pairs["command"].startswith("snakemake ")
