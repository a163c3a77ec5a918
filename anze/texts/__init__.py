"""Chinese texts outside the dialogue: one YAML file per topic beside this module, one loader."""

import string
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@cache
def _topic(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def text(key: str, **fields: Any) -> str:
    """The text `topic.name…`, its {fields} filled in. Raises KeyError for an unknown key or a missing field."""
    topic, *path = key.split(".")
    found: Any = _topic(topic)
    for part in path:
        found = found[part]
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format(**fields).strip()


def shortened(words: str, most: int) -> str:
    """At most so many characters; what is cut off is marked."""
    return words if len(words) <= most else words[: most - 1] + "…"


def all_texts() -> dict[str, str]:
    """Every text by its key, for the tests that check fields and length."""

    def walk(prefix: str, node: Any) -> dict[str, str]:
        if isinstance(node, str):
            return {prefix: node}
        return {key: value for name, child in node.items() for key, value in walk(f"{prefix}.{name}", child).items()}

    return {
        key: value
        for file in sorted(_FOLDER.glob("*.yml"))
        for key, value in walk(file.stem, _topic(file.stem)).items()
    }


def fields_of(template: str) -> set[str]:
    """Names of the {fields} that a text needs."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
