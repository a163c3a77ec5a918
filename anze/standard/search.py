"""Offline search in one edition: an everyday question → the clauses that answer it, best first.

Every target (an answer, a fact, a gap, a bare clause) is indexed twice: as one document, and by each of its short keys
(questions people ask, catch-words, the verbatim text). Chinese is cut into characters and pairs of characters, which
needs no dictionary; everyday words add the standard's own words to the question (knowledge/everyday.yml).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import bm25s
import numpy as np
from numpy.typing import NDArray

from anze.standard.editions import load
from anze.standard.load import KNOWLEDGE, Knowledge, everyday_words, is_below
from anze.standard.lookup import text_of
from anze.standard.models import Fact, Gap, Guide

FloatArray = NDArray[np.float64]
Kind = Literal["clause", "fact", "gap"]
_PUNCTUATION = re.compile(r"[^\w]+")
_WHEN = re.compile(
    r"多长时间|多少时间|什么时候|啥时候|多久|何时|(?:最[晚迟])?(?:[几多]少?|哪一?)个?(?:工作)?[天日]|最[晚迟]"
)
"""All ways to ask for a day are one sign, so that 最晚哪天 does not outweigh the word 回访 beside it."""
_FILLER = frozenset(
    "的了吗呢吧啊呀么嘛哦咱俩这那个我你您他她它们是有没会能可以行不要得就都也还又再很啥怎样什哪儿里上下给让把被跟和与或请问"
)
_WHOLE = 0.6
"""Share of the whole document in a score; the rest is the best single key. Chosen on the tuned questions."""
_FLOOR = 9.0
_FLOOR_PER_GRAM = 0.9
_FLOOR_OWN_WORDS = 3.0
"""A target below either score is not about the question: with everyday words added (less for a short question), and by
the question's own words alone (so that 超市几点关门 is not taken for a question about 其他行业). Chosen on the tuned
questions. A question that holds known words only, such as 投诉, needs neither."""


@dataclass(frozen=True)
class Target:
    """Something a question can lead to. `row` is the Guide, Fact or Gap behind it; None for a bare clause or duty."""

    kind: Kind
    clause: str
    keys: tuple[str, ...]
    obligations: tuple[str, ...] = ()
    row: Guide | Fact | Gap | None = None


@dataclass(frozen=True)
class Hit:
    """One result: `text` verbatim, `version` how to cite it, `kind` clause or fact."""

    score: float
    clause: str
    text: str
    version: str
    obligation_id: str | None
    kind: Kind


def plain(text: str) -> str:
    """NFKC, lower case, no punctuation and no spaces: what is compared."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).lower())


def grams(text: str) -> list[str]:
    """Pairs of neighbouring characters and the single ones that carry meaning."""
    text = _WHEN.sub("Δ", plain(text))
    return [text[i : i + 2] for i in range(len(text) - 1)] + [char for char in text if char not in _FILLER]


def sentence(known: Knowledge, clause: str, verbatim: str) -> str:
    """The full printed sentence (up to 。 or ；) around a verbatim fragment of a clause."""
    for passage in known.clauses_below(clause):
        start = passage.text.find(verbatim)
        if start >= 0:
            text = passage.text
            begin = max(text.rfind(mark, 0, start) for mark in "。；") + 1
            rest = [at for mark in "。；" if (at := text.find(mark, start + len(verbatim) - 1)) >= 0]
            return text[begin : min(rest, default=len(text) - 1) + 1]
    return verbatim


def quote(known: Knowledge, target: Target) -> tuple[str, ...]:
    """The verbatim sentences that prove a target, in order, each once."""
    if isinstance(target.row, Fact):
        return target.row.text
    rows = [known.obligation[name] for name in target.obligations]
    said = dict.fromkeys(sentence(known, row.clause, row.verbatim) for row in rows)
    return tuple(said) or tuple(text_of(known, target.clause).split("\n"))


def _targets(known: Knowledge) -> tuple[Target, ...]:
    found: list[Target] = []
    told: set[str] = set()

    def duty_keys(names: tuple[str, ...]) -> tuple[str, ...]:
        rows = [known.obligation[name] for name in names]
        return tuple(key for row in rows for key in (*row.insured_questions, *row.staff_questions, row.verbatim))

    for guide in known.guides:
        told.update(guide.obligations)
        keys = (*guide.asks, guide.plain, *duty_keys(guide.obligations))
        found.append(Target("clause", guide.clause, keys, guide.obligations, guide))
    for row in known.obligations:
        if row.id not in told:
            found.append(Target("clause", row.clause, duty_keys((row.id,)), (row.id,)))
    for fact in known.facts:
        found.append(Target("fact", fact.clause, (*fact.asks, fact.plain, *fact.text), row=fact))
    for gap in known.gaps:
        found.append(Target("gap", "", gap.asks, row=gap))
    reached = {target.clause for target in found}
    for clause in known.clauses:
        if clause not in reached and not any(is_below(name, clause) for name in reached):
            found.append(Target("clause", clause, (known.heading(clause), text_of(known, clause))))
    return tuple(found)


def _index(documents: list[list[str]], b: float) -> Any:
    index = bm25s.BM25(method="lucene", k1=1.2, b=b)  # type: ignore[no-untyped-call]
    index.index(documents, show_progress=False)
    return index


class Searcher:
    """The index of one edition. Building it takes a fraction of a second, a question well under a millisecond."""

    def __init__(self, known: Knowledge, words: dict[str, tuple[str, ...]]) -> None:
        self.known = known
        self.targets = _targets(known)
        self._words = [(plain(said), grams(word)) for word, all_said in words.items() for said in all_said]
        keys = [(number, key) for number, target in enumerate(self.targets) for key in target.keys]
        self._owner = np.array([number for number, _ in keys])
        by_key = [grams(key) for _, key in keys]
        self._vocabulary = frozenset(gram for cut in by_key for gram in cut)
        self._by_target = _index([grams(" ".join(target.keys)) for target in self.targets], b=0.5)
        self._by_key = _index(by_key, b=0.75)

    def rank(self, question: str) -> list[tuple[float, Target]]:
        """Every target that is about the question, gaps included, best first; empty when nothing is."""
        asked = plain(question)
        own = grams(asked)
        added = [gram for said, standard in self._words if said in asked for gram in standard]
        if not own:
            return []
        raw = self._scores(own)
        scores = self._scores(own + added) if added else raw
        floor = min(_FLOOR, _FLOOR_PER_GRAM * len(own))
        known_words = len(asked) > 1 and all(gram in self._vocabulary for gram in own)
        relevant = (scores > 0) if known_words else (scores >= floor) & (raw >= _FLOOR_OWN_WORDS)
        order = np.argsort(-scores, kind="stable")
        return [(float(scores[i]), self.targets[i]) for i in order if relevant[i]]

    def _scores(self, cut: list[str]) -> FloatArray:
        best_key = np.zeros(len(self.targets))
        np.maximum.at(best_key, self._owner, self._by_key.get_scores(cut))
        return np.asarray(_WHOLE * self._by_target.get_scores(cut) + (1 - _WHOLE) * best_key)


@cache
def searcher(known: Knowledge) -> Searcher:
    """The index of an edition, built once."""
    return Searcher(known, everyday_words(KNOWLEDGE))


def search(query: str, limit: int = 5, known: Knowledge | None = None) -> list[Hit]:
    """The clauses and facts nearest to an everyday question, best first, at most `limit`; gaps are left out."""
    known = known or load()
    found = [(score, target) for score, target in searcher(known).rank(query) if target.kind != "gap"]
    return [
        Hit(
            score=round(score, 3),
            clause=target.clause,
            text="\n".join(quote(known, target)),
            version=known.edition.cite,
            obligation_id=target.obligations[0] if target.obligations else None,
            kind=target.kind,
        )
        for score, target in found[:limit]
    ]
