"""Constraints between hyperparameters, such as ``hidden * layers <= 512``."""

import ast
from collections.abc import Collection, Mapping
from typing import Any

from snaketune.base.errors import StudyError, show

_FUNCTIONS = {"abs": abs, "len": len, "max": max, "min": min}
_CONSTANTS = {"true": True, "false": False, "null": None}  # as in the rest of a study file
# What an expression may be made of; simpleeval could do more, such as reach attributes.
_PARTS = (
    *(ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop),
    *(ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant),
    *(ast.Call, ast.List, ast.Tuple, ast.Subscript),
)
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
        from simpleeval import DEFAULT_OPERATORS, EvalWithCompoundTypes

        self.text, self._path = text, ("constraints", position)
        self._evaluator = EvalWithCompoundTypes(
            operators={**DEFAULT_OPERATORS, ast.Mod: _modulo}, functions=_FUNCTIONS
        )
        self._parsed = self._parse(text)
        nodes = [node for node in ast.walk(self._parsed) if isinstance(node, ast.Name)]
        self.names = {node.id for node in nodes} - {*_FUNCTIONS, *_CONSTANTS}
        self._check_names(names)

    def _parse(self, text: str) -> ast.expr:
        """The expression. Raises `StudyError` for what is none, or none that is a condition."""
        try:
            statement, *more = ast.parse(text.strip()).body
            assigned = isinstance(statement, ast.Assign)  # x = 1, by mistake for x == 1
            if more or not isinstance(statement, ast.Expr | ast.Assign):
                raise SyntaxError("it is not one expression")
            expression = statement.value
            if not all(isinstance(node, _PARTS) for node in ast.walk(expression)):
                raise SyntaxError("it has more than arithmetic, comparisons and functions")
            condition = _is_condition(expression) and not assigned
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise StudyError(
                f"{show(text)} is not an expression ({error or type(error).__name__})",
                "Write a comparison of hyperparameters, such as hidden * layers <= 512",
                self._path,
            ) from None
        if not condition or _has_bit_operator(expression):
            raise StudyError(
                f"{show(text)} is not true or false",
                "Compare hyperparameters by ==, !=, <, <=, >, >= or in; a power is written **",
                self._path,
            )
        return expression

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
        except Exception as error:  # whatever an expression may do
            raise StudyError(
                f"{show(self.text)} can't be evaluated for {show(config)} ({error})",
                "Write a comparison that is true or false for every configuration; where x may be "
                "null, begin with 'x == null or'",
                self._path,
            ) from None


def _modulo(a: Any, b: Any) -> Any:
    """Of numbers alone: of a text, % would be formatting, which can fill the memory."""
    if isinstance(a, str):
        raise TypeError("% is for numbers")
    return a % b


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
