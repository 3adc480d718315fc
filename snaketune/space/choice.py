"""Lists of what a hyperparameter may be, in which domains may be nested."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from snaketune.base.errors import StudyError, show
from snaketune.space.checks import check_plain, is_number
from snaketune.space.domains import Domain, Scale, Value


@dataclass(frozen=True)
class Choice(Domain):
    """One of `members`, each as likely as the others; a member may be a domain of its own.

    A member that is a domain has its whole share of [0, 1) to itself: u is stretched to it.

    >>> Choice(("relu", "tanh")).from_unit(0.5)
    'tanh'
    """

    members: tuple[Domain | Value, ...]

    def __post_init__(self) -> None:
        if not self.members:
            raise StudyError("the list is empty", "Give at least one value")
        seen: dict[Hashable, int] = {}
        for position, member in enumerate(self.members):
            if isinstance(member, Domain):
                continue
            check_plain(member, (position,))
            first = seen.setdefault(_key(member), position)
            if first != position:
                raise StudyError(
                    f"the value {show(member)} appears twice (at [{first}] and [{position}])",
                    "Remove one of the two",
                )

    @property
    def values(self) -> Sequence[Value] | None:
        if not any(isinstance(member, Domain) for member in self.members):
            return self.members
        parts: list[Sequence[Value]] = []
        for member in self.members:
            part = member.values if isinstance(member, Domain) else (member,)
            if part is None:
                return None
            parts.append(part)
        return _Joined(parts)

    @property
    def scale(self) -> Scale:
        """Log for positive numbers that multiply rather than add up, else linear or category.

        A nested domain decides, and null and zero beside it change nothing: they mean "none".
        """
        nested = [member.scale for member in self.members if isinstance(member, Domain)]
        plain = [member for member in self.members if not isinstance(member, Domain)]
        if nested:
            mixed = any(member is not None and not is_number(member) for member in plain)
            return "category" if mixed or len(set(nested)) > 1 else nested[0]
        if not all(is_number(value) for value in plain):
            return "category"
        ordered = sorted(plain)
        if len(ordered) < 3 or ordered[0] <= 0:
            return "linear"
        steps = [b - a for a, b in pairwise(ordered)]
        ratios = [b / a for a, b in pairwise(ordered)]
        return "log" if max(ratios) / min(ratios) < max(steps) / min(steps) else "linear"

    def from_unit(self, u: float) -> Value:
        place = u * len(self.members)
        member = self.members[int(place)]
        return member.from_unit(place - int(place)) if isinstance(member, Domain) else member

    def to_unit(self, value: Value) -> float:
        position = self._position(value)
        if position is None:
            raise ValueError(f"{value!r} is not in the list")
        member = self.members[position]
        within = member.to_unit(value) if isinstance(member, Domain) else 0.5
        return (position + within) / len(self.members)

    def contains(self, value: Value) -> bool:
        return self._position(value) is not None

    def lists(self, value: Value) -> bool:
        position = self._position(value)
        if position is None:
            return False
        member = self.members[position]
        return member.lists(value) if isinstance(member, Domain) else True

    def described(self) -> str:
        return ", ".join(
            member.described() if isinstance(member, Domain) else show(member)
            for member in self.members
        )

    def grid(self, points: int, ends: bool = False) -> list[Value]:
        """All members; of each that is a domain, its own grid of `points` values."""
        return [
            value
            for member in self.members
            for value in (member.grid(points, ends) if isinstance(member, Domain) else [member])
        ]

    def _position(self, value: Value) -> int | None:
        """The position of `value` in the list, as a member or within a nested domain."""
        for position, member in enumerate(self.members):
            if isinstance(member, Domain):
                if member.contains(value):
                    return position
            elif same(member, value):
                return position
        return None


class _Joined(Sequence[Value]):
    """Sequences one after another, of which one may be the range of all integers."""

    def __init__(self, parts: Sequence[Sequence[Value]]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[Value]:
        return chain.from_iterable(self._parts)

    def __getitem__(self, place: Any) -> Any:
        if place < 0:
            place += len(self)
        for part in self._parts:
            if place < len(part):
                return part[place]
            place -= len(part)
        raise IndexError("beyond the last value")


def same(value: Value, other: Value) -> bool:
    """Whether two values are equal and of one kind: true is not 1, and 1 is 1.0.

    >>> same(1, 1.0), same(1, True), same([1], [True])
    (True, False, False)
    """
    return _key(value) == _key(other)


def _key(value: Value) -> Hashable:
    """A key that is equal for values that are the `same`."""
    if isinstance(value, list):
        return tuple(_key(item) for item in value)
    if isinstance(value, dict):
        return frozenset((name, _key(item)) for name, item in value.items())
    return isinstance(value, bool), value
