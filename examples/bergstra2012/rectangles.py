"""Tall or wide: the outline of one rectangle, after Larochelle et al. (ICML 2007).

28 × 28 pixels, the outline 1 on 0. Height and width are uniform and drawn again where they differ
by less than 3 pixels; the corner is uniform among the places where the rectangle fits. The label
is 1 where it is taller than wide. So Bergstra & Bengio describe the data (JMLR 2012, section 2.3).

They do not say which heights and widths there are. Here it is all from 3, the least that encloses
something, to 28, the most that fits. The images are drawn anew, so they are not those of the paper.
They are harder, for a support vector machine and for the network. README.md has the numbers, also
for other least sides, of which none agrees with both.
"""

import numpy as np

SIDE = 28
LEAST = 3  # pixels of a side
DIFFERENCE = 3  # of height and width, at least
SIZES = {"train": 1_000, "validation": 200, "test": 50_000}


def load_rectangles() -> dict:
    """The data set of the study: each part is drawn from a stream of its own."""
    return {part: rectangles(size, [number]) for number, (part, size) in enumerate(SIZES.items())}


def rectangles(count: int, seed) -> tuple[np.ndarray, np.ndarray]:
    """Images of shape (count, 784), float32, and their labels: 1 for tall, 0 for wide."""
    rng = np.random.default_rng(seed)
    height, width = sides(count, rng)
    inside_rows, edge_rows = spans(height, rng)
    inside_columns, edge_columns = spans(width, rng)
    inside = inside_rows[:, :, None] & inside_columns[:, None, :]
    outline = inside & (edge_rows[:, :, None] | edge_columns[:, None, :])
    return outline.reshape(count, -1).astype(np.float32), (height > width).astype(np.int64)


def sides(count: int, rng: np.random.Generator) -> np.ndarray:
    """Heights and widths, of shape (2, count)."""
    drawn = np.empty((2, 0), dtype=np.int64)
    while drawn.shape[1] < count:
        more = rng.integers(LEAST, SIDE + 1, (2, count))
        differ = abs(more[0] - more[1]) >= DIFFERENCE
        drawn = np.concatenate([drawn, more[:, differ]], axis=1)
    return drawn[:, :count]


def spans(length: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of these lengths, placed at random; which pixels lie in them and at their ends.

    Both are of shape (intervals, 28).
    """
    first = rng.integers(0, SIDE - length + 1)[:, None]
    last = first + length[:, None] - 1
    pixel = np.arange(SIDE)
    return (first <= pixel) & (pixel <= last), (pixel == first) | (pixel == last)
