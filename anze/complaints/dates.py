"""The dates of a stored complaint: from its row to the pure clock, and to what is told and recorded."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from anze.calendar.data import CalendarStore
from anze.calendar.terms import Editions
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints.clocks import ComplaintClocks
from anze.complaints.explain import render
from anze.complaints.models import Complaint, ComplaintKind, ComplaintStatus, StatementKind
from anze.complaints.reasons import Explanation, explain
from anze.complaints.rules import ComplaintFacts, Complexity, Standing, standing


@dataclass(frozen=True)
class Told:
    """What is said of a case's dates. `due_on` is the standard's, None outside it; `remaining` in working days."""

    received: date
    due_on: date | None
    second_due_on: date
    working_to: date
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

    def fields(self) -> dict[str, Any]:
        """Fields for a response, dates in words."""
        return {
            "received": spoken(self.received),
            "due": spoken(self.due_on, self.provisional) if self.due_on else "",
            "second": spoken(self.second_due_on),
            "due_complex": spoken(self.complex_due_on, self.complex_provisional) if self.complex_due_on else "",
            "remaining": self.remaining,
            "term": self.term,
        }

    def data(self, number: str) -> dict[str, Any]:
        """The typed result of the contract."""
        return {
            "kind": "complaint",
            "number": number,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "second_due_on": self.second_due_on.isoformat(),
            "provisional": self.provisional,
            "working_to": self.working_to.isoformat(),
            "explanation": list(self.explanation),
        }

    def record(self) -> dict[str, Any]:
        """For the audit chain: what was told."""
        return {
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "second_due_on": self.second_due_on.isoformat(),
            "provisional": self.provisional,
            "edition": self.version,
        }


def _clauses(clocks: ComplaintClocks) -> tuple[str, ...]:
    """Clauses that an acknowledgement cites: the ordinary and the complex term."""
    terms = (clocks.standard.ordinary, clocks.standard.complex)
    return tuple(term.clause for term in terms if term.clause)


def facts_of(case: Complaint) -> ComplaintFacts:
    """What the clock knows of a stored case. New facts restart the second clock only."""
    closed = legal_date(case.closed_at) if case.closed_at else None
    return ComplaintFacts(
        received=legal_date(case.received_at),
        new_facts=tuple(legal_date(s.at) for s in case.statements if s.kind == StatementKind.SUPPLEMENT),
        told=closed if case.status == ComplaintStatus.TOLD else None,
        withdrawn=closed if case.status == ComplaintStatus.WITHDRAWN else None,
        outside_standard=case.kind == ComplaintKind.OTHER,
    )


class ComplaintDates:
    """Computes dates by the calendar and the clocks in force; a case stays on the edition it began under."""

    def __init__(self, calendar: CalendarStore, editions: Editions[ComplaintClocks]) -> None:
        self._calendar = calendar
        self._editions = editions

    @property
    def edition(self) -> str:
        """The edition under which a new case begins."""
        return self._editions.current

    def told(self, case: Complaint, now: datetime) -> Told:
        """The dates of a case as of an instant."""
        calendar, clocks = self._calendar.calendar(), self._editions.get(case.edition)
        received, today = legal_date(case.received_at), legal_date(now)
        facts = facts_of(case)
        found = standing(facts, today, calendar, clocks)
        if_complex = standing(
            ComplaintFacts(received=received, complexity=Complexity(received, received, received)),
            today,
            calendar,
            clocks,
        )
        return self._told(found, if_complex, facts, clocks, case.edition)

    def reasons(self, case: Complaint, now: datetime) -> tuple[Standing, dict[str, Explanation]]:
        """Where a case stands, and the reasons of each of its clocks: `standard` (not outside it), then `second`."""
        calendar, clocks = self._calendar.calendar(), self._editions.get(case.edition)
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
        calendar = self._calendar.calendar()
        leading, standard = found.leading, found.standard
        reasons = explain(leading, facts, calendar, edition=edition, rule_version=clocks.rule_version)
        second_due = found.second.due
        working_to = found.working_to
        if second_due is None or working_to is None:  # only an open pause leaves a clock without a date
            raise ValueError("a case without pauses has dates")
        complex_ = if_complex.standard.deadline if standard and if_complex.standard else None
        return Told(
            received=facts.received,
            due_on=standard.due if standard else None,
            second_due_on=second_due,
            working_to=working_to,
            provisional=leading.provisional,
            remaining=leading.remaining,
            overdue=bool(leading.breaches),
            complex_due_on=complex_.on if complex_ else None,
            complex_provisional=bool(complex_ and complex_.provisional),
            term=standard.deadline.term.days if standard else None,
            clauses=_clauses(clocks) if standard else (),
            version=edition,
            explanation=tuple(render(reasons)),
        )
