"""Bad study files: each is one message that names file, key path, fault and remedy."""

import pytest
import yaml

from snaketune.planning.shape import SCHEMA
from snaketune.planning.studyfile import open_study
from tests.unit.planning.faults.changes import put
from tests.unit.planning.faults.data import DATA
from tests.unit.planning.faults.keys import KEYS
from tests.unit.planning.faults.objectives import OBJECTIVES
from tests.unit.planning.faults.searches import SEARCHES
from tests.unit.planning.faults.spaces import SPACES

OWN_FUNCTIONS = """
train_not = 3
LIST = [1, 2]
def train(config, trial): return {}
def one(config): return {}
def three(config, trial, more): return {}
def two(config, trial, more=None): return {}
def any_number(*arguments): return {}
"""

BAD = {**KEYS, **SPACES, **SEARCHES, **OBJECTIVES, **DATA}


@pytest.fixture
def sources(folder):
    """The files that the studies name."""
    (folder / "scripts/own.py").write_text(OWN_FUNCTIONS)
    (folder / "scripts/broken.py").write_text("def train(:\n")
    (folder / "scripts/imports_broken.py").write_text(f"import broken\n{OWN_FUNCTIONS}")
    (folder / "my.csv").write_text("x,y\n1,2\n")


@pytest.mark.parametrize("fault", BAD)
def test_message_names_file_path_fault_and_remedy(fault, study, folder, sources, refusal):
    change, path, wrong, right = BAD[fault]
    change(study)
    message = refusal(study)
    assert message.startswith(f"Error in the study. my.yaml: {path}{': ' if path else 'the key'}")
    assert wrong in message
    assert right in message
    assert "\n" not in message
    assert not (folder / "results").exists()


def test_a_retired_key_on_the_command_line_is_refused_as_in_the_file(study, refusal):
    assert refusal(study, {"retry_failed": True}) == (
        "Error in the study. my.yaml: retry_failed: retry_failed is no longer a key of a study. "
        "Run 'python -m snaketune retry <study name>' before the next run."
    )


BAD_TEXTS = {
    "duplicate search names": (
        b"searches:\n  a: {sampler: grid}\n  a: {sampler: grid}\n",
        "'a' appears twice, the second time in line 3",
        "another name",
    ),
    "on for a text": (b"study: on\n", "'on' in line 1", "in quotes: 'on'"),
    "not YAML": (b"study: [1\n", "line 2", "valid YAML"),
    "empty": (b"", "the file has no keys", "study: <name>"),
    "a list": (b"- 1\n", "the file has no keys", "study: <name>"),
    "a key that is a number": (b"1.5: 2\n", "the key 1.5 in line 1", "quotes"),
    "a control character": (b"study: a\x07b\n", "special characters are not allowed", "valid YAML"),
    "not text": (b"\xff\xfe\x00", "not a text file", "UTF-8"),
}


@pytest.mark.parametrize("fault", BAD_TEXTS)
def test_message_for_text_that_is_not_a_study(fault, refusal):
    text, wrong, right = BAD_TEXTS[fault]
    message = refusal(text)
    assert message.startswith("Error in the study. my.yaml: ")
    assert wrong in message
    assert right in message
    assert "\n" not in message


def keys_of(schema: dict, path: tuple = ()):
    """All key paths of the schema, through the mappings that it describes."""
    for key, inner in schema.get("properties", {}).items():
        yield (*path, key)
        yield from keys_of(inner, (*path, key))


SCHEMA_KEYS = [
    *keys_of(yaml.safe_load(SCHEMA.read_text())),
    *(
        ("searches", "random", *path)
        for path in keys_of(
            yaml.safe_load(SCHEMA.read_text())["properties"]["searches"]["additionalProperties"]
        )
    ),
]


@pytest.mark.parametrize("path", SCHEMA_KEYS, ids=".".join)
def test_a_value_of_the_wrong_type_is_reported_for_every_key(path, study, refusal):
    wrong = {"settings": 1, "space": 1.5}.get(path[-1], {"no": ["such", "thing"]})
    put(".".join(path), wrong)(study)
    message = refusal(study)
    assert message.startswith(f"Error in the study. my.yaml: {'.'.join(path[:2])}")
    assert "Expected is" in message or "Known keys are" in message


def test_missing_file_and_two_files(folder):
    with pytest.raises(SystemExit, match=r"none\.yaml: No such file.*Name a study file"):
        open_study([folder / "none.yaml"], {})
    with pytest.raises(SystemExit, match=r"2 config files are given \(a, b\).*--config"):
        open_study(["a", "b"], {})


@pytest.mark.parametrize("function", ["train", "two", "any_number"])
def test_functions_that_take_two_arguments_are_good(function, study, sources, load):
    study["objective"]["entrypoint"] = f"scripts/own.py:{function}"
    assert len(load(study).plan) == 10


def test_the_study_that_the_faults_are_put_into_is_good(study, sources, load):
    assert len(load(study).plan) == 10
