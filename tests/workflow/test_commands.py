"""`python -m snaketune`, in projects that Snakemake has run."""

from tests.project import changed


def test_prune_deletes_what_no_study_refers_to_and_asks_first(finished):
    assert finished.command("prune").startswith("0 trials")
    before = finished.records()
    finished.write(changed(random={"trials": 1}))
    finished.train()
    listed = finished.command("prune").splitlines()
    assert len(listed) == 4
    assert listed[-1].startswith("3 trials")
    assert finished.records() == before
    finished.command("prune", "--delete")
    assert len(finished.records()) == 7
    assert " 0 to train" in finished.train()
