"""Which duty a question is about when none of its words names one: by likeness to how staff ask (staff_asks.yml).

Chinese is cut as the search in the standard cuts it. A likeness is the best line's score as a share of what the text
would score against itself, so that one bound holds for short and for long questions.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import bm25s
import numpy as np
import yaml

from anze.standard.load import KNOWLEDGE
from anze.standard.search import grams

SURE, POSSIBLE = 0.12, 0.1
"""A likeness from which a duty is taken, and from which it is offered. Chosen on the half of the questions that the
parser is tuned on."""
APART = 1.2
"""So many times likelier than the next one, or both are offered"""


_OFFERED = 4
_LATIN = re.compile(r"[a-z]{2,}")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")


class Nearest:
    """The lines of all checks, indexed once."""

    def __init__(self, lines: Mapping[str, Iterable[str]]) -> None:
        pairs = [(check, line) for check, listed in lines.items() for line in listed]
        self._checks = [check for check, _ in pairs]
        self._index = bm25s.BM25(method="lucene", k1=0.6, b=0.6)  # type: ignore[no-untyped-call]
        documents = [_cut(line) for _, line in pairs]
        self._index.index(documents, show_progress=False)
        self._idf = _idf([set(document) for document in documents])
        self._unknown = max(self._idf.values(), default=1.0)

    def choose(self, text: str) -> tuple[str, ...]:
        """The one duty that the text is surely about, or the few that it may be about; empty: none."""
        ranked = self.rank(text)
        if ranked and ranked[0][1] >= SURE and (len(ranked) == 1 or ranked[0][1] >= APART * ranked[1][1]):
            return (ranked[0][0],)
        return tuple(key for key, _ in ranked[:_OFFERED]) if len(ranked) > 1 else ()

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Checks with their likeness, the likeliest first; those below POSSIBLE are left out."""
        cut = _cut(text)
        whole = sum(self._idf.get(gram, self._unknown) for gram in cut)
        if not cut or not whole:
            return []
        scores = np.asarray(self._index.get_scores(cut)) / whole
        best: dict[str, float] = {}
        for check, score in zip(self._checks, scores, strict=True):
            best[check] = max(best.get(check, 0.0), float(score))
        return sorted(((key, one) for key, one in best.items() if one >= POSSIBLE), key=lambda pair: -pair[1])


def _cut(text: str) -> list[str]:
    """Chinese as the search cuts it; Latin words whole, without their endings."""
    lower = text.lower()
    return [*grams(_LATIN.sub(" ", lower)), *(_ENDING.sub("", word) for word in _LATIN.findall(lower))]


def _idf(documents: list[set[str]]) -> dict[str, float]:
    count = len(documents)
    frequency: dict[str, int] = {}
    for document in documents:
        for gram in document:
            frequency[gram] = frequency.get(gram, 0) + 1
    return {gram: float(np.log(1 + (count - n + 0.5) / (n + 0.5))) for gram, n in frequency.items()}


@cache
def nearest(checks: frozenset[str]) -> Nearest:
    """The index over the shipped lines of these checks."""
    loaded = yaml.safe_load((KNOWLEDGE / "staff_asks.yml").read_text(encoding="utf-8"))
    return Nearest({check: lines for check, lines in loaded.items() if check in checks})
