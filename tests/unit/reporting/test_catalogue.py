"""The catalogue of figures."""

import subprocess
import sys

from snaketune.reporting.figures.catalogue import CATALOGUE, figure_named, planned_figures
from tests.unit.reporting import CAPTIONS


def names(samplers, maps) -> list[str]:
    return [figure.name for figure in planned_figures(samplers, maps)]


def test_a_random_search_and_a_map_have_figures_of_their_own():
    assert names(["sobol"], []) == [
        "efficiency",
        "best_so_far",
        "designs",
        "hyperparameters",
        "parallel",
        "learning_curves",
    ]
    added = set(names(["grid", "random", "grid"], ["a", "b"])) - set(names(["sobol"], []))
    assert added == {"experiments", "importance", "response", "heatmap-a", "heatmap-b"}


def test_a_file_name_leads_to_its_figure():
    for figure in planned_figures(["random"], ["wide-grid", "n_2"]):
        assert figure_named(figure.name) == figure
    assert all("-" not in entry.name for entry in CATALOGUE)


def test_every_entry_has_a_caption_and_no_caption_is_left_over():
    captions = {f"{entry.name}.rst" for entry in CATALOGUE}
    assert captions == {path.name for path in CAPTIONS.iterdir()} - {"trials.rst"}


def test_planning_the_figures_loads_no_library():
    heavy = {"matplotlib", "pandas", "numpy", "scipy", "seaborn"}
    code = (
        "import sys; from snaketune.reporting.figures.catalogue import planned_figures; "
        f"list(planned_figures(['random'], ['grid'])); print(*{heavy} & set(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == ""
