"""How often a design of T points hits a small target: Bergstra & Bengio (2012), section 4.

    python benchmarks/simulated_targets.py [FOLDER]

A target is a box of 1 % of the unit cube's volume, placed uniformly so that it lies wholly inside:
a cube, or a box whose sides are uniform draws rescaled to that volume. A design succeeds if any of
its points falls inside. Independent random points do so with probability 1 − 0.99^T, whatever the
shape. The table and the figure (`simulated_targets.csv`, `.svg`) go to FOLDER, else to `results`.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt

from snaketune.space.samplers import sample
from snaketune.space.space import Space

VOLUME = 0.01
SIZES = tuple(2**k for k in range(10))  # 1 … 512 points
TARGETS = 2000
DESIGNS = 20  # of each sampler, with a seed each
SAMPLERS = ("random", "sobol", "halton", "lhs")


def targets(shape: str, dimensions: int, number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corners, each of shape (number, dimensions), of cubes or boxes."""
    rng = np.random.default_rng(seed)
    sides = np.full((number, dimensions), VOLUME ** (1 / dimensions))
    if shape == "box":
        sides = np.empty((0, dimensions))
        while len(sides) < number:  # a side over 1 does not fit: drawn again
            drawn = rng.random((number, dimensions))
            drawn *= (VOLUME / drawn.prod(axis=1, keepdims=True)) ** (1 / dimensions)
            sides = np.concatenate([sides, drawn[(drawn <= 1).all(axis=1)]])
        sides = sides[:number]
    low = rng.random((number, dimensions)) * (1 - sides)
    return low, low + sides


def design(sampler: str, dimensions: int, points: int, seed: int) -> np.ndarray:
    """`points` points of the unit cube, of shape (points, dimensions), as a search draws them."""
    space = Space.parse({f"x{k}": {"uniform": [0, 1]} for k in range(dimensions)})
    drawn = sample([space], sampler, points, seed).configurations
    return np.array([list(config.values()) for config in drawn])


def grid(dimensions: int, ticks: int) -> np.ndarray:
    """The cell centres of a grid with `ticks` values on each axis."""
    space = Space.parse({f"x{k}": {"uniform": [0, 1]} for k in range(dimensions)})
    return np.array([list(cell.values()) for cell in space.cells(space.axes(ticks))])


def first_hits(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """For each target, after how many points it is hit for the first time; infinity for never."""
    inside = ((points[:, None] >= low) & (points[:, None] < high)).all(axis=2)
    return np.where(inside.any(axis=0), inside.argmax(axis=0) + 1, np.inf)


def success(sampler: str, dimensions: int, shape: str) -> dict[int, float]:
    """The share of targets hit by T points, for every T, averaged over targets and designs."""
    hit = {size: [] for size in SIZES}
    for seed in range(DESIGNS):
        low, high = targets(shape, dimensions, TARGETS, seed)
        if sampler == "lhs":  # a design of its size
            for size in SIZES:
                points = design(sampler, dimensions, size, seed)
                hit[size].append(np.isfinite(first_hits(points, low, high)).mean())
        else:  # a sequence: its beginning is the smaller design
            found = first_hits(design(sampler, dimensions, SIZES[-1], seed), low, high)
            for size in SIZES:
                hit[size].append((found <= size).mean())
    return {size: float(np.mean(shares)) for size, shares in hit.items()}


def grid_success(dimensions: int, shape: str) -> dict[int, float]:
    """The same for grids with 1, 2, … ticks on each axis, as far as 512 points go."""
    shares = {}
    ticks = 1
    while ticks**dimensions <= SIZES[-1]:
        points = grid(dimensions, ticks)
        found = [
            np.isfinite(first_hits(points, *targets(shape, dimensions, TARGETS, seed))).mean()
            for seed in range(DESIGNS)
        ]
        shares[ticks**dimensions] = float(np.mean(found))
        ticks += 1
    return shares


def run() -> pd.DataFrame:
    """One row per dimension, shape, design and T, with the share of targets hit."""
    rows = []
    for dimensions in (3, 5):
        for shape in ("cube", "box"):
            for name in (*SAMPLERS, "grid"):
                shares = (
                    grid_success(dimensions, shape)
                    if name == "grid"
                    else success(name, dimensions, shape)
                )
                rows += [(dimensions, shape, name, t, share) for t, share in shares.items()]
    return pd.DataFrame(rows, columns=["dimensions", "target", "design", "points", "success"])


def draw(table: pd.DataFrame, path: Path):
    """Success against T, a panel for each kind of target; the analytic curve of random search."""
    sns.set_theme(context="paper", style="ticks", palette="colorblind")
    grid_of_panels = sns.relplot(
        table,
        x="points",
        y="success",
        hue="design",
        style="design",
        row="dimensions",
        col="target",
        kind="line",
        markers=True,
        height=2.8,
        aspect=1.3,
    )
    sizes = np.geomspace(1, SIZES[-1], 100)
    for panel in grid_of_panels.axes.flat:
        panel.plot(sizes, 1 - (1 - VOLUME) ** sizes, color="0.5", linewidth=4, alpha=0.4, zorder=0)
        panel.set_xscale("log", base=2)
    grid_of_panels.set_axis_labels("points", "share of targets hit")
    grid_of_panels.figure.suptitle(
        "How often T points hit 1 % of the cube (grey: 1 − 0.99^T)", y=1.02
    )
    grid_of_panels.figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(grid_of_panels.figure)


def main():
    """Print and write the table, and draw it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
    table = run()
    table.to_csv(folder / "simulated_targets.csv", index=False)
    draw(table, folder / "simulated_targets.svg")
    wide = table.pivot_table(
        values="success", index=["dimensions", "target", "design"], columns="points"
    )
    print(wide[list(SIZES)].round(3).to_string(na_rep="–"))


if __name__ == "__main__":
    main()
