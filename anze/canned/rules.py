"""What may stand in a canned answer, how it is filled, and which one of several branches' is meant. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Placeholder(StrEnum):
    """What is filled in from the case and its branch."""

    NUMBER = "编号"
    DUE = "答复日"
    SECOND = "监管答复日"
    BRANCH = "机构"
    HOTLINE = "热线"


_HOLE = re.compile(r"\{([^{}]*)\}")
_PROMISES = ("保证", "一定会", "肯定会", "包您", "绝对")
"""Words that promise a result; nobody may promise one before the decision."""


@dataclass(frozen=True)
class Answer:
    """`depth`: how deep in the tree its branch lies, 0 for what comes with the program. `id` None for that too."""

    title: str
    text: str
    branch: str = ""
    id: int | None = None
    version: int = 0
    depth: int = 0


def unknown(text: str) -> list[str]:
    """Placeholders that nobody can fill, and braces that belong to none."""
    named = [name for name in _HOLE.findall(text) if name not in set(Placeholder)]
    return named + [brace for brace in "{}" if brace in _HOLE.sub("", text)]


def promises(text: str) -> list[str]:
    """Words in it that promise a result."""
    return [word for word in _PROMISES if word in text.replace(f"不{word}", "").replace(f"不能{word}", "")]


def filled(text: str, values: Mapping[str, str]) -> str | None:
    """The text with its placeholders filled once; None when a value is missing."""
    if any(not values.get(name) for name in _HOLE.findall(text)):
        return None
    return _HOLE.sub(lambda hole: values[hole.group(1)], text)


def nearest(answers: Iterable[Answer]) -> list[Answer]:
    """One for each title, that of the lowest branch; in the order of titles as they came first."""
    found: dict[str, Answer] = {}
    for one in answers:
        if one.title not in found or found[one.title].depth < one.depth:
            found[one.title] = one
    return list(found.values())
