"""Faults of data sets, resources and refitting."""

from tests.unit.planning.faults.changes import Fault, put

DATA: dict[str, Fault] = {
    "unknown data": (put("data", "mnist"), "data", "no data set 'mnist'", "digits"),
    "split that is too much": (
        put("data", {"name": "digits", "split": [0.6, 0.3, 0.3]}),
        "data.split",
        "add up to 1.2",
        "add up to 1",
    ),
    "split of one part": (
        put("data", {"name": "digits", "split": [0.9]}),
        "data.split",
        "[0.9]",
        "[train, validation, test]",
    ),
    "folds with three shares": (
        put("data", {"name": "digits", "folds": 5, "split": [0.6, 0.2, 0.2]}),
        "data.split",
        "has 3 shares",
        "[train and validation, test]",
    ),
    "one fold": (put("data", {"name": "digits", "folds": 1}), "data.folds", "1", "at least 2"),
    "data from nowhere": (
        put("data", {"seed": 1}),
        "data",
        "the source is missing",
        "by one of name, file, function",
    ),
    "data from two places": (
        put("data", {"name": "digits", "file": "my.csv"}),
        "data",
        "name and file are given",
        "by one of",
    ),
    "data file as a name": (
        put("data", "my.csv"),
        "data",
        "no data set 'my.csv'",
        "'data: {file: my.csv, target: <column>}'",
    ),
    "data file missing": (
        put("data", {"file": "none.csv", "target": "y"}),
        "data.file",
        "there is no file none.csv",
        "where Snakemake runs",
    ),
    "data file of another kind": (
        put("data", {"file": "my.xlsx", "target": "y"}),
        "data.file",
        "none of .csv, .npz, .parquet",
        "Convert",
    ),
    "data without target": (
        put("data", {"file": "my.csv"}),
        "data.file",
        "the target is missing",
        "'target: <column>'",
    ),
    "target of a built-in set": (
        put("data", {"name": "digits", "target": "y"}),
        "data.target",
        "only a file has columns",
        "Remove",
    ),
    "data function with arguments": (
        put("data", {"function": "scripts/own.py:one"}),
        "data.function",
        "can't be called with no arguments",
        "'def one()'",
    ),
    "another word for splits": (
        put("data", {"name": "digits", "split_seeds": True}),
        "data.split_seeds",
        "true",
        "same if all repetitions of a search have one split",
    ),
    "splits of a study without repetitions": (
        put("data", {"name": "digits", "split_seeds": "vary"}),
        "data.split_seeds",
        "no search is repeated",
        "Give each search 'repeats'",
    ),
    "memory without a unit": (put("resources.memory", "2000"), "resources.memory", "2000", "2 GiB"),
    "memory that is none": (put("resources.memory", "much"), "resources.memory", "much", "2 GiB"),
    "time as a number": (put("resources.time", 30), "resources.time", "30 is not", "30 min"),
    "time of nothing": (put("resources.time", "0 s"), "resources.time", "0 s", "30 min"),
    "device that is none": (put("resources.device", "gpu"), "resources.device", "gpu", "cpu, cuda"),
    "refit without data": (put("refit", True), "refit", "gets its data from the study", "'data'"),
}
