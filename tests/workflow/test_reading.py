"""What only looks at a study, or unlocks its folder, changes nothing of its results."""

import pytest

from tests.project import changed

SWITCHES = [
    ("--dry-run",),
    ("--unlock",),
    ("--summary",),
    ("--lint",),
    ("--dag",),
    ("--rulegraph",),
    ("--list-rules",),
]


def contents(project) -> dict:
    """When each file or folder under results was written, and what a file holds."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in project.path.glob("results/**/*")
    }


@pytest.mark.parametrize("switch", SWITCHES, ids=" ".join)
def test_a_changed_study_is_read_and_nothing_written(finished, switch):
    finished.write(changed(random={"trials": 7}))
    before = contents(finished)
    assert len(before) > 40
    finished.run(*switch, succeeds=None)  # Snakemake has advice, with --lint
    assert contents(finished) == before


def test_a_dry_run_shows_the_trials_and_trains_none(project):
    said = project.run("--dry-run")
    assert "10 trials (grid 6, random 4), 10 to train" in said
    assert len([line for line in said.splitlines() if line.startswith("trial ")]) == 10
    assert not (project.path / "results").exists()
