"""What somebody may act for: what a phone on file stands for, whose it is, and the rights that follow."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.conversations.models import Conversation
from anze.db import insert_missing
from anze.identity.models import Person, Right, RightKind
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured


@dataclass(frozen=True)
class RightClaim:
    """A right that somebody has or gets: for one insured, or for an applicant and all insureds of its policies."""

    kind: str
    name: str = ""
    insured_id: int | None = None
    applicant_id: int | None = None


def claims_of(session: Session, policy: Policy, phone: str) -> list[RightClaim]:
    """What a phone stands for under a policy: its firms' contact, its applicant's, or somebody let in before."""
    if not phone:
        return []
    named = select(PolicyInsured.insured_id).where(PolicyInsured.policy_id == policy.id)
    contact_of = session.scalars(
        select(Insured).where(Insured.id.in_(named), Insured.contact_phone == phone).order_by(Insured.id)
    )
    claims = [RightClaim(RightKind.MAIN_CONTACT, i.contact_name or "", insured_id=i.id) for i in contact_of]
    applicant = session.get_one(Applicant, policy.applicant_id)
    if applicant.contact_phone == phone and _covers_more(session, applicant.id, claims):
        claims.append(RightClaim(RightKind.APPLICANT, applicant.contact_name or "", applicant_id=applicant.id))
    return claims or _let_in_before(session, policy, phone)


def _covers_more(session: Session, applicant_id: int, claims: list[RightClaim]) -> bool:
    """Whether an applicant has insureds beside those that are claimed already (most insure only themselves)."""
    covered = [claim.insured_id for claim in claims]
    others = (
        select(PolicyInsured.insured_id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(Policy.applicant_id == applicant_id, PolicyInsured.insured_id.not_in(covered))
    )
    return session.scalar(others.limit(1)) is not None


def _let_in_before(session: Session, policy: Policy, phone: str) -> list[RightClaim]:
    """A colleague or agent signs in with a code to the phone that was named when they were let in."""
    named = select(PolicyInsured.insured_id).where(PolicyInsured.policy_id == policy.id)
    rights = session.scalars(
        select(Right)
        .join(Person, Person.id == Right.person_id)
        .where(
            Person.phone == phone,
            Right.ended_at.is_(None),
            or_(Right.insured_id.in_(named), Right.applicant_id == policy.applicant_id),
        )
        .order_by(Right.id)
    )
    return [RightClaim(r.kind, r.person.name, r.insured_id, r.applicant_id) for r in rights]


def proved_person(session: Session, phone: str, name: str, now: datetime) -> Person:
    """The one person who has proved this phone, made when there is none yet; held until the transaction ends."""
    insert_missing(session, Person, name=name, phone=phone, phone_proved_at=now, created_at=now)
    return session.scalars(
        select(Person).where(Person.phone == phone, Person.phone_proved_at.is_not(None)).with_for_update()
    ).one()


def person_of(session: Session, conversation: Conversation, name: str, phone: str, now: datetime) -> Person:
    """Whose conversation it is. A visitor becomes a new person: a phone that was only named leads to nobody else."""
    if conversation.person_id is not None:
        return session.get_one(Person, conversation.person_id)
    person = Person(name=name, phone=phone, phone_proved_at=None, created_at=now)
    session.add(person)
    session.flush()
    return person


def grant(session: Session, person: Person, claim: RightClaim, *, proof: str, by: str, now: datetime) -> Right:
    """Give a right. One that is there already, of whatever kind, stays as it is."""
    right = session.scalar(
        select(Right).where(
            Right.person_id == person.id,
            Right.insured_id == claim.insured_id,
            Right.applicant_id == claim.applicant_id,
            Right.ended_at.is_(None),
        )
    )
    if right is None:
        right = Right(
            person_id=person.id,
            insured_id=claim.insured_id,
            applicant_id=claim.applicant_id,
            kind=claim.kind,
            proof=proof,
            granted_at=now,
            granted_by=by,
        )
        session.add(right)
        session.flush()
        body = {"right_id": right.id, "kind": str(right.kind), "proof": proof}
        append(session, at=now, kind="identity.granted", subject=f"person:{person.id}", actor=by, body=body)
    return right
