"""Constraints between hyperparameters, such as ``hidden * layers <= 512``."""

import ast
from collections.abc import Collection, Mapping
from typing import Any

from snaketune.base.errors import StudyError, show

_FUNCTIONS = {"abs": abs, "len": len, "max": max, "min": min}
_CONSTANTS = {"true": True, "false": False, "null": None}  # as in the rest of a study file
_BIT_OPERATORS = (ast.BitXor, ast.BitAnd, ast.BitOr, ast.LShift, ast.RShift, ast.Invert)


class Constraint:
    """An expression over hyperparameters that every configuration of a search has to satisfy.

    simpleeval evaluates it: arithmetic, comparisons, `and`, `or`, `not`, `in` and a few functions,
    and nothing else can be called or reached. A configuration in which one of its hyperparameters
    is inactive satisfies it. `names` are its hyperparameters.

    >>> Constraint("a < b", 0, ["a", "b"]).holds({"a": 1, "b": 2})
    True
    """

    def __init__(self, text: str, position: int, names: Collection[str]) -> None:
        """The constraint at `position` of a list, on hyperparameters among `names`.

        Raises `StudyError` where the text is not an expression, is not a condition, or names
        something else.
        """
        # It is imported here, as few studies have constraints and every cluster job plans.
        from simpleeval import EvalWithCompoundTypes, InvalidExpression

        self.text, self._path = text, ("constraints", position)
        self._invalid = InvalidExpression
        self._evaluator = EvalWithCompoundTypes(functions=_FUNCTIONS)
        try:
            self._parsed = self._evaluator.parse(text)
        except (InvalidExpression, SyntaxError) as error:
            raise StudyError(
                f"{show(text)} is not an expression ({error})",
                "Write a comparison of hyperparameters, such as hidden * layers <= 512",
                self._path,
            ) from None
        expression = self._parsed.value if isinstance(self._parsed, ast.Expr) else self._parsed
        if not _is_condition(expression) or _has_bit_operator(expression):
            raise StudyError(
                f"{show(text)} is not true or false",
                "Compare hyperparameters by ==, !=, <, <=, >, >= or in; a power is written **",
                self._path,
            )
        nodes = [node for node in ast.walk(expression) if isinstance(node, ast.Name)]
        self.names = {node.id for node in nodes} - {*_FUNCTIONS, *_CONSTANTS}
        self._check_names(names)

    def _check_names(self, known: Collection[str]) -> None:
        for name in sorted(self.names):
            if name not in known:
                raise StudyError(
                    f"{show(self.text)} names '{name}', which is not a hyperparameter",
                    f"Name some of {', '.join(known)}, and put text in quotes; the functions are "
                    f"{', '.join(_FUNCTIONS)}",
                    self._path,
                )

    def holds(self, config: Mapping[str, Any]) -> bool:
        """Whether `config` satisfies the constraint.

        Raises `StudyError` where it can't be evaluated for this configuration.
        """
        if not self.names <= config.keys():
            return True
        self._evaluator.names = {**_CONSTANTS, **config}
        try:
            return bool(self._evaluator.eval(self.text, previously_parsed=self._parsed))
        except (self._invalid, ArithmeticError, TypeError, ValueError) as error:
            raise StudyError(
                f"{show(self.text)} can't be evaluated for {show(config)} ({error})",
                "Write a comparison that is true or false for every configuration; where x may be "
                "null, begin with 'x == null or'",
                self._path,
            ) from None


def _is_condition(node: ast.AST) -> bool:
    """Whether an expression is made of comparisons, and of names that may be booleans."""
    match node:
        case ast.Compare() | ast.Name():
            return True
        case ast.BoolOp():
            return all(map(_is_condition, node.values))
        case ast.UnaryOp(op=ast.Not()):
            return _is_condition(node.operand)
    return False


def _has_bit_operator(node: ast.AST) -> bool:
    """Whether ^, &, |, <<, >> or ~ is in it, written by mistake for a power, `and` or `or`."""
    return any(isinstance(part, _BIT_OPERATORS) for part in ast.walk(node))
