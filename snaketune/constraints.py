"""Constraints between hyperparameters, such as ``hidden * layers <= 512``."""

import ast
from collections.abc import Collection

from snaketune.errors import StudyError, show

_FUNCTIONS = {"abs": abs, "len": len, "max": max, "min": min}


class Constraint:
    """An expression over hyperparameters that every configuration of a search has to meet.

    It is evaluated by simpleeval, which knows arithmetic, comparisons, `and`, `or`, `not`, `in`
    and a few functions, and can neither call nor reach anything else. A constraint on a
    hyperparameter that is inactive in a configuration is met by it. Raises `StudyError` where the
    text is no expression or names no hyperparameter.
    """

    def __init__(self, text: str, position: int, names: Collection[str]):
        from simpleeval import EvalWithCompoundTypes, InvalidExpression

        self.text, self._path = text, ("constraints", position)
        self._invalid = InvalidExpression
        self._evaluator = EvalWithCompoundTypes(functions=_FUNCTIONS)
        try:
            self._parsed = self._evaluator.parse(text)
        except (InvalidExpression, SyntaxError) as error:
            raise StudyError(
                f"{show(text)} is no expression ({error})",
                "Write a comparison of hyperparameters, such as hidden * layers <= 512",
                self._path,
            ) from None
        nodes = [node for node in ast.walk(self._parsed) if isinstance(node, ast.Name)]
        self.names = {node.id for node in nodes} - set(_FUNCTIONS)
        for name in sorted(self.names):
            if name not in names:
                raise StudyError(
                    f"{show(text)} names '{name}', which is no hyperparameter",
                    f"Name some of {', '.join(names)}; put text in quotes",
                    self._path,
                )

    def holds(self, config: dict) -> bool:
        """Whether `config` meets the constraint.

        Raises `StudyError` where it can't be evaluated for this configuration.
        """
        if not self.names <= config.keys():
            return True
        self._evaluator.names = config
        try:
            return bool(self._evaluator.eval(self.text, previously_parsed=self._parsed))
        except (self._invalid, ArithmeticError, TypeError, ValueError) as error:
            raise StudyError(
                f"{show(self.text)} can't be evaluated for {show(config)} ({error})",
                "Write a comparison that holds or does not for every configuration",
                self._path,
            ) from None
