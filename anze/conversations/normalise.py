"""The one normaliser of typed text, before Rasa and in the training data alike."""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

UNDERSTOOD_CHARACTERS = 600
"""Rasa reads this much of a message; the whole of it is stored and is what a complaint keeps."""

_SPACES = re.compile(r"\s+")
_HAN = range(0x3400, 0xA000)


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@cache
def _ambiguous() -> frozenset[str]:
    """Simplified characters that a traditional one stands for too."""
    characters = [chr(code) for code in _HAN]
    simplified = _to_simplified().convert("\n".join(characters)).split("\n")
    return frozenset(after for before, after in zip(characters, simplified, strict=True) if before != after)


def written_one_way(text: str) -> list[str]:
    """Chinese characters of a normalised text, each once, that stand in whatever it was normalised from as they are."""
    return [one for one in dict.fromkeys(text) if ord(one) in _HAN and one not in _ambiguous()]


def storable(text: str) -> str:
    """What is kept and shown again: as typed, without the control characters that no database or screen can hold.

    Raises ValueError for a lone surrogate, which is not text in any encoding.
    """
    text.encode("utf-8")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def normalise(text: str) -> str:
    """What Rasa reads: NFKC, one line, simplified characters; format characters (zero width, bidi) are dropped."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = _SPACES.sub(" ", text).strip()
    simplified: str = _to_simplified().convert(text)
    return simplified


def for_rasa(text: str) -> str:
    """The normalised text with a leading slash taken off: to Rasa it would be an order and not words."""
    return normalise(text).lstrip("/ ")[:UNDERSTOOD_CHARACTERS]
