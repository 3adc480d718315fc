"""How a search fills its space: by a grid, at random, or by a quasi-random sequence.

Random search and the quasi-random samplers differ only in where a trial lies in the unit cube. A
point that may not stand (it breaks a constraint, or repeats one where all have to be distinct)
gives way to random draws from a stream of its own, so the other trials stay as they are.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice

from snaketune.errors import StudyError
from snaketune.identity import canonical
from snaketune.space import Space

QUASI_RANDOM = ("sobol", "halton", "lhs")
ATTEMPTS = 1000  # draws for one trial before its space is held to admit nothing
_PER_BLOCK = 8  # 64 bytes of BLAKE2b are eight 64-bit draws
_WHICH_SPACE, _ORDER = "which space", "order of the grid"  # streams; no hyperparameter has a space

Seed = int | list[int]


@dataclass
class Design:
    """The configurations of a search in order, and what a person should know of how they came."""

    configurations: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def draws(seed: Seed, name: str, number: int) -> list[float]:
    """The first `number` draws of hyperparameter `name`, uniform on [0, 1) with 53 bits each.

    Counter-based (Salmon et al., SC 2011): draw i is a function of (seed, name, i) alone. A larger
    budget keeps the earlier draws, another hyperparameter does not move them, and neither the
    order of execution nor the machine matters.
    """
    stream = blake2b(canonical([seed, name]).encode(), digest_size=64, person=b"snaketune")
    values = []
    for block in range(-(-number // _PER_BLOCK)):
        counted = stream.copy()
        counted.update(block.to_bytes(8, "little"))
        values += (bits >> 11 for bits in struct.unpack("<8Q", counted.digest()))
    return [value * 2.0**-53 for value in values[:number]]


def grid(
    spaces: Sequence[Space],
    points: int | dict | None,
    ends: bool,
    include: Sequence[dict],
    shuffle: Seed | None,
    limit: int,
) -> Design:
    """All cells of the spaces' grids, row by row, or shuffled by a seed; `include` comes first.

    Cells that break a constraint are left out, and each configuration stands once. Raises
    `StudyError` for more than `limit` cells.
    """
    cells = [
        (space, cell)
        for space in spaces
        for cell in islice(space.cells(space.axes(points, ends)), limit + 1)
    ]
    if len(cells) > limit:
        raise StudyError(
            f"the grid has more than {limit:,} cells", "Take fewer values, or raise max_trials"
        )
    admitted = [cell for space, cell in cells if space.admits(cell)]
    if not admitted:
        raise StudyError("no cell of the grid meets the constraints", "Loosen a constraint")
    if shuffle is not None:
        places = draws(shuffle, _ORDER, len(admitted))
        admitted = [cell for _, cell in sorted(zip(places, admitted, strict=True), key=_first)]
    distinct = {canonical(config): config for config in [*include, *admitted]}
    notes = []
    if left_out := len(cells) - len(admitted):
        notes.append(f"left out, as it breaks a constraint: {_cells(left_out)} of {len(cells):,}")
    if same := len(admitted) + len(include) - len(distinct):
        notes.append(f"left out, as it is the same as another: {_cells(same)}")
    return Design(list(distinct.values()), notes)


def sample(
    spaces: Sequence[Space],
    sampler: str,
    trials: int,
    seed: Seed,
    include: Sequence[dict] = (),
    distinct: bool = False,
) -> Design:
    """`trials` configurations by `sampler`: those in `include` (no more) first, then the drawn.

    Trial i takes the i-th draw whatever comes first. With `distinct`, no configuration stands
    twice. Raises `StudyError` where a thousand draws in a row may not stand.
    """
    names = sorted({name for space in spaces for name in space.domains})
    if len(spaces) > 1:
        names = [_WHICH_SPACE, *names]
    fill = _quasi_random if sampler in QUASI_RANDOM else _random
    columns = fill(sampler, names, trials, seed)
    design = Design(list(include))
    seen = {canonical(config) for config in design.configurations} if distinct else set()
    again = 0
    for i in range(len(design.configurations), trials):
        for attempt in range(ATTEMPTS):
            if attempt == 0:
                units = {name: columns[name][i] for name in names}
            else:
                units = {name: draws([seed, i, attempt], name, 1)[0] for name in names}
            space = spaces[int(units.get(_WHICH_SPACE, 0) * len(spaces))]
            config = space.configuration(units)
            if space.admits(config) and not (distinct and canonical(config) in seen):
                break
        else:
            raise _nothing_left(space, distinct, len(seen))
        again += attempt
        if distinct:
            seen.add(canonical(config))
        design.configurations.append(config)
    if again:
        reason = " or repeated another" if distinct else ""
        drawn = "1 draw" if again == 1 else f"{again:,} draws"
        design.notes.append(f"drawn again, as it broke a constraint{reason}: {drawn}")
    return design


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number:,} cells"


def _first(pair: tuple):
    return pair[0]


def _random(sampler: str, names: list[str], trials: int, seed: Seed) -> dict[str, list[float]]:
    """Independent draws: a column of `trials` numbers for each name."""
    return {name: draws(seed, name, trials) for name in names}


def _quasi_random(sampler: str, names: list[str], trials: int, seed: Seed) -> dict:
    """A low-discrepancy design: a column of `trials` numbers for each name, by SciPy.

    Sobol' points are scrambled (Owen 1998; Matoušek 1998) and Halton's too; both are sequences, so
    a larger budget keeps the earlier points. A latin hypercube is a design of its size.
    """
    import numpy
    from scipy.stats import qmc

    engine: Callable = {"sobol": qmc.Sobol, "halton": qmc.Halton, "lhs": qmc.LatinHypercube}[
        sampler
    ]
    rng = numpy.random.default_rng(seed)
    if sampler == "sobol":
        # Sequences are drawn whole, in powers of two, and cut: SciPy warns otherwise.
        points = engine(len(names), rng=rng).random_base2((trials - 1).bit_length())[:trials]
    else:
        points = engine(len(names), rng=rng).random(trials)
    top = 1 - 2.0**-53
    return {name: numpy.minimum(points[:, k], top).tolist() for k, name in enumerate(names)}


def _nothing_left(space: Space, distinct: bool, found: int) -> StudyError:
    if distinct:
        return StudyError(
            f"{ATTEMPTS:,} draws in a row gave no configuration beside the {found:,} there are",
            "Ask for fewer trials, widen the space, or leave out 'distinct'",
            ("trials",),
        )
    texts = " and ".join(constraint.text for constraint in space.constraints)
    return StudyError(
        f"{ATTEMPTS:,} draws in a row broke a constraint ({texts})",
        "Loosen it, or narrow the space to where it holds",
        ("constraints",),
    )
