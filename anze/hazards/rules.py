"""Which date for putting a major hazard right counts for 9.2 a), and how the hazard stands by it. Pure.

6.2 asks both sides to agree on a date (约定好整改时限). May it be agreed anew? AMB-18: what counts is the last date
that both agreed on before the old one had passed; after that nothing is cured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from anze.clock import legal_date
from anze.hazards.kinds import DateState, HazardLevel, HazardStatus


@dataclass(frozen=True)
class DateFact:
    """One date that was proposed. `agreed_at`: the other side's consent; `supervised_at`: the supervisor's."""

    no: int
    due_on: date
    state: DateState
    reason: str | None = None
    interim_measures: str | None = None
    agreed_at: datetime | None = None
    supervised_at: datetime | None = None

    @property
    def complete_at(self) -> datetime | None:
        """The last consent that was given to an agreed date."""
        if self.state != DateState.AGREED or self.agreed_at is None:
            return None
        return max(self.agreed_at, self.supervised_at or self.agreed_at)


class Bearing(StrEnum):
    """What a date means for 9.2 a)."""

    COUNTS = "counts"
    """计入 9.2 a) 的约定日期"""
    REPLACED = "replaced"
    """A later agreement took its place in time"""
    TOO_LATE = "too_late"
    """Agreed after the old date, or its own day, had passed: recorded, cures nothing"""
    INCOMPLETE = "incomplete"
    """Agreed in time without what a new date needs (reason, interim measures, the supervisor): replaces nothing"""
    WAITING = "waiting"
    SUPERVISOR = "supervisor"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_NOT_AGREED = {
    DateState.PROPOSED: Bearing.WAITING,
    DateState.SUPERVISOR: Bearing.SUPERVISOR,
    DateState.REFUSED: Bearing.REFUSED,
    DateState.WITHDRAWN: Bearing.WITHDRAWN,
}


@dataclass(frozen=True)
class Counting:
    """The date that counts, how often it was agreed anew in time, and what each date (by `no`) means."""

    date: DateFact | None
    re_agreed: int
    bearings: dict[int, Bearing]


def counting(dates: Sequence[DateFact]) -> Counting:
    """Judge the dates of a major hazard in the order in which their last consents were given.

    The first agreed date counts. A later one takes its place when its last consent came on or before the day of the
    date that counted then (the day itself still counts), with a reason and interim measures; from the second new date
    on also with a supervisor's consent. No date counts whose own day had passed when it was agreed.
    """
    bearings = {one.no: _NOT_AGREED[one.state] for one in dates if one.state in _NOT_AGREED}
    agreed = sorted(
        ((one.complete_at, one) for one in dates if one.complete_at is not None), key=lambda pair: (pair[0], pair[1].no)
    )
    current: DateFact | None = None
    re_agreed = 0
    for at, one in agreed:
        day = legal_date(at)
        if day > one.due_on or (current is not None and day > current.due_on):
            bearings[one.no] = Bearing.TOO_LATE
        elif current is not None and not _is_whole(one, re_agreed):
            bearings[one.no] = Bearing.INCOMPLETE
        else:
            if current is not None:
                bearings[current.no] = Bearing.REPLACED
                re_agreed += 1
            bearings[one.no] = Bearing.COUNTS
            current = one
    return Counting(current, re_agreed, bearings)


def _is_whole(one: DateFact, re_agreed: int) -> bool:
    supervised = re_agreed == 0 or one.supervised_at is not None
    return bool(one.reason and one.interim_measures) and supervised


def needs_reason(found: Counting) -> bool:
    """Whether a date agreed now needs a reason and interim measures: one counts already."""
    return found.date is not None


def needs_supervisor(found: Counting) -> bool:
    """Whether a date agreed now needs the supervisor's consent: it would be the second new one or a later one."""
    return found.re_agreed >= 1


def is_past(found: Counting, today: date) -> bool:
    """Whether a date agreed today comes too late to take the place of the one that counts."""
    return found.date is not None and today > found.date.due_on


class State(StrEnum):
    """How a hazard stands, as people are told it; the texts are hazard.state.*."""

    OPEN = "open"
    """一般隐患待整改"""
    TO_AGREE = "to_agree"
    """重大隐患待约定整改日期"""
    AGREED = "agreed"
    RE_AGREED = "re_agreed"
    OVERDUE = "overdue"
    """约定日期已过未整改 (9.2 a)"""
    REPORTED = "reported"
    REPORTED_LATE = "reported_late"
    CLOSED = "closed"
    CLOSED_LATE = "closed_late"
    NO_EVIDENCE = "no_evidence"
    """已销号，缺整改证据"""


@dataclass(frozen=True)
class HazardFacts:
    """What the rules know of a hazard. `rectified_at`: the report that stands; one that was sent back does not."""

    level: HazardLevel
    status: HazardStatus
    rectified_at: datetime | None = None
    evidence: bool = False
    """A photo or file of the rectification is there"""
    dates: tuple[DateFact, ...] = ()


@dataclass(frozen=True)
class Standing:
    """`breach`: the counting date passed without a rectification that stands (9.2 a); it stays when put right later.

    `red`: open with no agreed date, or in breach. `due_on`: the counting date. `missing_evidence`: 缺证据.
    """

    state: State
    counting: Counting
    due_on: date | None
    breach: bool
    red: bool
    missing_evidence: bool


def standing(facts: HazardFacts, today: date) -> Standing:
    """How a hazard stands on a legal date. A general hazard has no agreed date: 6.2 says 及时 and names none.

    Rectified in time means: reported (or, without a report, closed by staff) on or before the day of the counting date,
    and not sent back. What is reported and not verified yet is no breach; sent back after the date, it is one.
    """
    found = counting(facts.dates if facts.level == HazardLevel.MAJOR else ())
    due_on = found.date.due_on if found.date else None
    done_on = legal_date(facts.rectified_at) if facts.rectified_at else None
    breach = due_on is not None and (done_on or today) > due_on
    closed = facts.status == HazardStatus.CLOSED
    unagreed = facts.level == HazardLevel.MAJOR and due_on is None
    missing = closed and not facts.evidence
    return Standing(
        state=_state(facts, found, breach=breach, missing=missing),
        counting=found,
        due_on=due_on,
        breach=breach,
        red=not closed and (unagreed or breach),
        missing_evidence=missing,
    )


def _state(facts: HazardFacts, found: Counting, *, breach: bool, missing: bool) -> State:
    if facts.status == HazardStatus.CLOSED:
        late = State.CLOSED_LATE if breach else State.CLOSED
        return State.NO_EVIDENCE if missing else late
    if facts.status == HazardStatus.REPORTED:
        return State.REPORTED_LATE if breach else State.REPORTED
    if facts.level == HazardLevel.GENERAL:
        return State.OPEN
    if found.date is None or breach:
        return State.OVERDUE if breach else State.TO_AGREE
    return State.RE_AGREED if found.re_agreed else State.AGREED
