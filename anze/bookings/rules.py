"""Which service somebody talks about, what the contract still gives, when both sides have confirmed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from anze.bookings.kinds import USING, Audience, ServiceStatus

AQ8011_AUDIENCES = frozenset({Audience.PRINCIPAL, Audience.MANAGERS, Audience.SPECIAL})
"""主要负责人、安全生产管理人员、特种作业人员: whoever trains them meets AQ 8011 (5 a)."""


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


@dataclass(frozen=True)
class Use:
    """A service of one item for one insured under one policy: its state, and its day once it has one."""

    policy_id: int
    status: ServiceStatus
    day: date | None


def used(uses: Iterable[Use], policy_id: int, first: date, last: date) -> int:
    """How many of a policy year's services are used up: done, under way or booked, each on its day.

    A request without a time is not booked yet and uses up nothing.
    """
    return sum(
        1
        for use in uses
        if use.policy_id == policy_id and use.status in USING and use.day is not None and first <= use.day <= last
    )


def both_confirmed(insured_at: datetime | None, provider_at: datetime | None) -> datetime | None:
    """When item, measures and time were confirmed by both sides (6.2): the later moment; None until then."""
    return max(insured_at, provider_at) if insured_at and provider_at else None


def needs_aq8011(item: str, audience: str | None) -> bool:
    """Whether a training is one of those of 5 a)."""
    return item == "a" and audience is not None and Audience(audience) in AQ8011_AUDIENCES
