"""Which service somebody talks about. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A service by what people would call it: its item (a–g), its provider's names, the people who came."""

    id: int
    item: str
    provider_names: tuple[str, ...]
    people: tuple[str, ...]


def meant(text: str, candidates: Sequence[Candidate], item_words: Mapping[str, Sequence[str]]) -> int | None:
    """The id of the only candidate that fits the words best; None when nothing is named or several fit equally."""
    items = {letter for letter, words in item_words.items() if any(word in text for word in words)}
    scores = {c.id: _score(text, c, items) for c in candidates}
    best = max(scores.values(), default=0)
    fitting = [id_ for id_, score in scores.items() if score == best]
    return fitting[0] if best > 0 and len(fitting) == 1 else None


def _score(text: str, candidate: Candidate, items: set[str]) -> int:
    """A person's name says most, then the provider's, then the kind of service."""
    named = any(person and person in text for person in candidate.people)
    provider = any(name and name in text for name in candidate.provider_names)
    return 4 * named + 2 * provider + (candidate.item in items)
