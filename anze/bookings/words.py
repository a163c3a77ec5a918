"""Reads what somebody says of a service that is wanted: which, for whom, how many, where. Pure; normalised text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from anze.bookings.kinds import Audience
from anze.calendar.when.lexicon import number

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"\s*([a-gA-G])\s*[)）.、]?\s*")
_DISTRICT = re.compile(r"市([\u4e00-\u9fff]{1,4}?[区县])")
_EDGES = " ,.、。;:，；：!！?？"
_RUN_ON = frozenset({"", "的", "方面的", "知识", "改成", "改为", "换成", "换做"})
"""Between two names of items these make the last the thing itself: 隐患排查方面的培训, 演练改成培训."""
_STRICTEST = (Audience.PRINCIPAL, Audience.MANAGERS, Audience.SPECIAL, Audience.WORKERS)


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def _lists() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return loaded


@cache
def _word(name: str) -> re.Pattern[str]:
    return _joined(_lists()[name])


@cache
def _audiences() -> dict[Audience, re.Pattern[str]]:
    return {Audience(name): _joined(patterns) for name, patterns in _lists()["audiences"].items()}


@cache
def _patterns_with_people(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of a list, with how a person is called put in for SURNAME, TITLED and PERSON."""
    lists = _lists()

    def with_people(pattern: str) -> re.Pattern[str]:
        for word in ("person", "titled", "surname"):
            pattern = pattern.replace(word.upper(), lists[word])
        return re.compile(pattern)

    return tuple(with_people(pattern) for pattern in lists[name])


def _found(name: str, group: str, text: str) -> str | None:
    """What a named group of one of the patterns holds."""
    for pattern in _patterns_with_people(name):
        if found := pattern.search(text):
            return found[group].strip(_EDGES) or None
    return None


def item_of(text: str, names: Mapping[str, Sequence[str]]) -> str | None:
    """The letter (a–g) of the service item that is meant; None when none is named, or several that stand apart.

    `names`: the everyday names of the items by letter. Longer words win over what lies inside them; of two names in a
    row the last is the thing itself (隐患排查培训 is a training); what is taken back (不是排查) does not count.
    """
    if letter := _LETTER.fullmatch(text):
        return letter[1].lower()
    text = _without_taken_back(text)
    spans = [
        (match.start(), match.end(), letter)
        for letter, patterns in _patterns(tuple((key, tuple(words)) for key, words in names.items())).items()
        for match in patterns.finditer(text)
        if match.end() > match.start()
    ]
    spans.sort(key=lambda one: (one[0] - one[1], one[0]))
    kept: list[tuple[int, int, str]] = []
    for span in spans:
        if not any(span[0] < other[1] and other[0] < span[1] for other in kept):
            kept.append(span)
    kept.sort()
    heads = [one for one, following in zip(kept, [*kept[1:], None], strict=False) if not _runs_on(one, following, text)]
    letters = {letter for _, _, letter in heads}
    if len(letters) > 1:
        letters -= {"g"}
    return letters.pop() if len(letters) == 1 else None


def _without_taken_back(text: str) -> str:
    """不是30是45: what is taken back does not count. Every place in the text stays where it is."""
    return _word("taken_back").sub(lambda taken: "," * len(taken[0]), text)


def _runs_on(one: tuple[int, int, str], following: tuple[int, int, str] | None, text: str) -> bool:
    return following is not None and text[one[1] : following[0]] in _RUN_ON


@cache
def _patterns(names: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, re.Pattern[str]]:
    own = _lists()["items"]
    return {letter: _joined([*own.get(letter, []), *(re.escape(word) for word in words)]) for letter, words in names}


def not_a_wish(text: str) -> bool:
    """Whether a text that names a service is about something else: 下周三的培训又改期了."""
    return _word("not_a_wish").search(text) is not None


def statutory(text: str) -> bool:
    """Whether the assessment or test is one that the law asks for (5 b)."""
    return _word("statutory").search(text) is not None


def audience_of(text: str) -> Audience | None:
    """Who is to be trained; of several the one that asks most of the provider (5 a)."""
    named = {audience for audience, pattern in _audiences().items() if pattern.search(text)}
    return next((audience for audience in _STRICTEST if audience in named), None)


def attendees(text: str) -> int | None:
    """How many people come."""
    count = _found("attendees", "count", _without_taken_back(text))
    found = number(count.replace("两", "二")) if count else None
    return found if found else None


def any_time(text: str) -> bool:
    """Whether any time will do (尽快, 随时)."""
    return _word("any_time").search(text) is not None


def note(text: str) -> str | None:
    """What else is to be known, when it is announced as such."""
    return _found("note", "note", text)


def contact_name(text: str) -> str | None:
    """The name of a contact, with a number beside it or without (联系人老王)."""
    return _found("contact_name", "name", _word("taken_back").sub("", text))


def usual_place(text: str) -> bool:
    """Whether the place that is known is meant (老地方, 我们厂里)."""
    return _word("usual_place").search(text.strip(_EDGES)) is not None


def known_site(text: str, sites: Sequence[str], common: Sequence[str], least: int) -> str | None:
    """The one of the known sites that a text names by a piece of at least `least` characters.

    `common`: what all of them share (province, city) and what names none. None when two fit equally well, or when
    nothing but the kind of place is the same: 城西厂区 is not 城北厂区.
    """
    pieces = {site: _longest_common(_without(text, common), _without(site, common)) for site in sites}
    scores = {site: len(piece) for site, piece in pieces.items() if not _of_another(piece, text)}
    best = max(scores.values(), default=0)
    fitting = [site for site, score in scores.items() if score == best]
    return fitting[0] if best >= least and len(fitting) == 1 else None


def _of_another(piece: str, text: str) -> bool:
    """Whether only the kind of place is the same, and the text names another of that kind; 到厂区来 names none."""
    named = f"(?<![在到去来是给的们咱我本])(?<=[\u4e00-\u9fff]){re.escape(piece)}"
    return _word("kind_of_place").fullmatch(piece) is not None and re.search(named, text) is not None


def _without(text: str, words: Sequence[str]) -> str:
    for word in words:
        text = text.replace(word, " ")
    return text


def _longest_common(one: str, other: str) -> str:
    """The longest piece without a space that both hold."""
    best, end = 0, 0
    lengths = [0] * (len(other) + 1)
    for at, char in enumerate(one, start=1):
        previous = 0
        for place, against in enumerate(other, start=1):
            previous, lengths[place] = lengths[place], previous + 1 if char == against and char != " " else 0
            if lengths[place] > best:
                best, end = lengths[place], at
    return one[end - best : end]


def named_place(text: str) -> str | None:
    """A place that is named beside other things (给城北厂区约…)."""
    return _found("named_place", "place", text)


def whereabouts(text: str) -> str | None:
    """The quarter where one of the known sites may be (来城北那边)."""
    return _found("whereabouts", "place", text)


def districts(text: str, sites: Sequence[str]) -> list[str]:
    """The districts of the sites, when a text writes an address out with its street: there they name none of them."""
    if _word("street").search(text) is None:
        return []
    return [found[1] for site in sites if (found := _DISTRICT.search(site))]


def one_clause(text: str) -> bool:
    """Whether nothing but one clause is said."""
    return not any(mark in text for mark in ",，、。;； ")


def place_in(text: str) -> str | None:
    """An answer to the question for the place, without the words around it; None when it holds no place."""
    place = text.strip(_EDGES)
    while (shorter := _word("around_place").sub("", place).strip(_EDGES)) != place:
        place = shorter
    return place[:200] if len(_HAN.findall(place)) >= 2 else None
