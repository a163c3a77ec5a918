"""Queries over the ledger within the branch tree of who asks."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from anze.bookings.models import Service
from anze.fees.kinds import State
from anze.fees.models import LedgerDecision, LedgerEntry, RelatedParty
from anze.fees.rules import Parties, plain_name
from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker
from anze.policies.models import Applicant, Insured, Policy

_CHUNK = 400


def counted(entry: Any = LedgerEntry) -> ColumnElement[bool]:
    """Entries that are in the sums: never held, or a supervisor let them pass. Reversals are entries of their own."""
    passed = select(LedgerDecision.entry_id).where(LedgerDecision.approved)
    return or_(entry.held_for.is_(None), entry.id.in_(passed))


def in_state(state: State | None) -> ColumnElement[bool]:
    """Entries that stand so."""
    decided = select(LedgerDecision.entry_id)
    refused = decided.where(~LedgerDecision.approved)
    other = aliased(LedgerEntry)
    reversed_ = exists().where(other.reverses_id == LedgerEntry.id)
    return {
        None: true(),
        State.HELD: and_(LedgerEntry.held_for.is_not(None), LedgerEntry.id.not_in(decided)),
        State.REFUSED: LedgerEntry.id.in_(refused),
        State.REVERSED: reversed_,
        State.COUNTED: and_(counted(), ~reversed_),
    }[state]


def visible(speaker: Speaker) -> ColumnElement[bool]:
    return LedgerEntry.branch_id.in_(branches_of(speaker))


def parties(session: Session, payees: Iterable[tuple[str, str | None]]) -> Parties:
    """Who of these payees (name, code) is an applicant or insured, of any policy, or is related to one."""
    given = list(payees)
    names = sorted({plain_name(name) for name, _ in given})
    codes = sorted({code for _, code in given if code})
    known_names: set[str] = set()
    known_codes: set[str] = set()
    for firm in (Applicant, Insured):
        for chunk in _chunks(names):
            known_names |= {plain_name(name) for name in session.scalars(_named(firm, chunk))}
        for chunk in _chunks(codes):
            known_codes |= set(session.scalars(select(firm.uscc).where(firm.uscc.in_(chunk))))
    related = select(RelatedParty).where(or_(RelatedParty.plain_name.in_(names), RelatedParty.uscc.in_(codes)))
    rows = session.scalars(related).all()
    return Parties(known_names, known_codes, {row.plain_name for row in rows}, {row.uscc for row in rows if row.uscc})


def _named(firm: type[Applicant] | type[Insured], plain: list[str]) -> Select[tuple[str]]:
    """Names that are the same but for spaces and brackets; a name of our own tables is in simplified half width."""
    stripped: Any = firm.name
    for left_out in (" ", "\u3000", "(", ")", "（", "）", "·", "."):
        stripped = func.replace(stripped, left_out, "")
    return select(firm.name).where(func.lower(stripped).in_(plain))


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def policy_of(session: Session, number: str) -> Policy | None:
    return session.scalar(select(Policy).where(Policy.number == number))


def service_of(session: Session, number: str) -> Service | None:
    return session.scalar(select(Service).where(Service.number == number))
