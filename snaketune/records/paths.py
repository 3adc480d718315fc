"""Where everything lies: the one place that knows the names of files in ``results/``.

All paths are text, as Snakemake's rules want them, and relative to the folder where it runs.
"""

RESULTS = "results"
MADE_FOR = ".search"  # in each folder of best/: the name of the search that it was made for


def trials(results: str = RESULTS) -> str:
    """The folder with a folder for each trial, shared by all studies.

    >>> trials()
    'results/trials'
    """
    return f"{results}/trials"


def trial(trial_id: str, results: str = RESULTS) -> str:
    """The folder of one trial."""
    return f"{results}/trials/{trial_id}"


def record(trial_id: str, results: str = RESULTS) -> str:
    """The record of one trial.

    >>> record("0123456789abcdef")
    'results/trials/0123456789abcdef/record.json'
    """
    return f"{results}/trials/{trial_id}/record.json"


def log(trial_id: str, results: str = RESULTS) -> str:
    """What the last attempt at a trial printed."""
    return f"{results}/trials/{trial_id}/log.txt"


def data(data_id: str, results: str = RESULTS) -> str:
    """A prepared data set."""
    return f"{results}/data/{data_id}.npz"


def study(name: str, results: str = RESULTS) -> str:
    """The folder of a study."""
    return f"{results}/{name}"


def plan(name: str, results: str = RESULTS) -> str:
    """The plan of a study: a row for each of its trials.

    >>> plan("digits")
    'results/digits/plan.csv'
    """
    return f"{results}/{name}/plan.csv"


def summary(name: str, results: str = RESULTS) -> str:
    """What analysis and report have to know of a study."""
    return f"{results}/{name}/study.json"


def study_text(name: str, results: str = RESULTS) -> str:
    """The study file as it was when its run began."""
    return f"{results}/{name}/study.yaml"


def table(name: str, results: str = RESULTS) -> str:
    """The table of a study's trials."""
    return f"{results}/{name}/trials.csv"


def comparison(name: str, results: str = RESULTS) -> str:
    """What the comparison of a study's searches found."""
    return f"{results}/{name}/comparison.json"


def report(name: str, results: str = RESULTS) -> str:
    """The page."""
    return f"{results}/{name}/report.html"
