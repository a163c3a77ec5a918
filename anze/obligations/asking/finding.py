"""The known words of a question at their places, each stretch of it once; what is left over nobody knew."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from anze.conversations.normalise import normalise
from anze.obligations.asking.lexicon import Finder, Found, pairs, words
from anze.obligations.asking.model import Asked

_LAST_DAYS = re.compile(r"(?:last|past) (\d{1,3}) (day|week|month)s?")
_POINTED = re.compile(
    r"(?<![\d.第])(1[0-2]|[1-9])\.(3[01]|[12]\d|0?[1-9])(?:号|日)?(?=(?:那天|这天|当天|以前|之前|前|以后|之后|后|到|至|起|-|—|~))"
    r"|(?<![\d.第])(1[0-2]|[1-9])\.(3[01]|[12]\d|0?[1-9])[号日]"
)
"""11.20那天, 9.1号: a day; 6.3 alone is a clause"""
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WITHIN = re.compile(rf"\bwithin (?:the next )?(\d{{1,3}}|{'|'.join(_NUMBERS)}) (day|week|month)s?\b")
_UNKNOWN = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z]{3,}")
_BY_SOUND = {"check": 2, "branch": 2, "sector": 3, "item": 3, "part": 3, "action": 3}
"""How long a word of each kind must be to be known by its sound: short ones have too many homophones"""
_NEVER = 99
_ABOUT_WHOM = frozenset(
    {
        "branch",
        "provider",
        "province",
        "insured",
        "foreign",
        "sector",
        "sectors",
        "sizes",
        "group",
        "most",
        "fewest",
        "share",
        "only",
        "without",
        "also",
        "action",
        "everywhere",
        "no_filter",
        "other_filter",
        "vague",
        "every_item",
        "every_provider",
    }
)
_FLAGS = (
    "everything", "most", "fewest", "more_first", "fewer_first", "compare", "also", "ungroup", "no_filter",
    "no_operation", "negation", "done_marks", "counted", "ended_marks", "all", "share", "by_name", "only", "without",
    "everywhere", "every_sector", "every_size", "every_item", "every_provider", "other_filter", "vague",
    "undone", "calendar_year", "policy_year", "follow_marks", "due_marks", "filler",
)  # fmt: skip
_IDLE = frozenset({"filler", "due_marks"})


class Words:
    """The text of a question and what was found in it. `take` marks what somebody has read."""

    def __init__(self, asked: Asked) -> None:
        self.text = _tidy(asked.text)
        self._taken = [False] * len(self.text)
        self._others: list[tuple[int, int]] = []
        self.found = self._find(asked)

    def take(self, begin: int, end: int) -> None:
        """Somebody has read what stands there."""
        self._taken[begin:end] = [True] * (end - begin)
        self._others.append((begin, end))

    def drop(self, begin: int, end: int) -> None:
        """What stands there is about something else."""
        self.take(begin, end)
        self.found = [one for one in self.found if one.end <= begin or one.begin >= end]

    def of(self, *kinds: str) -> list[Found]:
        """Words of these kinds, in the order of the text."""
        return [one for one in self.found if one.kind in kinds]

    def mentioned(self, kind: str) -> list[Found]:
        """Words of this kind wherever they stand, also where longer words of other kinds were chosen."""
        return [one for one in _lexicon().all(self.text) if one.kind == kind]

    @property
    def says_nothing(self) -> bool:
        """Whether all of it is filler: 帮我查一下."""
        return self.kinds <= _IDLE and not self.unknown()

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(one.kind for one in self.found)

    def rest(self, *, beside: bool = False) -> str:
        """The text without times and without what only filters, groups or orders: what it is about.

        `beside`: a duty was named, so that a service item or a level of hazards beside it is a filter too.
        """
        chars = list(self.text)
        duties = {(one.begin, one.end) for one in self.of("check")}
        only = {(one.begin, one.end) for one in self.of("item", "level")}
        items = only if beside and duties - only else set()
        whom = ((one.begin, one.end) for one in self.found if one.kind in _ABOUT_WHOM)
        for begin, end in [*whom, *items, *self._others]:
            chars[begin:end] = [" "] * (end - begin)
        return "".join(chars)

    def unknown(self) -> tuple[str, ...]:
        """What is left of the text."""
        rest = "".join(" " if taken else char for char, taken in zip(self.text, self._taken, strict=True))
        return tuple(dict.fromkeys(found.group() for found in _UNKNOWN.finditer(rest)))

    def _find(self, asked: Asked) -> list[Found]:
        """What is written as it is known first; then homophones where nothing but filler was found."""
        checks = _check_words(tuple((one.key, one.called) for one in asked.checks.values()))
        named = _named(asked)
        written = [*checks.all(self.text), *named.all(self.text), *_lexicon().all(self.text)]
        chosen = _without_overlaps(written)
        sense = self._marks(one for one in chosen if one.kind not in _IDLE)
        heard = [one for words in (checks, named, _lexicon()) for one in words.by_sound(self.text, sense)]
        heard = _without_overlaps(one for one in heard if one.end - one.begin >= _BY_SOUND.get(one.kind, _NEVER))
        for one in heard:  # likeness reads what is meant, too
            self.text = f"{self.text[: one.begin]}{one.word}{self.text[one.end :]}"
        chosen = [one for one in chosen if one.kind not in _IDLE or not any(_clash(one, other) for other in heard)]
        self._taken = self._marks((*chosen, *heard))
        return sorted([*chosen, *heard], key=lambda one: one.begin)

    def _marks(self, chosen: Iterable[Found]) -> list[bool]:
        taken = [False] * len(self.text)
        for one in chosen:
            taken[one.begin : one.end] = [True] * (one.end - one.begin)
        return taken


def _tidy(text: str) -> str:
    """As Rasa reads it, lower case; English times in the words that the calendar reads."""
    english = words()["english_times"]
    text = normalise(text).lower()
    text = _POINTED.sub(lambda found: f"{found[1] or found[3]}月{found[2] or found[4]}日", text)
    text = _WITHIN.sub(lambda found: f"{_number(found[1])}{english['units'][found[2]]}之内", text)
    text = re.sub(r"^and\b", "what about", text)
    text = _LAST_DAYS.sub(lambda found: f"最近{found[1]}{english['units'][found[2]]}", text)
    for said, chinese in english["times"].items():
        text = re.sub(rf"\b{said}\b", chinese, text)
    return text


def _number(said: str) -> int:
    return _NUMBERS.index(said) + 1 if said in _NUMBERS else int(said)


@cache
def _lexicon() -> Finder:
    """All words of words.yml."""
    known = words()
    meanings: list[tuple[str, str, Any]] = []
    for table, kind in (
        ("sectors", "sector"), ("items", "item"), ("levels", "level"), ("parts", "part"), ("groups", "group"),
        ("actions", "action"), ("refused", "refused"),
    ):  # fmt: skip
        meanings += pairs(known[table], kind)
    for table in ("sector_groups", "sizes"):
        kind = "sectors" if table == "sector_groups" else "sizes"
        meanings += [(word, kind, tuple(row["means"])) for row in known[table] for word in row["words"]]
    meanings += [(word, kind, True) for kind in _FLAGS for word in known[kind]]
    return Finder(meanings)


@cache
def _check_words(named: tuple[tuple[str, tuple[str, ...]], ...]) -> Finder:
    return Finder((word, "check", key) for key, known in named for word in known)


def _named(asked: Asked) -> Finder:
    names = asked.names
    tables: tuple[tuple[str, Iterable[tuple[str, Any]]], ...] = (
        ("branch", names.branches.items()), ("provider", names.providers.items()),
        ("province", names.provinces.items()), ("insured", names.insureds.items()),
        ("foreign", ((word, word) for word in names.foreign)),
    )  # fmt: skip
    parts = ((word, "part", part.key) for one in asked.checks.values() for part in one.parts for word in part.words)
    return Finder([*((word, kind, value) for kind, listed in tables for word, value in listed), *parts])


def _without_overlaps(found: Iterable[Found]) -> list[Found]:
    """The longest first; of one stretch several kinds may stand (排查: a check and an item), but no filler beside."""
    chosen: list[Found] = []
    for one in sorted(found, key=lambda f: (f.begin - f.end, f.kind in _IDLE, f.begin)):
        clashes = [other for other in chosen if _clash(one, other)]
        if all((one.begin, one.end) == (other.begin, other.end) and one.kind not in _IDLE for other in clashes):
            chosen.append(one)
    return chosen


def _clash(one: Found, other: Found) -> bool:
    return one.begin < other.end and other.begin < one.end
