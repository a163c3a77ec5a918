"""The schema of a hand-over (9.1) and the check of a document against it. Pure but for the reading of the file."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

FORM = "handover-1"
TABLES = ("policies", "services", "hazards")
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "null": (type(None),),
}  # fmt: skip
_FORMATS = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


@cache
def schema(knowledge: Path) -> dict[str, Any]:
    """The JSON schema that is shipped."""
    text = (knowledge / "handover" / f"{FORM}.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def columns(of: dict[str, Any], table: str) -> list[str]:
    """The columns of a table, in the order of the schema."""
    return list(of["properties"][table]["items"]["properties"])


def faults(of: dict[str, Any], value: Any, where: str = "$") -> Iterator[str]:
    """Each place where a value breaks a schema, by the words of JSON Schema that ours uses."""
    kinds = of["type"] if isinstance(of["type"], list) else [of["type"]]
    if isinstance(value, bool) or not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        yield f"{where}: {' or '.join(kinds)}"
    elif isinstance(value, dict):
        yield from _object(of, value, where)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from faults(of["items"], item, f"{where}[{place}]")
    elif value is not None:
        yield from _single(of, value, where)


def _object(of: dict[str, Any], value: dict[str, Any], where: str) -> Iterator[str]:
    yield from (f"{where}.{name}: missing" for name in of["required"] if name not in value)
    for name, child in value.items():
        known = of["properties"].get(name)
        if known is None:
            yield f"{where}.{name}: unknown"
        else:
            yield from faults(known, child, f"{where}.{name}")


def _single(of: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if "enum" in of and value not in of["enum"]:
        yield f"{where}: not one of {of['enum']}"
    if "minimum" in of and value < of["minimum"]:
        yield f"{where}: below {of['minimum']}"
    if "pattern" in of and not re.search(of["pattern"], value):
        yield f"{where}: pattern"
    if "format" in of:
        try:
            _FORMATS[of["format"]](value)
        except ValueError:
            yield f"{where}: {of['format']}"
