"""Identities: the same for what is the same, and different for what is different."""

import ast
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snaketune.base.identity import (
    canonical,
    code_fingerprint,
    digest,
    file_digest,
    tree_fingerprint,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
SCALARS |= st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def reordered(value):
    """The same value, with the keys of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {key: reordered(inner) for key, inner in reversed(value.items())}
    return [reordered(inner) for inner in value] if isinstance(value, list) else value


def spelled(value) -> str:
    """A value with its types, which `==` ignores: 1, 1.0 and True are equal in Python."""
    if isinstance(value, dict):
        return repr({key: spelled(value[key]) for key in sorted(value)})
    return repr(list(map(spelled, value)) if isinstance(value, list) else value)


@given(value=VALUES)
def test_canonical_text_holds_the_value(value):
    assert spelled(json.loads(canonical(value))) == spelled(value)


@given(value=VALUES)
def test_the_order_of_keys_is_irrelevant(value):
    assert canonical(reordered(value)) == canonical(value)


@given(one=VALUES, other=VALUES)
def test_equal_values_and_no_others_have_the_same_text(one, other):
    assert (canonical(one) == canonical(other)) == (spelled(one) == spelled(other))


def test_canonical_text_is_the_shortest():
    assert canonical({"b": [1, 2.50], "a": {"ü": None}}) == '{"a":{"\\u00fc":null},"b":[1,2.5]}'
    assert canonical([1, 1.0, True, 1e22, 0.1]) == "[1,1.0,true,1e+22,0.1]"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_what_json_does_not_have_is_an_error(value):
    with pytest.raises(ValueError, match="JSON"):
        canonical(value)


@given(content=st.binary())
def test_digests_are_the_beginning_of_sha256(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "digested"
    path.write_bytes(content)
    assert file_digest(path) == hashlib.sha256(content).hexdigest()[:16]
    assert digest(content.hex()) == hashlib.sha256(content.hex().encode()).hexdigest()[:16]


SOURCE = '''\
"""A module."""

import math


class Model:
    """A class."""

    rate = 1

    def step(self, x):
        """A method."""
        return math.exp(-x) * self.rate


async def train(config, trial):
    """A coroutine."""
    return {"val": Model().step(config["x"])}
'''


@pytest.mark.parametrize(
    "change",
    [
        lambda source: source.replace("rate = 1", "rate = 1  # the learning rate"),
        lambda source: "# A comment.\n\n" + source.replace("\n\n", "\n\n\n"),
        lambda source: source.replace('"""A', '"""Another'),
        lambda source: ast.unparse(ast.parse(source)),
        lambda source: source.replace("(-x)", "(\n            -x\n        )"),
        lambda source: source.replace('"val"', "'val'"),
    ],
    ids=["comment", "blank lines", "docstrings", "unparsed", "line breaks", "quotes"],
)
def test_comments_docstrings_and_layout_are_no_code(change):
    assert change(SOURCE) != SOURCE
    assert code_fingerprint(change(SOURCE)) == code_fingerprint(SOURCE)


@pytest.mark.parametrize("docstring", ["A module", "A class", "A method", "A coroutine"])
def test_a_docstring_may_come_and_go(docstring):
    without = "\n".join(line for line in SOURCE.splitlines() if docstring not in line)
    assert code_fingerprint(without) == code_fingerprint(SOURCE)


def test_every_constant_is_another_one():
    constants = ["1", "1.0", "True", "'1'", "b'1'", "1j", "None", "...", "-1", "0", "''", "()"]
    prints = [code_fingerprint(SOURCE.replace("rate = 1", f"rate = {c}")) for c in constants]
    assert len(set(prints)) == len(constants)


@pytest.mark.parametrize("text", ["f'{x:>{n}}'", "f'{x:{n}}'", "f'{x:a{n}b}'", "f'a{x:{{}}}'"])
def test_an_f_string_is_the_same_in_all_versions_of_python(text):
    """Python 3.12 has empty texts around the fields of a format, 3.11 and 3.13 have none."""
    tree = ast.parse(f"y = {text}")
    formatted = tree.body[0].value.values[-1]
    fields = [v for v in formatted.format_spec.values if getattr(v, "value", None) != ""]
    formatted.format_spec.values = fields
    without = tree_fingerprint(tree)
    formatted.format_spec.values = [ast.Constant(""), *fields, ast.Constant("")]
    assert tree_fingerprint(tree) == without == code_fingerprint(f"y = {text}")
    assert code_fingerprint(f"y = {text}, ''") != code_fingerprint(f"y = {text}, 'a'")


def test_fingerprints_stay():
    """They name every trial: a change here trains everything again."""
    assert code_fingerprint(SOURCE) == "5d25e11d6828e07c"
    assert code_fingerprint("f'{a:>{n}}'") == "162f43af1581149c"


@pytest.mark.parametrize(
    "change",
    [
        lambda source: source.replace("Model", "Net"),
        lambda source: source.replace("* self", "+ self"),
        lambda source: source.replace("async def", "def"),
        lambda source: source.replace("(-x) * self.rate", "(-x)"),
        lambda source: source.replace("import math", "import math as math"),
        lambda source: source + "'a string that documents nothing'\n",
    ],
)
def test_all_else_is_code(change):
    assert code_fingerprint(change(SOURCE)) != code_fingerprint(SOURCE)


def test_source_that_is_not_python_is_an_error():
    with pytest.raises(SyntaxError):
        code_fingerprint("def train(:")
