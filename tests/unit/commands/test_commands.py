"""``python -m snaketune``: failed trials lose their records, others never do."""

import json
from pathlib import Path

import pytest

from snaketune.__main__ import main
from snaketune.records import paths
from tests.unit.made_up import analyse_in, random_trials


@pytest.fixture
def results(tmp_path, monkeypatch) -> Path:
    """A study of which two of four trials failed, and one trial of no study."""
    monkeypatch.chdir(tmp_path)
    folder = Path("results")
    folder.mkdir()
    analyse_in(folder, {"random": random_trials((0.5, 0.5), (None, 0), (0.7, 0.7), (None, 0))})
    (folder / "s").mkdir()
    (folder / "plan.csv").rename(folder / "s/plan.csv")
    (folder / "trials/0123456789abcdef").mkdir()
    return folder


def statuses() -> list[str]:
    found = Path(paths.trials()).glob("*/record.json")
    return sorted(json.loads(path.read_text())["status"] for path in found)


def test_retry_removes_the_records_of_failed_trials_and_lists_them(results, capsys):
    main(["retry", "s"])
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.partition(" (")[0] for line in lines] == [
        "random 1: lr=2.0, act=relu: ValueError: no",
        "random 3: lr=4.0, act=relu: ValueError: no",
    ]
    assert last == "2 failed trials of s: will be trained again by the next run"
    assert statuses() == ["complete", "complete"]
    main(["retry", "s"])
    assert capsys.readouterr().out == "No trial of s has failed.\n"


def test_retry_may_only_list(results, capsys):
    main(["retry", "--dry-run", "s"])
    assert "2 failed trials of s: would be trained again" in capsys.readouterr().out
    assert statuses() == ["complete", "complete", "failed", "failed"]


def test_retry_takes_a_study_file(results):
    Path("my.yaml").write_text("study: s\n")
    main(["retry", "my.yaml"])
    assert statuses() == ["complete", "complete"]


def test_retry_of_a_study_that_has_not_been_run_names_those_that_have(results):
    with pytest.raises(SystemExit, match="study 't' has not been run here") as error:
        main(["retry", "t"])
    assert "Studies that have been run are s" in str(error.value)


def test_retry_waits_for_snakemake(results):
    locks = Path(".snakemake/locks")
    locks.mkdir(parents=True)
    main(["retry", "--dry-run", "s"])
    (locks / "0.input.lock").touch()
    with pytest.raises(SystemExit, match="Snakemake is running in this folder"):
        main(["retry", "s"])
    assert statuses() == ["complete", "complete", "failed", "failed"]


def test_prune_lists_what_is_in_no_plan_and_deletes_it_when_asked(results, capsys):
    main(["prune"])
    assert "trials/0123456789abcdef\n1 trial, 0.0 MiB, in no plan" in capsys.readouterr().out
    assert len(list(Path(paths.trials()).iterdir())) == 5
    main(["prune", "--delete"])
    assert len(list(Path(paths.trials()).iterdir())) == 4
    assert statuses() == ["complete", "complete", "failed", "failed"]


def test_prune_without_results_says_where_to_run_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"results: there is no such folder\. Run this where"):
        main(["prune"])
