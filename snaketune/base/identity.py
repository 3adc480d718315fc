"""What a trial *is*: canonical text, the fingerprint of code, and the hash that names a record.

A trial is named by what decides its result. So two searches that draw the same configuration share
one record, and whoever returns to an old setting finds its results again. Whatever changes the
output of these functions renames every trial.
"""

import ast
import hashlib
import json
from os import PathLike

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: object) -> str:
    """JSON with one spelling per value: keys sorted, no spaces, shortest round-trip floats.

    Raises `ValueError` for NaN and infinities, which JSON does not have.

    >>> canonical({"b": 0.1, "a": [1, None]})
    '{"a":[1,null],"b":0.1}'
    """
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """The first 16 hex digits (64 bits) of the SHA-256 of the text in UTF-8.

    Two of 100,000 trials get the same name with a probability of 3e-10.

    >>> digest("")
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: str | PathLike[str]) -> str:
    """The first 16 hex digits of the SHA-256 of a file's bytes. Raises `OSError`."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def code_fingerprint(source: str) -> str:
    """A digest of Python source that comments, docstrings and layout don't change.

    Raises `SyntaxError` where `source` is not Python.

    >>> code_fingerprint("x = 1  # one") == code_fingerprint("x=1")
    True
    """
    return tree_fingerprint(ast.parse(source))


def tree_fingerprint(tree: ast.Module) -> str:
    """`code_fingerprint` of source that has been parsed."""
    # Not of `ast.dump`: what it prints, and which empty fields a tree has, differ between versions
    # of Python, and a record has to survive an upgrade.
    return digest(canonical(_plain(tree)))


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _plain(node: object) -> object:
    """A syntax tree as lists, dicts and scalars, without docstrings and empty fields."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, ast.AST):
        # The type beside the value: 1, 1.0 and True are different constants.
        return [type(node).__name__, repr(node)]
    fields = dict(ast.iter_fields(node))
    if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = fields["body"][1:]
    if isinstance(node, ast.JoinedStr):
        # Python 3.12 has an empty text behind the last field of a format, as in f"{x:>{n}}".
        fields["values"] = [value for value in node.values if not _is_empty_text(value)]
    return {
        "node": type(node).__name__,
        **{name: _plain(value) for name, value in fields.items() if value not in (None, [])},
    }


def _is_empty_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""
