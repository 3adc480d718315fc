"""Built-in data: split as described, the same every time."""

import numpy as np
import pytest
from sklearn import datasets

from snaketune.data import BUILT_IN, PARTS, load_data, parse_data, save_data, split_data


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_parts_are_the_data_and_stratified(name):
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    data = split_data(parse_data(name))
    parts = [getattr(data, part) for part in PARTS]
    rows = np.concatenate([np.column_stack([part.x, part.y]) for part in parts])
    whole = np.column_stack([x.astype("float32"), y])
    assert np.array_equal(rows[np.lexsort(rows.T)], whole[np.lexsort(whole.T)])
    assert [len(part.y) / len(y) for part in parts] == pytest.approx([0.6, 0.2, 0.2], abs=0.01)
    shares = np.bincount(y) / len(y)
    for part in parts:
        assert np.bincount(part.y) / len(part.y) == pytest.approx(shares, abs=0.03)
        assert part.x.dtype == np.float32
        assert part.y.dtype == np.int64
    assert data.classes == y.max() + 1
    assert data.features == x.shape[1]


def test_the_split_follows_shares_and_seed(tmp_path):
    first = split_data(parse_data({"name": "iris", "split": [0.5, 0.3, 0.2], "seed": 1}))
    again = split_data(parse_data({"name": "iris", "split": [0.5, 0.3, 0.2], "seed": 1}))
    other = split_data(parse_data({"name": "iris", "split": [0.5, 0.3, 0.2], "seed": 2}))
    assert [len(getattr(first, part).y) for part in PARTS] == [75, 45, 30]
    assert np.array_equal(first.train.x, again.train.x)
    assert not np.array_equal(first.train.x, other.train.x)
    save_data(first, tmp_path / "iris.npz")
    loaded = load_data(tmp_path / "iris.npz")
    for part in PARTS:
        assert np.array_equal(getattr(loaded, part).x, getattr(first, part).x)
        assert np.array_equal(getattr(loaded, part).y, getattr(first, part).y)
    assert [path.name for path in tmp_path.iterdir()] == ["iris.npz"]
