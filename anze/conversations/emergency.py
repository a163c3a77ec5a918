"""Is this an emergency happening now? Decided before the bot, in every state of the dialogue."""

import re
from functools import cache
from pathlib import Path

import yaml


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return {name: re.compile("|".join(f"(?:{p})" for p in patterns)) for name, patterns in lists.items()}


def is_emergency(text: str) -> bool:
    """Whether normalised text tells of fire, explosion, collapse, poisoning, or people hurt or trapped, now."""
    patterns = _patterns()
    if not patterns["danger"].search(text) or patterns["never"].search(text):
        return False
    return not patterns["other"].search(text) or bool(patterns["now"].search(text))
