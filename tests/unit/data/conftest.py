"""What the tests of data sets share."""

import pytest

from snaketune.data.description import describe
from snaketune.data.preparation import prepare
from snaketune.data.prepared import load_data


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Prepare what a study has under `data`, in an empty folder, and load it."""
    monkeypatch.chdir(tmp_path)

    def prepared(spec, **loading):
        prepare(spec, describe(spec), tmp_path / "prepared.npz")
        return load_data(tmp_path / "prepared.npz", **loading)

    return prepared
