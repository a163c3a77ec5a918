"""The answers that come with the program: knowledge/canned_answers.yml."""

from functools import cache
from pathlib import Path

import yaml

from anze.canned.rules import Answer


@cache
def load_canned(knowledge: Path) -> tuple[Answer, ...]:
    """In the order of the file. Raises KeyError for an entry without title or text."""
    raw = yaml.safe_load((knowledge / "canned_answers.yml").read_text(encoding="utf-8"))
    return tuple(Answer(one["title"], one["text"].strip()) for one in raw)
