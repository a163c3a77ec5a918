"""A phone number and the name beside it, in what somebody typed."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

MOBILE = re.compile(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")
_SPOKEN_DIGITS = re.compile(r"[零〇一二三四五六七八九幺]{7,}")
_DIGIT_OF = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_NOT_WORDS = re.compile(r"[^\w]+")


@cache
def _around() -> re.Pattern[str]:
    lists = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{p})" for p in lists["around_contact"]))


@dataclass(frozen=True)
class Contact:
    """A phone number and the name beside it, if one was given."""

    phone: str
    name: str | None


def find_contact(text: str) -> Contact | None:
    """The phone number (mobile, else landline) in an answer, and what is left of it as a name (normalised text)."""
    text = _SPOKEN_DIGITS.sub(lambda spoken: spoken[0].translate(_DIGIT_OF), text)
    found = MOBILE.search(text) or LANDLINE.search(text)
    if found is None:
        return None
    rest = found.string[: found.start()] + " " + found.string[found.end() :]
    name = _NOT_WORDS.sub("", without_labels(rest))
    return Contact(re.sub(r"\D", "", found.group()), name if 1 <= len(name) <= 8 else None)


def without_labels(text: str) -> str:
    """A text without the words that stand around names and numbers (联系人, 电话是, 改成)."""
    return _around().sub("", text)
