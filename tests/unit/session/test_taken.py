"""Two study files with one name in one folder."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from snaketune.base.errors import StudyError
from snaketune.planning.studyfile import load_study
from snaketune.records import paths
from snaketune.session.taken import check_name_is_free


@pytest.fixture
def results(folder, study) -> Path:
    """The folder of the study in one.yaml, which has been run."""
    (folder / "one.yaml").write_text(yaml.safe_dump(study))
    loaded = load_study("one.yaml")
    path = Path(paths.summary(loaded.name))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(loaded.summary))
    return path.parent


def test_a_copy_with_the_same_name_is_refused(results):
    shutil.copy("one.yaml", "two.yaml")
    with pytest.raises(StudyError) as error:
        check_name_is_free(load_study("two.yaml"))
    assert str(error.value) == (
        "two.yaml: study: results/quick has the results of one.yaml, a study of the same name. "
        "Give one of the two another name; to replace them, delete results/quick."
    )
    check_name_is_free(load_study("two.yaml", {"study": "other"}))


def test_a_study_that_is_run_again_or_was_moved_has_its_folder(results, study):
    check_name_is_free(load_study(Path("one.yaml").resolve()))
    shutil.copy("one.yaml", "two.yaml")
    Path("one.yaml").write_text(yaml.safe_dump(study | {"study": "renamed"}))
    check_name_is_free(load_study("two.yaml"))
    Path("one.yaml").unlink()
    check_name_is_free(load_study("two.yaml"))


@pytest.mark.parametrize("text", ["", "{}", "no JSON", '{"format": 1}'])
def test_results_that_are_none_are_no_obstacle(results, text):
    (results / "study.json").write_text(text)
    shutil.copy("one.yaml", "two.yaml")
    check_name_is_free(load_study("two.yaml"))
