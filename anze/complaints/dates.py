"""The dates of a stored complaint: from its row to the pure clock, and to what is told and recorded."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from anze.calendar.data import CalendarStore
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken
from anze.clock import iso, legal_date
from anze.complaints import handling_models as models
from anze.complaints.clocks import Approver, ComplaintClocks
from anze.complaints.explain import left_words, render
from anze.complaints.handling_models import About, ExtensionState
from anze.complaints.models import Complaint, ComplaintForm, ComplaintKind, ComplaintStatus, StatementKind
from anze.complaints.reasons import Explanation, explain
from anze.complaints.rules import ComplaintFacts, Complexity, Extension, Pause, Standing, standing
from anze.complaints.telling import told_at
from anze.standard.editions import Editions


@dataclass(frozen=True)
class Told:
    """What is said of a case's dates. `due_on` is the standard's, None outside it; `remaining` in the term's days.

    While the clock is stopped there are no dates: `paused`, and `left` says in words what remains.
    """

    received: date
    due_on: date | None
    second_due_on: date | None
    working_to: date | None
    provisional: bool
    remaining: int | None
    overdue: bool
    complex_due_on: date | None
    complex_provisional: bool
    term: int | None
    """Working days of the ordinary term"""
    clauses: tuple[str, ...]
    version: str
    explanation: tuple[str, ...]
    paused: bool = False
    left: str = ""
    remedial: bool = False
    any_remedial: bool = False
    """Either clock's date is 补救期限"""
    ordinary_on: date | None = None
    """The date without 情况复杂 and extension, by which the complainant must be told of the first"""

    def fields(self) -> dict[str, Any]:
        """Fields for a response, dates in words."""
        return {
            "received": spoken(self.received),
            "due": spoken(self.due_on, self.provisional) if self.due_on else "",
            "second": spoken(self.second_due_on) if self.second_due_on else "",
            "due_complex": spoken(self.complex_due_on, self.complex_provisional) if self.complex_due_on else "",
            "remaining": self.remaining,
            "left": self.left,
            "term": self.term,
        }

    def data(self, number: str) -> dict[str, Any]:
        """The typed result of the contract."""
        return {
            "kind": "complaint",
            "number": number,
            "due_on": iso(self.due_on),
            "second_due_on": iso(self.second_due_on),
            "provisional": self.provisional,
            "working_to": iso(self.working_to),
            "explanation": list(self.explanation),
        }

    def record(self) -> dict[str, Any]:
        """For the audit chain: what was told."""
        return {
            "due_on": iso(self.due_on),
            "second_due_on": iso(self.second_due_on),
            "provisional": self.provisional,
            "edition": self.version,
        }


def _clauses(clocks: ComplaintClocks) -> tuple[str, ...]:
    """Clauses that an acknowledgement cites: the ordinary and the complex term."""
    terms = (clocks.standard.ordinary, clocks.standard.complex)
    return tuple(term.clause for term in terms if term.clause)


type Assumed = dict[tuple[About, int], date]
"""Notices that are taken for given, for a text that says what holds once it was given"""


def facts_of(case: Complaint, assumed: Assumed | None = None) -> ComplaintFacts:
    """What the clock knows of a stored case. New facts restart the second clock only."""
    given = assumed or {}
    closed = legal_date(case.closed_at) if case.closed_at else None
    granted = next((one for one in case.extensions if one.state == ExtensionState.APPROVED), None)
    return ComplaintFacts(
        received=legal_date(case.received_at),
        complexity=_complexity(case, given),
        extension=_extension(case, granted, given) if granted else None,
        pauses=tuple(
            Pause(one.commissioned_on, one.returned_on, _told_on(case, given, About.PAUSE, one.no))
            for one in case.pauses
        ),
        new_facts=tuple(legal_date(s.at) for s in case.statements if s.kind == StatementKind.SUPPLEMENT),
        told=closed if case.status == ComplaintStatus.TOLD else None,
        withdrawn=closed if case.status == ComplaintStatus.WITHDRAWN else None,
        outside_standard=case.kind == ComplaintKind.OTHER,
        review=case.form == ComplaintForm.REVIEW,
        head_office=case.branch is not None and case.branch.parent_id is None,
    )


def _complexity(case: Complaint, given: Assumed) -> Complexity | None:
    made = case.classification
    if made is None:
        return None
    day = legal_date(made.at)
    return Complexity(day, day, _told_on(case, given, About.CLASSIFICATION))


def _extension(case: Complaint, granted: models.Extension, given: Assumed) -> Extension:
    assert granted.answered_at is not None
    assert granted.approver is not None
    return Extension(
        legal_date(granted.answered_at), Approver(granted.approver), _told_on(case, given, About.EXTENSION, granted.no)
    )


def _told_on(case: Complaint, given: Assumed, about: About, no: int = 1) -> date | None:
    """The day on which the complainant counts as told of this."""
    at = told_at(one.telling for one in case.notices if one.about == about and one.about_no == no)
    return legal_date(at) if at else given.get((about, no))


class ComplaintDates:
    """Computes dates by the calendar and the clock of the edition under which a case began."""

    def __init__(self, calendar: CalendarStore, editions: Editions) -> None:
        self._calendar = calendar
        self._editions = editions

    def edition(self, received: datetime) -> str:
        """The edition under which a case begins: the one in force on the day of its receipt."""
        return self._editions.on(legal_date(received)).edition.key

    def clocks(self, edition: str) -> ComplaintClocks:
        """The clocks of an edition. Raises KnowledgeError for one that is not there."""
        return self._editions.get(edition).complaint

    @property
    def calendar(self) -> WorkCalendar:
        """The calendar by which days are counted now."""
        return self._calendar.calendar()

    def standing(self, case: Complaint, now: datetime) -> Standing:
        """Where both clocks of a case stand as of an instant, with what was missed for good."""
        return standing(facts_of(case), legal_date(now), self.calendar, self.clocks(case.edition))

    def told(self, case: Complaint, now: datetime, assumed: Assumed | None = None) -> Told:
        """The dates of a case as of an instant; with `assumed`, as they are once these notices count."""
        calendar, clocks = self.calendar, self.clocks(case.edition)
        received, today = legal_date(case.received_at), legal_date(now)
        facts = facts_of(case, assumed)
        found = standing(facts, today, calendar, clocks)
        if_complex = standing(
            ComplaintFacts(received=received, complexity=Complexity(received, received, received)),
            today,
            calendar,
            clocks,
        )
        plain = standing(replace(facts, complexity=None, extension=None), today, calendar, clocks)
        told = self._told(found, if_complex, facts, clocks, case.edition)
        return replace(told, ordinary_on=plain.leading.due)

    def reasons(self, case: Complaint, now: datetime) -> tuple[Standing, dict[str, Explanation]]:
        """Where a case stands, and the reasons of each of its clocks: `standard` (not outside it), then `second`."""
        calendar, clocks = self.calendar, self.clocks(case.edition)
        facts = facts_of(case)
        found = standing(facts, legal_date(now), calendar, clocks)
        named = {"standard": found.standard, "second": found.second}
        version = clocks.rule_version
        return found, {
            name: explain(clock, facts, calendar, edition=case.edition, rule_version=version)
            for name, clock in named.items()
            if clock is not None
        }

    def _told(
        self, found: Standing, if_complex: Standing, facts: ComplaintFacts, clocks: ComplaintClocks, edition: str
    ) -> Told:
        calendar = self.calendar
        leading, standard = found.leading, found.standard
        reasons = explain(leading, facts, calendar, edition=edition, rule_version=clocks.rule_version)
        complex_ = if_complex.standard.deadline if standard and if_complex.standard else None
        return Told(
            received=facts.received,
            due_on=standard.due if standard else None,
            second_due_on=found.second.due,
            working_to=found.working_to,
            provisional=leading.provisional,
            remaining=leading.remaining,
            overdue=bool(leading.breaches),
            complex_due_on=complex_.on if complex_ else None,
            complex_provisional=bool(complex_ and complex_.provisional),
            term=standard.deadline.term.days if standard else None,
            clauses=_clauses(clocks) if standard else (),
            version=edition,
            explanation=tuple(render(reasons)),
            paused=found.paused,
            left=left_words(leading.deadline.left),
            remedial=leading.remedial,
            any_remedial=found.second.remedial or bool(standard and standard.remedial),
        )
