"""What is said twice, in pyproject.toml and elsewhere, is the same in both places."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from snaketune import __version__
from tests.packaging.lowest import ROOT, lowest, pins, requirements


@pytest.mark.parametrize("needed", requirements("parquet", "slurm", "cluster"), ids=str)
def test_every_requirement_has_a_lower_bound_that_the_pinned_version_meets(needed):
    pinned = {canonicalize_name(pin.name): pin.specifier for pin in map(Requirement, pins())}
    [pin] = pinned[canonicalize_name(needed.name)]
    assert lowest(needed)
    assert needed.specifier.contains(pin.version)


def test_what_the_tests_need_is_pinned():
    pinned = {canonicalize_name(Requirement(line).name) for line in pins()}
    assert {canonicalize_name(needed.name) for needed in requirements("dev")} <= pinned


def test_the_snakefile_asks_for_the_same_snakemake():
    [needed] = [needed for needed in requirements() if needed.name == "snakemake"]
    [asked] = re.findall(r'^min_version\("(.+)"\)', (ROOT / "Snakefile").read_text(), re.MULTILINE)
    assert Version(asked) == Version(lowest(needed))


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("CHANGELOG.md", r"^## \[?(\d[\d.]*)"),
        ("CITATION.cff", r"^version: (\S+)"),
    ],
)
def test_the_version_is_the_same_everywhere(file, pattern):
    found = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
    assert found and found[1] == __version__
