"""Queries over the ledger within the branch tree of who asks."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from anze.bookings.models import Service
from anze.clock import SHANGHAI
from anze.conversations.normalise import written_one_way
from anze.fees.kinds import State
from anze.fees.models import LedgerDecision, LedgerEntry, Payable, RelatedParty
from anze.fees.rules import Parties, plain_name
from anze.identity.branches import branches_of
from anze.identity.speaker import Speaker
from anze.policies.models import Applicant, Insured, Policy

_CHUNK = 400


def counted(entry: Any = LedgerEntry, *, until: date | None = None) -> ColumnElement[bool]:
    """Entries that are in the sums: never held, or a supervisor let them pass (up to the end of the day `until`).
    Reversals are entries of their own."""
    passed = select(LedgerDecision.entry_id).where(LedgerDecision.approved)
    if until is not None:
        passed = passed.where(LedgerDecision.decided_at < datetime.combine(until + timedelta(days=1), time(), SHANGHAI))
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


def unpaid() -> ColumnElement[bool]:
    """Payables without an entry that counts: one that is held has not paid yet."""
    counting = select(LedgerEntry.id).where(counted())
    return or_(Payable.paid_entry_id.is_(None), Payable.paid_entry_id.not_in(counting))


def owed_open(session: Session, service_id: int, provider_id: int | None) -> Payable | None:
    """What this provider is still owed for the service."""
    query = select(Payable).where(Payable.service_id == service_id, Payable.provider_id == provider_id, unpaid())
    return session.scalar(query.limit(1))


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
        for name in names:
            known_names |= {plain_name(kept) for kept in session.scalars(_named(firm, name))}
        for chunk in _chunks(codes):
            known_codes |= set(session.scalars(select(firm.uscc).where(firm.uscc.in_(chunk))))
    related = session.execute(select(RelatedParty.name, RelatedParty.uscc)).tuples().all()
    return Parties(
        known_names, known_codes, {plain_name(name) for name, _ in related}, {code for _, code in related if code}
    )


def _named(firm: type[Applicant] | type[Insured], plain: str) -> Select[tuple[str]]:
    """Names that may be the same: ours are kept as the insurer wrote them, so only characters that have one way of
    being written choose here, and whoever asks compares what is left."""
    return select(firm.name).where(and_(true(), *(firm.name.contains(one) for one in written_one_way(plain))))


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))


def policy_of(session: Session, number: str) -> Policy | None:
    return session.scalar(select(Policy).where(Policy.number == number))


def service_of(session: Session, number: str) -> Service | None:
    return session.scalar(select(Service).where(Service.number == number))
