"""How a search fills the unit cube."""

import struct
from collections.abc import Iterator
from hashlib import blake2b

from snaketune.identity import canonical
from snaketune.space import Space

_PER_BLOCK = 8  # 64 bytes of BLAKE2b are eight 64-bit draws


def draws(seed: int, name: str, number: int) -> list[float]:
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


def random_search(space: Space, trials: int, seed: int) -> Iterator[dict]:
    """`trials` configurations, every hyperparameter drawn independently from its domain."""
    columns = {name: draws(seed, name, trials) for name in space.domains}
    for i in range(trials):
        yield space.configuration({name: column[i] for name, column in columns.items()})
