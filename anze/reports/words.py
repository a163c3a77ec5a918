"""Tells a question about money from a demand for it."""

import re
from functools import cache
from pathlib import Path

import yaml


@cache
def _asks() -> re.Pattern[str]:
    lists = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in lists["asks"]))


def asks(text: str) -> bool:
    """Whether a normalised text only asks."""
    return _asks().search(text) is not None
