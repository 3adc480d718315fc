"""Two study files with one name: each would overwrite the results of the other."""

from pathlib import Path

from snaketune.base.errors import StudyError
from snaketune.planning.study import Study
from snaketune.planning.yamlfile import load_yaml
from snaketune.records import paths
from snaketune.records.summary import read_summary


def check_name_is_free(study: Study) -> None:
    """Raise `StudyError` where the folder of a study is that of another study file.

    A file that is gone, or has another name by now, has no claim to it: the study was moved.
    """
    try:
        found = read_summary(paths.summary(study.name))
        other = Path(found["file"])
        if other.resolve() == Path(study.file).resolve():
            return
        name = found["overrides"].get("study", load_yaml(other).get("study"))
    except (OSError, ValueError, KeyError):  # no results yet, of another format, or no such file
        return
    if name == study.name:
        raise StudyError(
            f"{paths.study(name)} has the results of {other}, a study of the same name",
            f"Give one of the two another name; to replace them, delete {paths.study(name)}",
            ("study",),
            study.file,
        )
