"""Who must not handle a case (回避): somebody with an interest in it does not judge it.

A grievance is all its records: what was merged into the case, and the cases that it comes back to, count like the case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.handling_models import Interest
from anze.complaints.models import Complaint
from anze.conversations.normalise import normalise
from anze.identity.models import Person, Staff
from anze.texts import text as say

SHORTEST_NAME = 2
"""Letters: 王 alone is in every second story (王府井) and names nobody."""
_PHONE_DIGITS = 11
"""A mobile number with or without 86 before it is one number."""


@dataclass(frozen=True)
class Grounds:
    """What is known of a grievance that speaks against somebody."""

    declared: frozenset[int]
    """Ids of staff"""
    phones: frozenset[str]
    deciders: frozenset[str]
    said: str

    def against(self, staff: Staff) -> str | None:
        """Why this person must not handle the case, in words; None: nothing is known against it."""
        name = _letters(staff.name)
        checks = (
            ("declared", staff.id in self.declared),
            ("complainant", bool(staff.phone) and _digits(staff.phone or "") in self.phones),
            ("decided_before", f"staff:{staff.id}" in self.deciders),
            ("named", len(name) >= SHORTEST_NAME and name in self.said),
        )
        why = next((reason for reason, holds in checks if holds), None)
        return say(f"complaint.interest.{why}") if why else None


def interest_of(session: Session, case: Complaint, staff: Staff) -> str | None:
    """As Grounds.against, for one person."""
    return grounds(session, case).against(staff)


def grounds(session: Session, case: Complaint) -> Grounds:
    """What speaks against whoever it may be; read once for many of them."""
    records = _records(session, case)
    declared = select(Interest.staff_id).where(Interest.complaint_id.in_([one.id for one in records]))
    return Grounds(
        frozenset(session.scalars(declared)),
        frozenset(_complainants(session, records)),
        frozenset(chain.from_iterable(_deciders(one) for one in records)),
        _letters(" ".join(statement.text for one in records for statement in one.statements)),
    )


def _records(session: Session, case: Complaint) -> list[Complaint]:
    """The case and whatever was merged into it, and into that."""
    found, ids = [case], [case.id]
    while ids:
        merged = list(session.scalars(select(Complaint).where(Complaint.merged_into_id.in_(ids))))
        found += merged
        ids = [one.id for one in merged]
    return found


def _complainants(session: Session, records: list[Complaint]) -> set[str]:
    """Telephones of those who complain, and of those who speak for them."""
    persons = session.scalars(select(Person.phone).where(Person.id.in_([one.person_id for one in records])))
    representatives = (other.phone for one in records for other in one.representatives)
    phones = chain(persons, representatives, (one.contact_phone for one in records))
    return {_digits(phone) for phone in phones if phone}


def _deciders(record: Complaint) -> Iterable[str]:
    """Who decided the case that is under review, and the one which that was a review of."""
    before = record.follows
    while before is not None:
        if before.decision is not None:
            yield before.decision.decided_by
        before = before.follows


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))[-_PHONE_DIGITS:]


def _letters(text: str) -> str:
    """Only what is read aloud: however it is spaced, dotted, cased, in whichever characters."""
    return "".join(filter(str.isalpha, normalise(text).casefold()))
