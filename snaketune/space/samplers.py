"""How a search fills its space: by a grid, at random, or by a quasi-random sequence.

Random search and the quasi-random samplers differ only in where a trial lies in the unit cube. A
point may not stand if it breaks a constraint, or repeats one where all have to be distinct. Random
search draws anew from a stream that is this trial's own, so the other trials stay as they are; a
sequence goes on to its next point.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from operator import itemgetter

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.space.space import Space

ATTEMPTS = 1000  # draws for one trial before its space is held to admit nothing
_PER_BLOCK = 8  # 64 bytes of BLAKE2b are eight 64-bit draws
_WHICH_SPACE, _ORDER = "which space", "order of the grid"  # streams; no hyperparameter has a space

Seed = int | list


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
        pairs = sorted(zip(places, admitted, strict=True), key=itemgetter(0))
        admitted = [cell for _, cell in pairs]
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

    Included configurations take the place of the first draws. With `distinct`, no configuration
    stands twice. Raises `StudyError` where a thousand draws in a row may not stand.
    """
    names = sorted({name for space in spaces for name in space.domains})
    if len(spaces) > 1:
        names = [_WHICH_SPACE, *names]
    point = _POINTS[sampler](names, trials, seed)
    for i in range(len(include)):
        point(i, 0)  # a sequence moves on
    design = Design(list(include))
    seen = {canonical(config) for config in include} if distinct else set()
    again = 0
    for i in range(len(include), trials):
        for attempt in range(ATTEMPTS):
            units = point(i, attempt)
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
        broken = ["broke a constraint"] if any(space.constraints for space in spaces) else []
        repeated = ["repeated another"] if distinct else []
        drawn = "1 draw" if again == 1 else f"{again:,} draws"
        design.notes.append(f"drawn again, as it {' or '.join(broken + repeated)}: {drawn}")
    return design


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number:,} cells"


def _random(names: list[str], trials: int, seed: Seed) -> Callable[[int, int], dict]:
    """Independent draws; a further attempt at a trial has a stream of its own."""
    columns = {name: draws(seed, name, trials) for name in names}

    def point(i: int, attempt: int) -> dict[str, float]:
        if attempt:
            return {name: draws([seed, i, attempt], name, 1)[0] for name in names}
        return {name: column[i] for name, column in columns.items()}

    return point


def _sequence(engine: str) -> Callable:
    """A scrambled low-discrepancy sequence by SciPy: a further attempt takes the next point.

    So a larger budget keeps the earlier trials. (Owen 1998; Matoušek 1998.)
    """

    def points(names: list[str], trials: int, seed: Seed) -> Callable[[int, int], dict]:
        from scipy.stats import qmc

        sequence = getattr(qmc, engine)(len(names), rng=_generator(seed))
        following = _rows(sequence, names, trials)
        return lambda i, attempt: next(following)

    return points


def _rows(sequence, names: list[str], trials: int) -> Iterator[dict[str, float]]:
    """The points of a SciPy engine without end, drawn in blocks that double."""
    # The first block is whole in powers of two: SciPy warns of a Sobol' sequence that is not.
    block = 1 << (trials - 1).bit_length()
    while True:
        for row in _below_one(sequence.random(block)):
            yield dict(zip(names, row, strict=True))
        block = sequence.num_generated


def _latin_hypercube(names: list[str], trials: int, seed: Seed) -> Callable[[int, int], dict]:
    """A latin hypercube of `trials` points by SciPy; a further attempt is a random draw."""
    from scipy.stats import qmc

    rows = _below_one(qmc.LatinHypercube(len(names), rng=_generator(seed)).random(trials))

    def point(i: int, attempt: int) -> dict[str, float]:
        if attempt:
            return {name: draws(["lhs", seed, i, attempt], name, 1)[0] for name in names}
        return dict(zip(names, rows[i], strict=True))

    return point


def _generator(seed: Seed):
    import numpy

    return numpy.random.default_rng(seed)


def _below_one(points) -> list[list[float]]:
    """An array of points as lists, with 1 itself, which rounding may give, kept out."""
    return points.clip(max=1 - 2.0**-53).tolist()


# By sampler: from the names, the budget and the seed to a function of trial and attempt that gives
# a u in [0, 1) for each name.
_POINTS = {
    "random": _random,
    "sobol": _sequence("Sobol"),
    "halton": _sequence("Halton"),
    "lhs": _latin_hypercube,
}


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
