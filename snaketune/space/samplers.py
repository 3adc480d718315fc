"""How a search fills its space: by a grid, at random, or by a quasi-random sequence.

Random search and the quasi-random samplers differ only in where the trials lie in the unit cube. A
draw is rejected if it violates a constraint, or if it duplicates another where all configurations
have to be distinct. Random search and the latin hypercube then draw again from a stream that
belongs to this trial alone, so the other trials stay as they are. A sequence goes on to its next
point.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import itemgetter
from typing import Any

from snaketune.base.errors import StudyError
from snaketune.base.identity import canonical
from snaketune.base.words import plural
from snaketune.space.space import Config, Space

ATTEMPTS = 1000  # draws for one trial after which its space is held to admit nothing new
_LISTED = 100_000  # so many configurations at most are listed, to draw from those that are left
SOBOL_DIMENSIONS = 21_201  # of SciPy; one is for the choice among several spaces
_PER_BLOCK = 8  # 64 bytes of BLAKE2b are eight 64-bit draws
# Names of internal streams; they contain a blank, so no hyperparameter can be called so.
_WHICH_SPACE, _ORDER, _REST = "which space", "order of the grid", "the rest"

Seed = int | list[int]
Stream = int | Sequence["int | str | Seed"]  # what seeds draws: a search's seed, or made from it
Point = Callable[[int, int], dict[str, float]]  # (trial, attempt) -> a u in [0, 1) for each name


@dataclass
class Design:
    """The configurations of a search in order, and notes for people on how they came about."""

    configurations: list[Config] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def draws(seed: Stream, name: str, number: int) -> list[float]:
    """The first `number` draws of hyperparameter `name`, uniform on [0, 1) with 53 bits each.

    Counter-based (Salmon et al., SC 2011): draw i is a function of (seed, name, i) alone. A larger
    budget keeps the earlier draws, another hyperparameter does not move them, and neither the
    order of execution nor the machine matters.

    >>> draws(0, "lr", 2)
    [0.023928321765557925, 0.6372812915770707]
    """
    stream = blake2b(canonical([seed, name]).encode(), digest_size=64, person=b"snaketune")
    values: list[int] = []
    for block in range(-(-number // _PER_BLOCK)):
        counted = stream.copy()
        counted.update(block.to_bytes(8, "little"))
        values += (bits >> 11 for bits in struct.unpack("<8Q", counted.digest()))
    return [value * 2.0**-53 for value in values[:number]]


def grid(
    spaces: Sequence[Space],
    points: int | dict[str, int] | None,
    ends: bool,
    include: Sequence[Config],
    shuffle: Seed | None,
    limit: int,
) -> Design:
    """All cells of the spaces' grids, row by row, or shuffled by a seed; `include` comes first.

    `points` and `ends` are those of `Space.axes`. Cells that violate a constraint are left out, and
    so are duplicates. Raises `StudyError` for more than `limit` cells, and for none.
    """
    cells: list[tuple[Space, Config]] = []
    for space in spaces:
        axes = space.axes(points, ends, limit)
        cells += [(space, cell) for cell in space.cells(axes, limit + 1 - len(cells))]
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
    design = Design(list(distinct.values()))
    if left_out := len(cells) - len(admitted):
        counted = f"{plural(left_out, 'cell')} of {len(cells):,}"
        design.notes.append(f"left out for violating a constraint: {counted}")
    if same := len(admitted) + len(include) - len(distinct):
        design.notes.append(f"left out as duplicates: {plural(same, 'cell')}")
    return design


def sample(
    spaces: Sequence[Space],
    sampler: str,
    trials: int,
    seed: Seed,
    include: Sequence[Config] = (),
    distinct: bool = False,
) -> Design:
    """`trials` configurations by `sampler`: those in `include` (no more) first, then the drawn.

    Included configurations take the place of the first draws. With `distinct`, there are no
    duplicates: after a thousand of them in a row, a draw comes from a list of all that are left.
    Raises `StudyError` where that list is empty or can't be made, and where a thousand draws in a
    row violate a constraint.
    """
    names = sorted({name for space in spaces for name in space.domains})
    if len(spaces) > 1:
        names = [_WHICH_SPACE, *names]
    point = _SAMPLERS[sampler](names, trials, seed)
    for i in range(len(include)):
        point(i, 0)  # a sequence moves on
    design = Design(list(include))
    seen = {canonical(config) for config in include} if distinct else None
    again, rest = 0, None
    for i in range(len(include), trials):
        config, rejected = _accepted(spaces, point, i, seen) if rest is None else (None, 0)
        again += rejected
        if config is None:
            rest = _rest(spaces, seen, i) if rest is None else rest
            config = _drawn_from(rest, seed, i)
        if seen is not None:
            seen.add(canonical(config))
        design.configurations.append(config)
    if again:
        reasons = ["violating a constraint"] if any(space.constraints for space in spaces) else []
        reasons += ["duplicating another"] if distinct else []
        design.notes.append(f"drawn again for {' or '.join(reasons)}: {plural(again, 'draw')}")
    return design


def _accepted(
    spaces: Sequence[Space], point: Point, i: int, seen: set[str] | None
) -> tuple[Config | None, int]:
    """The first draw for trial i that is not rejected, and how many were before it.

    It is None where a thousand draws are rejected. `seen` has the canonical text of the
    configurations that would be duplicates, if that matters.
    """
    for attempt in range(ATTEMPTS):
        units = point(i, attempt)
        space = spaces[int(units.get(_WHICH_SPACE, 0) * len(spaces))]
        config = space.configuration(units)
        if space.admits(config) and (seen is None or canonical(config) not in seen):
            return config, attempt
    return None, ATTEMPTS


def _rest(spaces: Sequence[Space], seen: set[str] | None, drawn: int) -> list[Config]:
    """The configurations that are not in `seen`, of spaces that have countably many.

    Raises `StudyError` where duplicates do not matter, as then all draws violated a constraint, and
    where the configurations are too many to list, or not countable.
    """
    if seen is None:
        raise _violated(spaces)
    rest: dict[str, Config] = {}
    for space in spaces:
        axes = {n: d.values for n, d in space.domains.items() if d.values is not None}
        is_countable = len(axes) == len(space.domains)
        cells = space.cells(axes, _LISTED + 1) if is_countable else []
        if not is_countable or len(cells) > _LISTED:
            raise StudyError(
                f"{ATTEMPTS:,} draws in a row gave no new configuration after the first {drawn:,}",
                "Ask for fewer trials, widen the space, or leave out 'distinct'",
                ("trials",),
            )
        rest |= {canonical(cell): cell for cell in cells if space.admits(cell)}
    if not rest:
        raise _violated(spaces)
    return [cell for text, cell in rest.items() if text not in seen]


def _violated(spaces: Sequence[Space]) -> StudyError:
    texts = dict.fromkeys(c.text for space in spaces for c in space.constraints)
    return StudyError(
        f"{ATTEMPTS:,} draws in a row violated a constraint ({' and '.join(texts)})",
        "Loosen it, or narrow the space to where it holds",
        ("constraints",),
    )


def _drawn_from(rest: list[Config], seed: Seed, drawn: int) -> Config:
    """One of the configurations that are left, which is left no longer."""
    if not rest:
        raise StudyError(
            f"there are only {plural(drawn, 'different configuration')}",
            f"Ask for {plural(drawn, 'trial')}, widen the space, or leave out 'distinct'",
            ("trials",),
        )
    (place,) = draws([seed, drawn], _REST, 1)
    return rest.pop(int(place * len(rest)))


def _random(names: list[str], trials: int, seed: Seed) -> Point:
    """Independent draws; a further attempt at a trial has its own stream."""
    columns = {name: draws(seed, name, trials) for name in names}

    def point(i: int, attempt: int) -> dict[str, float]:
        if attempt:
            return {name: draws([seed, i, attempt], name, 1)[0] for name in names}
        return {name: column[i] for name, column in columns.items()}

    return point


def _sequence(engine: str) -> Callable[[list[str], int, Seed], Point]:
    """A scrambled low-discrepancy sequence by SciPy: a further attempt takes the next point.

    So a larger budget keeps the earlier trials. (Owen 1998; Matoušek 1998.)
    """

    def points(names: list[str], trials: int, seed: Seed) -> Point:
        from scipy.stats import qmc

        sequence = getattr(qmc, engine)(len(names), rng=_generator(seed))
        following = _rows(sequence, names, trials)
        return lambda i, attempt: next(following)

    return points


def _rows(sequence: Any, names: list[str], trials: int) -> Iterator[dict[str, float]]:
    """The points of a SciPy engine without end, drawn in blocks that double."""
    # The first block is a power of two: SciPy warns of a Sobol' sequence that is cut elsewhere.
    block = 1 << (trials - 1).bit_length()
    while True:
        for row in _below_one(sequence.random(block)):
            yield dict(zip(names, row, strict=True))
        block = sequence.num_generated


def _latin_hypercube(names: list[str], trials: int, seed: Seed) -> Point:
    """A latin hypercube of `trials` points by SciPy; a further attempt is a random draw."""
    from scipy.stats import qmc

    rows = _below_one(qmc.LatinHypercube(len(names), rng=_generator(seed)).random(trials))

    def point(i: int, attempt: int) -> dict[str, float]:
        if attempt:
            return {name: draws(["lhs", seed, i, attempt], name, 1)[0] for name in names}
        return dict(zip(names, rows[i], strict=True))

    return point


def _generator(seed: Seed) -> Any:
    """NumPy's generator for SciPy's engines; loaded here, for a random search needs no NumPy."""
    import numpy

    return numpy.random.default_rng(seed)


def _below_one(points: Any) -> list[list[float]]:
    """An array of points (rows) as lists, with 1 itself, which rounding may give, kept out."""
    rows: list[list[float]] = points.clip(max=1 - 2.0**-53).tolist()
    return rows


# By sampler: from the names, the budget and the seed to the points of the unit cube.
_SAMPLERS: Mapping[str, Callable[[list[str], int, Seed], Point]] = {
    "random": _random,
    "sobol": _sequence("Sobol"),
    "halton": _sequence("Halton"),
    "lhs": _latin_hypercube,
}
