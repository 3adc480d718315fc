"""Repetitions that vary the split of the data, in real runs of snakemake."""

import pytest

from tests.project import Project, changed, trained

pytestmark = pytest.mark.slow

# An objective that reports the rows that it is validated and tested on, as numbers.
ROWS = """\
def train(config, trial):
    parts = trial.data.validation, trial.data.test
    validation, test = (float(part.x.cumsum(axis=0).sum()) for part in parts)
    return {"val_score": config["lr"], "validation": validation, "test": test}
"""


@pytest.fixture
def repeated(project) -> Project:
    """A project whose study repeats its searches on one split of the data."""
    (project.path / "scripts/quick.py").write_text(ROWS)
    project.write(STUDY)
    return project


STUDY = {
    **changed(grid={"repeats": 2}, random={"repeats": 2}),
    "data": {"name": "iris", "split_seeds": "same"},
}


def splits(project: Project) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """The rows that the trials of each repetition of each search were validated and tested on."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in project.rows():
        rows = found.setdefault((row["search"], row["repeat"]), set())
        rows.add((row["validation"], row["test"]))
    return found


def test_repetitions_vary_the_split_and_share_it_between_searches(repeated):
    repeated.train()
    before, same = repeated.records(), splits(repeated)
    assert len(set.union(*same.values())) == 1

    repeated.write({**STUDY, "data": {"name": "iris", "split_seeds": "vary"}})
    repeated.train()
    after, varied = repeated.records(), splits(repeated)
    assert trained(before, after) == 10  # the second repetitions
    assert all(len(found) == 1 for found in varied.values())
    assert varied["grid", "0"] == varied["random", "0"] == same["grid", "0"]
    assert varied["grid", "1"] == varied["random", "1"] != same["grid", "1"]


def test_a_prepared_split_is_made_again_where_a_trial_needs_it(repeated):
    to_table = ("--", "results/quick/trials.csv")
    repeated.write({**STUDY, "data": {"name": "iris", "split_seeds": "vary"}})
    repeated.run(*to_table)
    before, varied = repeated.records(), splits(repeated)
    first, second = repeated.path.glob("results/data/*.npz")
    first.unlink()
    second.unlink()
    assert "Nothing to be done" in repeated.run(*to_table)
    assert repeated.records() == before

    trial_id = next(row["trial_id"] for row in repeated.rows() if row["repeat"] == "1")
    (repeated.path / f"results/trials/{trial_id}/record.json").unlink()
    repeated.run(f"results/trials/{trial_id}/record.json")
    assert first.exists() != second.exists()
    repeated.run(*to_table)
    assert splits(repeated) == varied
