"""What a trial *is*: canonical text, the fingerprint of code, and the hash that names a record.

A trial is named by what decides its result, so that two searches that draw the same configuration
share one record, and going back to an old setting finds its results still there.
"""

import ast
import hashlib
import json

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value) -> str:
    """JSON with one spelling per value: keys sorted, no spaces, shortest round-trip floats.

    Raises `ValueError` for NaN and infinities, which JSON does not have.
    """
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """The first 16 hex digits (64 bits) of the text's SHA-256.

    Among 100,000 trials two different ones collide with probability 3e-10.
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path) -> str:
    """The first 16 hex digits of the SHA-256 of a file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def code_fingerprint(source: str) -> str:
    """A digest of Python source that comments, docstrings and layout don't change.

    It walks the syntax tree itself rather than `ast.dump` it: what `dump` prints, and which empty
    fields a tree has, differ between Python versions, and a record has to survive an upgrade.
    Raises `SyntaxError` where `source` is not Python.
    """
    return tree_fingerprint(ast.parse(source))


def tree_fingerprint(tree: ast.Module) -> str:
    """`code_fingerprint` of source that has been parsed."""
    return digest(canonical(_plain(tree)))


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _plain(node):
    """A syntax tree as lists, dicts and scalars, without docstrings and empty fields."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, ast.AST):
        # Type beside value: 1, 1.0 and True are different constants.
        return [type(node).__name__, repr(node)]
    fields = dict(ast.iter_fields(node))
    if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        fields["body"] = fields["body"][1:]
    return {
        "node": type(node).__name__,
        **{name: _plain(value) for name, value in fields.items() if value not in (None, [])},
    }
