"""The spaces of searches: the study's space, with the entries of a search laid over it."""

from snaketune.base.errors import Key, StudyError, inside, suggest
from snaketune.planning.yamlfile import Spec
from snaketune.space.space import Space

KeyPath = tuple[Key, ...]


class Spaces:
    """Builds the spaces of a study's searches.

    `shared` is the space that the study has for all of them; it may be empty. Raises `StudyError`
    for a fault in it.
    """

    def __init__(self, content: Spec) -> None:
        self._entries: Spec = content.get("space", {})
        self._constraints: list[str] = content.get("constraints", [])
        with inside("space"):
            self.shared = Space.parse(self._entries)
            self.shared.check_conditions()

    def of_search(self, spec: Spec, path: KeyPath) -> tuple[Space, ...]:
        """The spaces of the search at `path`: one, or several if it lists them.

        Raises `StudyError`, with the whole path of the fault.
        """
        own = spec.get("space", {})
        listed: list[Spec] = own if isinstance(own, list) else [own]
        known = list(dict.fromkeys([*self._entries, *(name for each in listed for name in each)]))
        if not known:
            raise StudyError(
                "there are no hyperparameters",
                "Write a space here, or one for the whole study",
                (*path, "space"),
            )
        constraints = [*self._constraints, *spec.get("constraints", [])]
        spaces = []
        for position, entries in enumerate(listed):
            place = (*path, "space", position) if isinstance(own, list) else (*path, "space")
            self._check_overrides(entries, place)
            try:
                spaces.append(Space.parse(self._laid_over(entries), constraints, known))
            except StudyError as error:
                raise self._placed_in_space(error, entries, place, path) from None
        return tuple(spaces)

    def placed(self, error: StudyError, path: KeyPath, has_constraints: bool = True) -> StudyError:
        """The `error` from inside the search at `path`, with the whole path of the fault.

        Constraints count from the study's on. A fault of all constraints together is the search's
        if it `has_constraints` of its own.
        """
        match error.path:
            case ("constraints", int(position), *_):
                own = position - len(self._constraints)
                at = (*path, "constraints", own) if own >= 0 else ("constraints", position)
                return StudyError(error.fault, error.remedy, at)
            case ("constraints",) if not has_constraints:
                return error
        return error.inside(*path)

    def _placed_in_space(
        self, error: StudyError, entries: Spec, place: KeyPath, path: KeyPath
    ) -> StudyError:
        """A fault of the space whose `entries` are at `place`, unless it is in the study's own."""
        first = error.path[0]
        if first == "constraints":
            return self.placed(error, path)
        return error.inside(*(place if first in entries else ("space",)))

    def _check_overrides(self, entries: Spec, place: KeyPath) -> None:
        """Refuse an entry that overrides none of the study's.

        One of several spaces may add hyperparameters, but none whose name looks like a slip.
        """
        if not self._entries:
            return
        for name in entries:
            if name in self._entries:
                continue
            otherwise = "Add it to the study's space; a single value there is enough"
            remedy = suggest(name, self._entries, otherwise)
            if remedy != otherwise or place[-1] == "space":
                raise StudyError(
                    "the study's space does not have this hyperparameter", remedy, (*place, name)
                )

    def _laid_over(self, entries: Spec) -> Spec:
        return self._entries | {name: self._kept(name, entry) for name, entry in entries.items()}

    def _kept(self, name: str, entry: object) -> object:
        """An override, with the condition of what it overrides unless it has one itself."""
        overridden = self._entries.get(name)
        if not isinstance(overridden, dict) or "when" not in overridden:
            return entry
        if not isinstance(entry, dict):
            entry = {"choice": entry if isinstance(entry, list) else [entry]}
        return {"when": overridden["when"], **entry}
