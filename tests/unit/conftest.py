"""The analysis of made-up records, each in an empty folder."""

from functools import partial

import pytest

from snaketune.usercode import modules
from tests.unit.made_up import analyse_in, analyse_repeated


@pytest.fixture
def analyse(tmp_path):
    """`analyse_in` an empty folder."""
    return partial(analyse_in, tmp_path)


@pytest.fixture
def repeated(tmp_path):
    """`analyse_repeated` in an empty folder, without the table."""
    return lambda *given: analyse_repeated(tmp_path, *given)[1]


@pytest.fixture(autouse=True)
def search_path_of_now(monkeypatch):
    """A process remembers where it searched before it loaded code; here each test is another."""
    monkeypatch.setattr(modules, "_before_load", [])
