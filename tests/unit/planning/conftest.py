"""A study file that is loaded, or refused."""

import pytest
import yaml

from snaketune.planning.studyfile import load_study, open_study


@pytest.fixture
def load(folder):
    """A function that writes a study to my.yaml and loads it."""

    def load(study, overrides=None):
        (folder / "my.yaml").write_text(yaml.safe_dump(study, sort_keys=False))
        return load_study("my.yaml", overrides)

    return load


@pytest.fixture
def refusal(folder):
    """A function that writes a study (or the bytes of a file) to my.yaml, and returns the message
    with which it is refused."""

    def refusal(study, overrides=None):
        content = study if isinstance(study, bytes) else yaml.safe_dump(study, sort_keys=False)
        (folder / "my.yaml").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
        with pytest.raises(SystemExit) as stopped:
            open_study([folder / "my.yaml"], overrides or {})
        return stopped.value.code

    return refusal
