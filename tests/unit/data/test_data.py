"""Data sets: read, checked and split as described, the same every time."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets

import snaketune.data.prepared as module
from snaketune.base.errors import StudyError
from snaketune.data.description import BUILT_IN, describe
from snaketune.data.preparation import by_class, prepare
from snaketune.data.prepared import VALIDATION, count_rows, load_data, load_names

PARTS = ("train", "validation", "test")


def sorted_rows(parts) -> np.ndarray:
    rows = np.concatenate([np.column_stack([part.x, part.y]) for part in parts])
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_parts_are_the_data(name, prepared):
    scaled = {"scaled": False} if name == "diabetes" else {}
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True, **scaled)
    data = prepared(name)
    parts = [getattr(data, part) for part in PARTS]
    whole = np.column_stack([x.astype("float32"), y])
    assert np.array_equal(sorted_rows(parts), whole[np.lexsort(whole.T)])
    assert [len(part.y) / len(y) for part in parts] == pytest.approx([0.6, 0.2, 0.2], abs=0.01)
    assert data.task == BUILT_IN[name]
    assert data.features == x.shape[1] == len(data.feature_names)
    assert all(part.x.dtype == np.float32 for part in parts)


@pytest.mark.parametrize("name", [name for name, task in BUILT_IN.items() if "class" in task])
def test_classes_are_spread_evenly(name, prepared):
    bunch = getattr(datasets, f"load_{name}")()
    shares = np.bincount(bunch.target) / len(bunch.target)
    for data in (prepared(name), prepared({"name": name, "folds": 3}, fold=1)):
        for part in (data.train, data.validation, data.test):
            assert np.bincount(part.y) / len(part.y) == pytest.approx(shares, abs=0.03)
            assert part.y.dtype == np.int64
        assert data.classes == len(shares)
        assert list(data.class_names) == [str(n) for n in bunch.target_names]


def test_the_split_follows_shares_and_seed(prepared):
    spec = {"name": "iris", "split": [0.5, 0.3, 0.2], "seed": 1}
    first, again, other = prepared(spec), prepared(spec), prepared({**spec, "seed": 2})
    assert [len(getattr(first, part).y) for part in PARTS] == [75, 45, 30]
    assert np.array_equal(first.train.x, again.train.x)
    assert not np.array_equal(first.train.x, other.train.x)


def test_each_row_is_for_validation_in_one_fold_and_test_in_none(prepared):
    folds = [prepared({"name": "wine", "folds": 4}, fold=k) for k in range(4)]
    x, y = datasets.load_wine(return_X_y=True)
    whole = np.column_stack([x.astype("float32"), y])
    validation = [data.validation for data in folds]
    assert np.array_equal(sorted_rows([*validation, folds[0].test]), whole[np.lexsort(whole.T)])
    for data in folds:
        assert np.array_equal(data.test.x, folds[0].test.x)
        assert len(data.train.y) + len(data.validation.y) + len(data.test.y) == len(y)
    assert len(folds[0].test.y) / len(y) == pytest.approx(0.2, abs=0.01)


def test_merged_training_rows_are_all_but_test(prepared):
    for spec, fold in (("iris", None), ({"name": "iris", "folds": 5}, 2)):
        apart, merged = prepared(spec, fold=fold), prepared(spec, fold=fold, merged=True)
        assert np.array_equal(
            sorted_rows([merged.train]), sorted_rows([apart.train, apart.validation])
        )
        assert np.array_equal(merged.test.x, apart.test.x)


FRAME = pd.DataFrame(
    {
        "id": [f"row{i}" for i in range(40)],
        "size": np.arange(40) / 8,
        "old": [True, False] * 20,
        "kind": ["cat", "dog"] * 20,
        "price": np.arange(40) * 1.5,
    }
)
SPEC = {"file": "my.csv", "target": "kind", "drop": ["id"]}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_of_the_users(prepared, kind):
    getattr(FRAME, f"to_{kind}")(f"my.{kind}", **({"index": False} if kind == "csv" else {}))
    data = prepared({**SPEC, "file": f"my.{kind}"})
    assert (data.task, data.class_names) == ("classification", ("cat", "dog"))
    assert data.feature_names == ("size", "old", "price")
    # Whatever the order: a row's class belongs to its features.
    for part in (data.train, data.validation, data.test):
        assert np.array_equal(part.x[:, 0] * 12, part.x[:, 2])
        assert np.array_equal(part.x[:, 1] == 1, part.y == 0)


def test_a_target_with_fractions_is_a_regression(prepared):
    FRAME.to_csv("my.csv", index=False)
    data = prepared({**SPEC, "target": "price", "drop": ["id", "kind"]})
    assert (data.task, data.classes) == ("regression", 0)
    assert data.train.y.dtype == np.float32
    assert np.array_equal(data.train.x[:, 0] * 12, data.train.y)
    whole = FRAME.assign(price=range(40))
    whole.to_csv("my.csv", index=False)
    spec = {**SPEC, "target": "price", "drop": ["id", "kind"]}
    assert prepared({**spec, "task": "regression"}).task == "regression"


def test_arrays_keep_their_shape(prepared):
    x = np.arange(30 * 2 * 2, dtype="uint8").reshape(30, 2, 2)
    np.savez("my.npz", x=x, label=np.arange(30) % 2)
    data = prepared({"file": "my.npz", "target": "label"})
    assert data.train.x.shape == (18, 2, 2)
    parts = {f"{part}_x": x[i::3] for i, part in enumerate(PARTS)}
    parts |= {f"{part}_y": np.arange(10) % 2 for part in PARTS}
    np.savez("my.npz", **parts)
    data = prepared({"file": "my.npz"})
    assert np.array_equal(data.validation.x, x[1::3])
    with pytest.raises(StudyError, match=r"^split_seeds: this data is already split"):
        prepared({"file": "my.npz", "split_seeds": "vary"})
    with pytest.raises(StudyError, match=r"^folds: this data is already split"):
        prepared({"file": "my.npz", "folds": 3})


def test_a_function_of_the_users(prepared, tmp_path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np, pandas as pd\n"
        "def pair(): return pd.DataFrame({'a': range(9), 'b': 1}), np.arange(9) / 2\n"
        "def parts(): return {p: ([[n]], [n / 2]) for n, p in "
        "enumerate(['train', 'validation', 'test'])}\n"
        "def nothing(): return None\n"
    )
    data = prepared({"function": "mine.py:pair"})
    assert (data.task, data.feature_names) == ("regression", ("a", "b"))
    data = prepared({"function": "mine.py:parts"})
    assert [getattr(data, part).x.item() for part in PARTS] == [0, 1, 2]
    with pytest.raises(StudyError, match=r"^function: the function returned NoneType.*\(x, y\)"):
        prepared({"function": "mine.py:nothing"})


BAD = {
    "unknown target": (FRAME, {"target": "knd"}, r"target: my.csv has no column 'knd'.*'kind'\?"),
    "unknown column to drop": (
        FRAME,
        {"drop": ["id", "x"]},
        r"drop\[1\]: my.csv has no column 'x'.*id, ",
    ),
    "text": (
        FRAME.assign(more="x"),
        {"drop": []},
        r"file: my.csv has columns that are not numbers: 'id' .*'more' .*'drop: \[id, more\]'",
    ),
    "missing": (
        FRAME.assign(size=[*range(39), None]),
        {},
        r"missing or not finite, rows counted from 0: 'size' in 1 row \(row 39\)\. Fill in",
    ),
    "infinite": (FRAME.assign(size=[*range(39), np.inf]), {}, r"'size' in 1 row \(row 39\)"),
    "too large": (FRAME.assign(size=[*range(39), 1e300]), {}, r"'size' in 1 row \(row 39\)"),
    "missing target": (
        FRAME.assign(kind=[None, *["cat", "dog"] * 19, "cat"]),
        {},
        r"target: the target is missing in row 0",
    ),
    "a class with one row": (
        FRAME.assign(kind=["bird", *["cat", "dog"] * 19, "cat"]),
        {},
        r"target: the class 'bird' has 1 row; .* it needs 3\. .*'task: regression'",
    ),
    "a class with fewer rows than folds": (
        FRAME.assign(kind=[*["bird"] * 4, *["cat", "dog"] * 18]),
        {"folds": 4},
        r"target: the class 'bird' has 4 rows; .* it needs 5",
    ),
    "one class": (FRAME.assign(kind="cat"), {}, r"target: the target has one class only, 'cat'"),
    "regression of text": (
        FRAME,
        {"task": "regression"},
        r"task: the target has 'cat', which is not a number. Write 'task: classification'",
    ),
    "too few rows": (
        FRAME.iloc[:2].assign(price=[0.5, 1.5]),
        {"target": "price", "drop": ["id", "kind"]},
        r"split: 2 rows can't be split",
    ),
    "nothing but a target": (
        FRAME[["kind"]],
        {"drop": []},
        r"file: my.csv has only the target column",
    ),
    "nothing": (pd.DataFrame(), {}, r"file: my.csv can't be read|has no column"),
}


@pytest.mark.parametrize("fault", BAD)
def test_data_that_cannot_be_trained_on_is_one_clear_error(fault, prepared, tmp_path):
    frame, change, message = BAD[fault]
    frame.to_csv("my.csv", index=False)
    with pytest.raises(StudyError, match=message):
        prepared({**SPEC, **change})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.csv"]


def test_parquet_without_pyarrow_names_the_package_to_install(prepared, monkeypatch):
    """Under the name that it has on the package index."""
    FRAME.to_parquet("my.parquet")

    def fails(path):
        raise ImportError("pyarrow")

    monkeypatch.setattr(pd, "read_parquet", fails)
    with pytest.raises(StudyError, match=r"^file: reading .* pyarrow\. .*: pip install pyarrow\.$"):
        prepared({**SPEC, "file": "my.parquet"})


def test_a_prepared_file_that_is_kept_is_read_once(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_kept", {})
    first, path = prepared("iris"), tmp_path / "prepared.npz"
    module.keep(path)
    path.unlink()
    again = load_data(path)
    assert np.array_equal(again.train.x, first.train.x)
    assert again.class_names == first.class_names


def test_splits_that_are_kept_share_what_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_kept", {})
    given = {"name": "iris", "split_seeds": "vary"}
    paths = [tmp_path / f"{seed}.npz" for seed in range(2)]
    for seed, path in enumerate(paths):
        prepare(given, {**describe(given), "seed": seed}, path)
        module.keep(path)
    one, other = (module._kept[path] for path in paths)
    assert one["x"] is other["x"]
    first, second = map(load_data, paths)
    assert not np.array_equal(first.validation.x, second.validation.x)
    assert len(first.validation.y) == len(second.validation.y)
    assert np.array_equal(second.validation.x, other["x"][other["part"] == VALIDATION])


def test_names_and_counts_without_the_rows(prepared, tmp_path):
    path = tmp_path / "prepared.npz"
    data = prepared("iris")
    assert load_names(path) == {
        "task": "classification",
        "class_names": data.class_names,
        "feature_names": data.feature_names,
    }
    assert count_rows(path, folds=False) == {"validation": 30, "test": 30}
    prepared({"name": "iris", "folds": 5}, fold=0)
    assert count_rows(path, folds=True) == {"validation": 120, "test": 30}


def test_a_file_is_known_by_its_content(prepared, tmp_path):
    FRAME.to_csv("my.csv", index=False)
    FRAME.to_csv("other.csv", index=False)
    assert describe(SPEC) == describe({**SPEC, "file": "other.csv"})
    FRAME.iloc[1:].to_csv("other.csv", index=False)
    assert describe(SPEC) != describe({**SPEC, "file": "other.csv"})


def test_a_file_that_is_no_longer_as_described_is_not_prepared(tmp_path):
    table, output = tmp_path / "my.csv", tmp_path / "prepared.npz"
    spec = {"file": str(table), "target": "y"}
    rows = "\n".join(f"{n / 2},{n / 3}" for n in range(20))
    table.write_text(f"x,y\n{rows}\n")
    described = describe(spec)
    table.write_text(f"x,y\n{rows}\n1,2\n")
    with pytest.raises(StudyError, match="the data has changed since this run began"):
        prepare(spec, described, output)
    assert not output.exists()
    prepare(spec, describe(spec), output)


@pytest.mark.parametrize(
    "more", [{}, {"split": [0.9, 0.1]}, {"folds": 2}, {"split": [0.98, 0.01, 0.01]}]
)
def test_every_part_has_a_row_of_every_class(tmp_path, prepared, more):
    """Of 29 classes, ten have three rows: shares alone leave some of them out of a part."""
    sizes = [3] * 10 + [40] * 19
    labels = np.repeat([f"c{i:02}" for i in range(29)], sizes)
    frame = pd.DataFrame({"x": np.arange(len(labels)), "y": labels})
    frame.to_csv(tmp_path / "rare.csv", index=False)
    spec = {"file": str(tmp_path / "rare.csv"), "target": "y", **more}
    folds = range(more["folds"]) if "folds" in more else [None]
    for data in [prepared(spec, fold=fold) for fold in folds]:
        parts = [data.train, data.validation, *([data.test] if len(data.test.y) else [])]
        assert all(set(part.y) == set(range(29)) for part in parts)
        assert sum(len(part.y) for part in parts) == len(labels)


@given(
    sizes=st.lists(st.integers(3, 30), min_size=2, max_size=6),
    weights=st.tuples(*3 * [st.floats(0.05, 1)]),
    seed=st.integers(0, 99),
)
def test_rows_by_class_follow_the_shares(sizes, weights, seed):
    y = np.repeat(np.arange(len(sizes)), sizes)
    shares = dict(enumerate(np.array(weights) / sum(weights)))
    part = by_class(y, shares, seed)
    for label, size in enumerate(sizes):
        counts = np.bincount(part[y == label], minlength=3)
        assert counts.min() >= 1
        assert counts.sum() == size
        # No part is further from its share than the row that each has before.
        assert all(count <= max(1, shares[k] * size + 1) for k, count in enumerate(counts))


@pytest.mark.parametrize("kind", ["shares", "npz", "function"])
def test_data_may_have_no_part_for_test(tmp_path, prepared, kind, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, y = np.arange(20.0).reshape(10, 2), np.array([0, 1] * 5)
    np.savez("d.npz", train_x=x[:6], train_y=y[:6], validation_x=x[6:], validation_y=y[6:])
    (tmp_path / "f.py").write_text(
        "import numpy as np\ndef f():\n    a = np.load('d.npz')\n"
        "    return {p: (a[f'{p}_x'], a[f'{p}_y']) for p in ('validation', 'train')}\n"
    )
    spec = {
        "shares": {"name": "iris", "split": [0.6, 0.4]},
        "npz": {"file": "d.npz"},
        "function": {"function": "f.py:f"},
    }[kind]
    data = prepared(spec)
    assert data.test.x.shape == (0, data.features)
    whole = len(data.train.y) + len(data.validation.y)
    assert len(data.train.y) / whole == 0.6
    assert count_rows(data.path, folds=False) == {"validation": len(data.validation.y), "test": 0}
