"""Snakemake's own switches do what its manual says."""

import tarfile


def test_touch_makes_nothing_again(finished):
    records = finished.records()
    finished.run("--touch")
    assert finished.records() == records
    assert "Nothing to be done" in finished.run()


def test_a_summary_has_every_file_and_nothing_to_update(finished):
    lines = [line.split("\t") for line in finished.run("--summary").splitlines() if "\t" in line]
    names = lines[0]
    files = {line[0]: dict(zip(names, line, strict=True)) for line in lines[1:]}
    assert "results/quick/report.html" in files
    assert len([name for name in files if name.endswith("/record.json")]) == 10
    assert {found["plan"] for found in files.values()} == {"no update"}


def test_all_output_is_deleted_and_comes_again(finished):
    rows = finished.rows()
    assert "Would delete" in finished.run("--delete-all-output", "--dry-run")
    assert finished.rows() == rows
    finished.run("--delete-all-output")
    assert finished.records() == {}
    assert not (finished.results() / "report.html").exists()
    assert "10 to train" in finished.train()
    assert finished.rows() == rows


def test_batches_train_their_part_of_the_trials(project):
    project.run("--batch", "aggregate=1/2", "--until", "aggregate")
    assert 4 <= len(project.records()) <= 6
    project.run("--batch", "aggregate=2/2", "--until", "aggregate")
    assert len(project.rows()) == len(project.records()) == 10


def test_an_archive_holds_what_a_run_needs(finished):
    finished.run("--archive", "archive.tar.gz")
    with tarfile.open(finished.path / "archive.tar.gz") as archive:
        names = set(archive.getnames())
    assert {"Snakefile", "config.yaml", "scripts/quick.py", "workflow/rules/trials.smk"} <= names
