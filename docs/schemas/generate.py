"""Write the JSON Schemas of what snaketune leaves in results/, from the types in its code.

    python docs/schemas/generate.py

The types are the TypedDicts; the text under each of their keys becomes its description. A test
checks that the schemas in this folder are up to date, and that real files follow them.
"""

import json
import sys
import typing
from pathlib import Path

import pydantic
import typing_extensions

# Before the library is imported: below Python 3.12, pydantic reads only this one's types.
typing.TypedDict = typing_extensions.TypedDict  # type: ignore[assignment]

from snaketune.comparing import findings, per_search  # noqa: E402
from snaketune.records import record, summary  # noqa: E402

FILES = {
    "record": (record, record.Record),
    "study": (summary, summary.StudySummary),
    "comparison": (findings, findings.Comparison),
}


def schema(name: str) -> str:
    """The JSON Schema of results/…/<name>.json, as text."""
    module, whole = FILES[name]
    for found in {**vars(module), **vars(per_search), **vars(record)}.values():
        if typing_extensions.is_typeddict(found):
            found.__pydantic_config__ = pydantic.ConfigDict(
                use_attribute_docstrings=True, extra="forbid"
            )
    made = pydantic.TypeAdapter(whole).json_schema()
    constant = {"const": module.FORMAT, **made["properties"]["format"]}
    made["properties"]["format"] = constant
    if "digest" in made["properties"]:  # which is only in files
        made["required"].append("digest")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all schemas, or with --check exit with 1 where one is out of date."""
    stale = []
    for name in FILES:
        path = Path(__file__).parent / f"{name}.schema.json"
        if "--check" not in sys.argv:
            path.write_text(schema(name), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != schema(name):
            stale.append(path.name)
    if stale:
        sys.exit(f"{', '.join(stale)}: out of date. Run python docs/schemas/generate.py.")


if __name__ == "__main__":
    main()
