"""Which of several hazards somebody speaks of: its number, or the words of its place and of what was found. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBER = re.compile(r"YH\d{11,}", re.IGNORECASE)
_WORD = re.compile(r"[\w]+")


@dataclass(frozen=True)
class Named:
    """A hazard by what people would call it."""

    number: str
    place: str
    description: str


def number_in(text: str) -> str | None:
    """The number that a text holds."""
    found = NUMBER.search(text)
    return found.group().upper() if found else None


def meant(text: str, candidates: Sequence[Named]) -> str | None:
    """The number of the only candidate that a text fits best; None when it names none, or several equally well.

    Words are compared two characters at a time; what all candidates share (车间) tells none of them apart. A place
    says more than a description.
    """
    said = _pairs(text)
    places = {one.number: _pairs(one.place) for one in candidates}
    things = {one.number: _pairs(one.description) for one in candidates}
    shared: set[str] = set.intersection(*places.values()) if len(places) > 1 else set()
    scores = {number: 2 * len((places[number] - shared) & said) + len(things[number] & said) for number in places}
    best = max(scores.values(), default=0)
    fitting = [number for number, score in scores.items() if score == best]
    return fitting[0] if best >= 2 and len(fitting) == 1 else None


def _pairs(text: str) -> set[str]:
    return {run[i : i + 2] for run in _WORD.findall(text) for i in range(len(run) - 1)}


_ASKS_THE_RULE = re.compile(
    "谁(来|有权|定|决定|说了算)|(由|归)(谁|哪)|怎么(定|算|确定)|规定|标准|(几|多少)天(内|之内)?(改|整)"
)


def asks_the_rule(text: str) -> bool:
    """Whether a normalised text asks how dates come about (由谁来定) and proposes none."""
    return _ASKS_THE_RULE.search(text) is not None
