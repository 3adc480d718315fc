"""Files that a real run leaves follow the JSON Schemas in docs/schemas, which are up to date."""

import json
import subprocess
import sys

import jsonschema
import pytest

from tests.project import ROOT


def test_the_schemas_are_those_of_the_code():
    script = ROOT / "docs/schemas/generate.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "pattern", "least"),
    [
        ("record", "trials/*/record.json", 10),
        ("record", "quick/best/*/record.json", 2),
        ("study", "quick/study.json", 1),
        ("comparison", "quick/comparison.json", 1),
    ],
)
def test_real_files_follow_their_schema(finished, name, pattern, least):
    schema = json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)
    files = list((finished.path / "results").glob(pattern))
    assert len(files) >= least
    for file in files:
        content = json.loads(file.read_text(), parse_constant=pytest.fail)  # NaN is not JSON
        check.validate(content)
        with pytest.raises(jsonschema.ValidationError):
            check.validate({**content, "format": content["format"] + 1})
