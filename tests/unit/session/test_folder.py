"""A folder of results that can't be used."""

import os

import pytest

from snaketune.base.errors import StudyError
from snaketune.session.folder import check_results_folder


def test_a_link_to_a_disk_that_is_not_mounted(folder):
    os.symlink("/scratch/of/nobody", "results")
    with pytest.raises(StudyError, match="a link to /scratch/of/nobody, which does not exist"):
        check_results_folder()


def test_a_file_in_its_place(folder):
    (folder / "results").touch()
    with pytest.raises(StudyError, match="results is a file, not a folder"):
        check_results_folder()


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_of_somebody_else(folder, monkeypatch, there):
    if there:
        (folder / "results").mkdir()
    # The tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    place = folder / "results" if there else folder
    with pytest.raises(StudyError, match=f"nothing may be written to the folder {place}"):
        check_results_folder()


def test_no_folder_and_a_link_to_one_are_fine(folder):
    check_results_folder()
    (folder / "elsewhere").mkdir()
    os.symlink("elsewhere", "results")
    check_results_folder()
