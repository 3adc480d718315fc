"""How often a design of T points hits a small target: Bergstra & Bengio (2012), section 4.

    python benchmarks/simulated_targets.py [FOLDER]

A target is a box of 1 % of the unit cube's volume, placed uniformly so that it lies wholly inside:
a cube, or a box whose sides are uniform draws rescaled to that volume. A design succeeds if any of
its points falls inside. Independent random points do so with probability 1 − 0.99^T, whatever the
shape. For a grid of cell centres the probability given a box's sides is a product over the axes
(`grid_chance`). The tests compare the simulation with both.

The table and the figure (`simulated_targets.csv`, `.svg`) go to FOLDER, else to `results`. The
printed table has the powers of 2, and 100, 125, 200 and 243. A grid of 100 has 4 × 5 × 5 values,
one of 125 has 5 on each of 3 axes, one of 243 has 3 on each of 5. The grids of other sizes are in
the file only.
"""

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt

from snaketune.space.samplers import sample
from snaketune.space.space import Space

VOLUME = 0.01
SIZES = (1, 2, 4, 8, 16, 32, 64, 100, 125, 128, 200, 243, 256, 512)
GRIDS = {  # values on each axis
    3: [(1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (4, 5, 5)] + [(k, k, k) for k in (5, 6, 7, 8)],
    5: [(k,) * 5 for k in (1, 2, 3)],
}
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


def grid(ticks: tuple[int, ...]) -> np.ndarray:
    """The cell centres of a grid with so many values on each axis; shape (points, dimensions)."""
    names = [f"x{k}" for k in range(len(ticks))]
    space = Space.parse({name: {"uniform": [0, 1]} for name in names})
    axes = space.axes(dict(zip(names, ticks, strict=True)), ends=False, most=max(ticks))
    return np.array([list(cell.values()) for cell in space.cells(axes, math.prod(ticks))])


def grid_chance(ticks: tuple[int, ...], sides: np.ndarray) -> np.ndarray:
    """The probability that such a grid hits boxes with these sides, of shape (boxes, dimensions).

    On one axis a side s holds one of the k centres where its lower end, uniform from 0 to 1 − s,
    lies at most s below a centre. These stretches are disjoint where s < 1/k; the first and the
    last are cut off at 0 and 1 − s where s > 1/(2k). They cover everything from s = 1/k on.
    """
    k = np.array(ticks)
    inner, outer = (k - 2) * sides, 2 * np.minimum(sides, 1 / (2 * k))
    held = np.where(k == 1, np.minimum(sides, 1 - sides), inner + outer)
    return np.where(sides >= 1 / k, 1, held / (1 - sides)).clip(max=1).prod(axis=1)


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
    """The same for the grids of `GRIDS`, by their number of points."""
    shares = {}
    for ticks in GRIDS[dimensions]:
        points = grid(ticks)
        found = [
            np.isfinite(first_hits(points, *targets(shape, dimensions, TARGETS, seed))).mean()
            for seed in range(DESIGNS)
        ]
        shares[math.prod(ticks)] = float(np.mean(found))
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


def printed(table: pd.DataFrame) -> str:
    """The shares as text, a column for each T of `SIZES`; first the closed form."""
    wide = table.pivot_table(
        values="success", index=["dimensions", "target", "design"], columns="points"
    )[list(SIZES)]
    wide.loc["any", "any", "1 − 0.99^T"] = [1 - (1 - VOLUME) ** size for size in SIZES]
    return wide.iloc[[-1, *range(len(wide) - 1)]].round(3).to_string(na_rep="–")


def main():
    """Print and write the table, and draw it."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "results")
    table = run()
    table.to_csv(folder / "simulated_targets.csv", index=False)
    draw(table, folder / "simulated_targets.svg")
    print(printed(table))


if __name__ == "__main__":
    main()
