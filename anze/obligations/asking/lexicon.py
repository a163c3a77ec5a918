"""Finds known words in a question: the longest first, each stretch of text once; homophones where nothing fits."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pypinyin import lazy_pinyin

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NUMBER = re.compile(r"[一二两三四五六七八九十几]")
"""六样东西 is no slip for 浏阳"""
SOUNDS_FROM = 2
"""Characters: a shorter word has too many homophones"""


@cache
def words() -> dict[str, Any]:
    """words.yml."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Found:
    """A word at its place: what it means (`kind`, `value`); `sound`: only its sound fits."""

    begin: int
    end: int
    kind: str
    value: Any
    word: str
    sound: bool = False


@cache
def syllables(text: str) -> tuple[str, ...]:
    """The toneless sound of each Chinese character."""
    return tuple(lazy_pinyin(text))


class Finder:
    """Words with what they mean; built once for words that do not change."""

    def __init__(self, meanings: Iterable[tuple[str, str, Any]]) -> None:
        """`meanings`: (word, kind, value) …"""
        self._words: dict[str, list[tuple[str, Any]]] = {}
        for word, kind, value in meanings:
            self._words.setdefault(word.lower(), []).append((kind, value))
        self._longest = max(map(len, self._words), default=0)
        self._sounds: dict[tuple[str, ...], list[str]] = {}
        for word in self._words:
            if len(word) >= SOUNDS_FROM and _HAN.fullmatch(word):
                self._sounds.setdefault(syllables(word), []).append(word)

    def at(self, text: str, begin: int) -> Iterator[Found]:
        """Every word that begins here, the longest first."""
        for end in range(min(len(text), begin + self._longest), begin, -1):
            word = text[begin:end]
            if word in self._words and _whole(text, begin, end):
                for kind, value in self._words[word]:
                    yield Found(begin, end, kind, value, word)

    def all(self, text: str) -> list[Found]:
        """Every occurrence of every word, overlapping ones too."""
        return [found for begin in range(len(text)) for found in self.at(text, begin)]

    def by_sound(self, text: str, taken: list[bool]) -> list[Found]:
        """Words of which only the sound stands in a stretch of Chinese that nothing has taken."""
        found = []
        for stretch in _HAN.finditer(text):
            sounds = syllables(stretch.group())
            for first in range(len(sounds)):
                for length in range(min(self._longest, len(sounds) - first), SOUNDS_FROM - 1, -1):
                    begin, end = stretch.start() + first, stretch.start() + first + length
                    if any(taken[begin:end]) or _NUMBER.match(text, begin):
                        continue
                    for word in self._sounds.get(sounds[first : first + length], ()):
                        found += [Found(begin, end, kind, value, word, True) for kind, value in self._words[word]]
        return found


def _whole(text: str, begin: int, end: int) -> bool:
    """A Latin word is not part of a longer one."""
    return not (
        (text[begin].isascii() and text[begin].isalnum() and begin and text[begin - 1].isascii()
         and text[begin - 1].isalnum())
        or (text[end - 1].isascii() and text[end - 1].isalnum() and end < len(text) and text[end].isascii()
            and text[end].isalnum())
    )  # fmt: skip


def pairs(table: Mapping[str, Iterable[str]], kind: str) -> Iterator[tuple[str, str, Any]]:
    """(word, kind, value) of a table value → words."""
    for value, listed in table.items():
        for word in listed:
            yield word, kind, value
