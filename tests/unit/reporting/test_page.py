"""The page: what it says of a study, from its summary, its comparison and its trials."""

import html
import json
import math
import re
import subprocess
import sys

import pytest

from snaketune.reporting.page import cell_text, errors_found, inline, page, read_best
from snaketune.reporting.reproduction import reproduction
from snaketune.reporting.svg import nothing, save
from tests.unit.made_up import STUDY, analyse_in, random_trials, record
from tests.unit.reporting import CAPTIONS

SEARCH = {"name": "a", "sampler": "random", "seed": 7, "trials": 2, "repeats": 1, "notes": []}
SUMMARY = {**STUDY, "searches": [SEARCH]}
TRIALS = {"a": random_trials((0.9, 0.8), (0.7, 0.6))}


@pytest.fixture
def write(tmp_path):
    """A function that renders the page and returns its text, without markup."""

    def write(trials=TRIALS, summary=SUMMARY, figures=(), best=(), **found) -> str:
        _, comparison = analyse_in(tmp_path, trials)
        text = page(
            summary,
            "study: s  # <a comment>\n",
            {**comparison, **found},
            tmp_path / "trials.csv",
            figures,
            dict(best),
            [],
            CAPTIONS,
        )
        main = text.partition("<main")[2].partition("</main>")[0]
        return " ".join(html.unescape(re.sub("<[^>]*>", "", main)).split())

    return write


def test_it_holds_the_study_file_as_it_is_given(write):
    assert "study: s # <a comment>" in write()


def test_failed_trials_are_listed_with_how_to_train_them_again(write):
    trials = {"a": [*random_trials((0.9, 0.8), (0.7, 0.6)), record({"lr": 9.0}, None)]}
    text = write(trials)
    assert "1 of a failed." in text
    assert f"ValueError: no results/trials/{trials['a'][2]['trial_id']}/log.txt" in text
    assert "They are trained again after python -m snaketune retry s, by the next run." in text
    assert "retry" not in write()


def test_errors_are_counted_the_most_frequent_first(tmp_path):
    failed = [record({"lr": float(i)}, None) for i in range(4)]
    failed[0]["error"] = {"type": "OSError", "message": "once", "traceback": None}
    table, _ = analyse_in(tmp_path, {"a": failed[:2], "b": failed[2:]})
    first, second = errors_found(table)
    assert (first["error"], first["trials"], first["searches"]) == ("ValueError: no", 3, "a and b")
    assert (second["error"], second["trials"]) == ("OSError: once", 1)


def test_runs_are_training_seeds_times_folds(write):
    assert "as the mean over" not in write()
    text = write(summary={**SUMMARY, "seeds": [0, 1], "folds": 5})
    assert "as the mean over its 10 trials (2 training seeds, 5 folds)." in text
    text = write(summary={**SUMMARY, "seeds": [0, 1]})
    assert "as the mean over its 2 trials (2 training seeds)." in text


def test_trials_that_share_or_tie_are_counted(write):
    twice = [*random_trials((0.9, 0.8), (0.9, 0.8)), *random_trials((0.9, 0.8))]
    text = write({"a": twice})
    assert "1 more configuration of a has the same score." in text
    assert "1 of a duplicates an earlier trial, which was trained once." in text


def test_notes_of_a_search_are_in_the_page(write):
    searches = [{**SEARCH, "notes": ["the sequence is scrambled"]}]
    assert "a: the sequence is scrambled." in write(summary={**SUMMARY, "searches": searches})


def test_a_figure_without_data_is_left_out_but_for_importance(write, tmp_path):
    paths = [tmp_path / f"{name}.svg" for name in ("parallel", "importance")]
    for path in paths:
        save(nothing("There is nothing to draw here."), path)
    text = write(figures=paths)
    assert "All hyperparameters at once" not in text
    assert "Which hyperparameter matters" in text
    assert "Too few complete random trials to tell: importance needs at least 20" in text


def test_of_trials_that_are_noise_no_importance_is_shown(write, tmp_path):
    path = tmp_path / "importance.svg"
    save(nothing("There is nothing to draw here."), path)
    text = write(figures=[path], no_importance="noise")
    assert "These trials do not show which hyperparameters matter: a random forest" in text


@pytest.mark.parametrize(
    ("seconds", "column", "cost"),
    [("cpu_seconds", "CPU time (s)", 7), ("train_seconds", "training (s)", 2)],
)
def test_cost_is_what_the_comparison_says(write, seconds, column, cost):
    trials = {"a": random_trials((0.9, 0.8), (0.7, 0.6))}
    for trial in trials["a"]:
        trial["cost"]["cpu_seconds"] = 3.5
    text = write(trials, seconds=seconds)
    assert column in text
    assert re.search(rf"act = relu *4 *{cost} ", text)


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("0.123456", "number", "0.1235"),
        ("0.99999", "number", "0.99999"),
        ("-0.99999", "number", "-0.99999"),
        ("1e308", "number", "1e+308"),
        ("12345678.0", "number", "12345678"),
        ("12345.678", "number", "1.235e+04"),
        ("0.00001234", "number", "1.234e-05"),
        ("", "number", ""),
        ("inf", "number", "inf"),
        ("1e308", "text", "1e308"),
    ],
)
def test_a_cell_for_people(text, kind, shown):
    assert cell_text(text, kind) == shown


def test_what_became_of_the_best_trial_is_said(write):
    best = {"a": {**TRIALS["a"][0], "reproduced": True}}
    assert "trained again for its weights and scored the same to the last digit." in write(
        best=best
    )
    best = {"a": {**TRIALS["a"][0], "refit_error": {"type": "OSError", "message": "disk full"}}}
    assert "for its weights failed (OSError: disk full)." in write(best=best)


def test_records_of_the_best_are_read_where_there_are_some(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a/record.json").write_text(json.dumps(TRIALS["a"][0]))
    assert read_best([tmp_path / "a", tmp_path / "b"]) == {"a": TRIALS["a"][0]}


def test_nothing_complete_makes_a_page_as_well(write):
    assert "Nothing can be compared" in write({"a": [record({"lr": 1.0}, math.nan)]})


def test_a_figure_in_the_page_keeps_its_references():
    svg = (
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><path id="m"/>'
        '<use xlink:href="#m" clip-path="url(#c)" style="fill: #7f8081"/></svg>'
    )
    text = inline(svg, "x-")
    assert 'id="x-m"' in text
    assert 'xlink:href="#x-m"' in text
    assert 'clip-path="url(#x-c)"' in text
    assert "fill: var(--grey, #7f8081)" in text


def test_what_it_takes_to_run_a_study_again(tmp_path):
    study = {
        **SUMMARY,
        "overrides": {"study": "other"},
        "seeds": [0, 1],
        "data": {"name": "digits", "seed": 0},
    }
    best = {"a": {"environment": {"python": "3.12", "threads": 1}}}
    pairs = dict(reproduction(study, best, tmp_path))
    assert pairs["commit"] == "not a git checkout"
    assert pairs["command"] == "snakemake --cores all --configfile s.yaml --config study=other"
    assert pairs["training seeds"] == "0, 1"
    assert pairs["seed of a"] == "7"
    assert pairs["data"] == "name digits, seed 0"
    assert pairs["best of a ran with"] == "python 3.12, threads 1"
    assert "data" not in dict(reproduction(SUMMARY, {}, tmp_path))


def test_files_that_differ_from_the_commit_are_mentioned(tmp_path):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / "Snakefile").write_text("")
    for words in (["init", "-q"], ["add", "Snakefile"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    assert re.fullmatch("[0-9a-f]{40}", dict(reproduction(SUMMARY, {}, tmp_path))["commit"])
    (tmp_path / "Snakefile").write_text("rule all:")
    assert dict(reproduction(SUMMARY, {}, tmp_path))["commit"].endswith(", with changes")


def test_figures_are_svg_that_a_browser_draws():
    """HTML knows no <ns0:svg>. The page is made in a process that draws nothing itself."""
    code = (
        "from snaketune.reporting.page import inline\n"
        "print(inline('<svg xmlns=\"http://www.w3.org/2000/svg\"><g id=\"a\"/></svg>', 'p-'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<svg ")
    assert '<g id="p-a"' in done.stdout


def test_of_texts_of_megabytes_the_page_has_the_beginning(write):
    """Also where they hold what UTF-8 can't."""
    long = "\udcff\x1b" + "y" * 3_000_000
    error = {"type": "ValueError", "message": long, "traceback": None}
    failed = [{**record({"lr": float(i), "act": "a" * 9999}, None), "error": error} for i in (1, 2)]
    best = {"a": {**TRIALS["a"][0], "refit_error": error}}
    text = write({"a": [*failed, *random_trials((0.9, 0.8))]}, best=best)
    assert "ValueError: \\udcff\\x1byyyyyy" in text
    assert "for its weights failed (ValueError: \\udcff" in text
    assert len(text) < 10_000
    text.encode()


def test_null_and_what_is_inactive_differ_in_the_table(write, tmp_path):
    trials = {"a": [record({"lr": 1.0, "act": None}, 0.5), record({"lr": 2.0}, 0.6)]}
    assert "act" in write(trials)
    table = (tmp_path / "trials.csv").read_text().splitlines()
    assert [line.split(",")[8:10] for line in table[1:]] == [["1.0", "null"], ["2.0", ""]]
