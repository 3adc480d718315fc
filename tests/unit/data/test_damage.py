"""Data that is not what it seems: files that have been damaged, and columns that get mixed up."""

from pathlib import Path

import numpy as np
import pytest

import snaketune.data.prepared as module
from snaketune.base.errors import StudyError
from snaketune.data.prepared import count_rows, load_data, load_names


def stored(path):
    with np.load(path) as arrays:
        return dict(arrays)


def flipped(path):
    """Flip a byte of what the file holds, behind the names at its beginning."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def with_changed(**changes):
    def change(path):
        arrays = stored(path)
        np.savez(path, **{**arrays, **{key: edit(arrays[key]) for key, edit in changes.items()}})

    return change


def exchanged(path):
    arrays = stored(path)
    arrays["x"], arrays["y"] = arrays["y"], arrays["x"]
    np.savez(path, **arrays)


def lacks(name):
    return lambda path: np.savez(path, **{k: v for k, v in stored(path).items() if k != name})


DAMAGES = {
    "a flipped byte": flipped,
    "half a file": cut,
    "an empty file": lambda path: path.write_bytes(b""),
    "no file": lambda path: path.unlink(),
    "another file": lambda path: path.write_text("x,y\n1,2\n"),
    "another x": with_changed(x=lambda x: x * 1.001),
    "rows in another order": with_changed(x=lambda x: x[::-1]),
    "another y": with_changed(y=lambda y: 1 - y),
    "another type": with_changed(x=lambda x: x.astype("float64")),
    "another shape": with_changed(x=lambda x: x.reshape(len(x), -1, 1)),
    "another split": with_changed(part=lambda part: np.roll(part, 1)),
    "another task": with_changed(task=lambda task: np.array("regression")),
    "other classes": with_changed(class_names=lambda names: names[::-1]),
    "other features": with_changed(feature_names=lambda names: names[::-1]),
    "arrays exchanged": exchanged,
    "no part": lacks("part"),
    "no digests": lacks("digests"),
    "a pickle": with_changed(class_names=lambda names: np.array([{}, []], dtype=object)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_prepared_file_that_is_not_as_it_was_written_is_one_clear_error(
    prepared, tmp_path, damage
):
    prepared("iris")
    path = tmp_path / "prepared.npz"
    damage(path)
    with pytest.raises(StudyError) as error:
        load_data(path)
    text = str(error.value)
    assert text.startswith(f"{path}: this is not a prepared data set as snaketune writes it: ")
    assert text.endswith(
        "Delete it and run again: it is prepared again, and nothing is trained again for it."
    )
    with pytest.raises(StudyError):
        module.keep(path)


def test_a_count_of_rows_is_of_the_split_as_it_was_written(prepared, tmp_path):
    prepared("iris")
    path = tmp_path / "prepared.npz"
    with_changed(part=lambda part: np.roll(part, 1), class_names=lambda names: names[::-1])(path)
    with pytest.raises(StudyError, match="'part' has been changed"):
        count_rows(path, folds=False)
    with pytest.raises(StudyError, match="'class_names' has been changed"):
        load_names(path)


def test_a_kept_file_is_the_one_that_a_trial_names_in_full(prepared, tmp_path, monkeypatch):
    """The warm process is told its relative path, a trial resolves it."""
    monkeypatch.setattr(module, "_kept", {})
    prepared("iris")
    monkeypatch.chdir(tmp_path)
    module.keep(Path("prepared.npz"))
    Path("prepared.npz").unlink()
    assert len(load_data(tmp_path / "prepared.npz").train.x) == 90


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,y\n1,0,9\n2,1,8\n3,0,7\n", "Expected 2 fields in line 2, saw 3"),
        ("a,y\n1,0,\n2,1,\n3,0,\n", "Expected 2 fields in line 2, saw 3"),
        ("a,y\n1,0,9,9\n2,1\n3,0\n", "Expected 2 fields in line 2, saw 4"),
        ("a,y\n1,0\n2,1,8\n3,0\n", "Expected 2 fields in line 3, saw 3"),
        ("a,a,y\n1,2,0\n3,4,1\n", "two columns are called 'a'"),
        ("a,y,y\n1,0,1\n3,1,0\n", "two columns are called 'y'"),
    ],
)
def test_a_csv_file_whose_columns_are_not_told_apart_is_refused(prepared, text, message):
    """Else pandas takes the first values for names of rows, and all columns shift in silence."""
    Path("my.csv").write_text(text)
    with pytest.raises(StudyError, match=message):
        prepared({"file": "my.csv", "target": "y"})


def test_two_columns_of_one_name_are_refused_from_a_function_too(prepared):
    Path("my_columns.py").write_text(
        "import pandas as pd\n"
        "def load(): return pd.DataFrame([[1, 2]] * 9, columns=['a', 'a']), [0, 1, 0] * 3\n"
    )
    with pytest.raises(StudyError, match="x has two columns 'a'"):
        prepared({"function": "my_columns.py:load"})


@pytest.mark.parametrize("content", [b"", b"PK no zip", b"\x93NUMPY", b"x,y", None], ids=repr)
def test_an_npz_file_that_can_not_be_read_is_named(prepared, content):
    np.savez("my.npz", x=np.ones((9, 2)), y=np.arange(9) % 3)
    Path("my.npz").write_bytes(Path("my.npz").read_bytes()[:-99] if content is None else content)
    with pytest.raises(StudyError, match=r"my\.npz can't be read"):
        prepared({"file": "my.npz"})
