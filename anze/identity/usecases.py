"""Who may act for whom: binding by a code, colleagues, requests that staff decide, leaving. Never commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.clock import legal_date
from anze.complaints.models import Complaint, ComplaintStatus
from anze.conversations.models import Conversation
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.codes import Claim, Codes
from anze.identity.models import ChallengePurpose, Person, Right, RightKind, SignIn
from anze.identity.profile import act_for, masked
from anze.identity.speaker import insureds_of_person, speaker_of
from anze.policies import store as policies
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured


def challenge_bind(
    session: Session, conversation_id: str, codes: Codes, policy_no: str, phone: str, now: datetime
) -> dict[str, Any]:
    """A code to the phone on file, if this policy and phone belong together; the same answer when they do not."""
    policy_no, phone = policy_no.strip().upper(), phone.strip()
    subject = _pair(session, policy_no, phone)
    claim = Claim(ChallengePurpose.BIND, f"bind|{policy_no}|{phone}", subject, phone if subject else None)
    return codes.send(session, conversation_id, claim, now)


def _pair(session: Session, policy_no: str, phone: str) -> dict[str, Any] | None:
    """What this phone may act for under this policy: the applicant, or insureds that it is the contact of."""
    policy = session.scalar(select(Policy).where(Policy.number == policy_no))
    if policy is None or not phone:
        return None
    insured = session.scalar(
        select(Insured)
        .join(PolicyInsured, PolicyInsured.insured_id == Insured.id)
        .where(PolicyInsured.policy_id == policy.id, Insured.contact_phone == phone)
        .order_by(Insured.id)
        .limit(1)
    )
    if insured is not None:
        return {"insured_id": insured.id, "phone": phone, "name": insured.contact_name, "kind": RightKind.MAIN_CONTACT}
    applicant = session.get_one(Applicant, policy.applicant_id)
    if applicant.contact_phone == phone:
        return {"applicant_id": applicant.id, "phone": phone, "name": applicant.contact_name,
                "kind": RightKind.APPLICANT}  # fmt: skip
    return _known_person(session, policy, phone)


def _known_person(session: Session, policy: Policy, phone: str) -> dict[str, Any] | None:
    """A colleague or agent who was let in before signs in with a code to the own phone."""
    person = session.scalar(select(Person).where(Person.phone == phone))
    if person is None:
        return None
    named = select(PolicyInsured.insured_id).where(PolicyInsured.policy_id == policy.id)
    right = session.scalar(
        select(Right)
        .where(
            Right.person_id == person.id,
            Right.ended_at.is_(None),
            or_(Right.insured_id.in_(named), Right.applicant_id == policy.applicant_id),
        )
        .limit(1)
    )
    if right is None:
        return None
    subject = {"insured_id": right.insured_id, "applicant_id": right.applicant_id}
    return {k: v for k, v in subject.items() if v} | {"phone": phone, "name": person.name, "kind": right.kind}


def confirm_bind(
    session: Session, conversation_id: str, codes: Codes, code: str, now: datetime
) -> dict[str, Any] | DomainError:
    """Bind the conversation to the person whose phone got the code. A refusal is returned, so that it is counted."""
    found = codes.check(session, conversation_id, ChallengePurpose.BIND, code, now)
    if isinstance(found, DomainError):
        return found
    subject = found.subject or {}
    person = person_with(session, subject["phone"], subject.get("name") or "", now)
    grant(session, person, subject, proof="code", by=f"person:{person.id}", now=now)
    conversation = session.get_one(Conversation, conversation_id)
    bind(session, conversation, person, subject.get("insured_id"), now)
    return _bound_view(session, conversation, now)


def person_with(session: Session, phone: str, name: str, now: datetime) -> Person:
    """The person of a phone number, made when there is none yet."""
    person = session.scalar(select(Person).where(Person.phone == phone))
    if person is None:
        person = Person(name=name, phone=phone, created_at=now)
        session.add(person)
        session.flush()
    return person


def grant(session: Session, person: Person, subject: dict[str, Any], *, proof: str, by: str, now: datetime) -> Right:
    """A right that is there already stays as it is."""
    insured_id, applicant_id = subject.get("insured_id"), subject.get("applicant_id")
    right = session.scalar(
        select(Right).where(
            Right.person_id == person.id,
            Right.insured_id == insured_id,
            Right.applicant_id == applicant_id,
            Right.ended_at.is_(None),
        )
    )
    if right is None:
        right = Right(
            person_id=person.id,
            insured_id=insured_id,
            applicant_id=applicant_id,
            kind=subject["kind"],
            proof=proof,
            granted_at=now,
            granted_by=by,
        )
        session.add(right)
        session.flush()
        body = {"right_id": right.id, "kind": str(right.kind), "proof": proof}
        append(session, at=now, kind="identity.granted", subject=f"person:{person.id}", actor=by, body=body)
    return right


def bind(session: Session, conversation: Conversation, person: Person, insured_id: int | None, now: datetime) -> None:
    """From now on the conversation is this person's; what was begun or filed in it becomes the person's too."""
    conversation.person_id = person.id
    insureds = insureds_of_person(session, person.id)
    conversation.acting_for_id = insured_id or (next(iter(insureds)) if len(insureds) == 1 else None)
    session.flush()
    session.execute(
        update(Complaint)
        .where(Complaint.conversation_id == conversation.id, Complaint.person_id.is_(None))
        .values(person_id=person.id)
    )
    if conversation.acting_for_id is not None:
        _route(session, conversation, conversation.acting_for_id, now)


def _route(session: Session, conversation: Conversation, insured_id: int, now: datetime) -> None:
    """The branch of the policy in force looks after the conversation; an unfinished complaint is the firm's."""
    in_force = policies.in_force(session, insured_id, legal_date(now))
    if in_force:
        conversation.branch_id = in_force[0].branch_id
    for draft in session.scalars(
        select(Complaint).where(
            Complaint.conversation_id == conversation.id,
            Complaint.status.in_([ComplaintStatus.DRAFT, ComplaintStatus.INTAKE]),
            Complaint.insured_id.is_(None),
        )
    ):
        draft.insured_id = insured_id
        if in_force:
            draft.policy_id, draft.branch_id = in_force[0].id, in_force[0].branch_id


def _bound_view(session: Session, conversation: Conversation, now: datetime) -> dict[str, Any]:
    speaker = speaker_of(session, conversation)
    insureds = list(session.scalars(select(Insured).where(Insured.id.in_(speaker.insured_ids)).order_by(Insured.id)))
    acting_for = next((i for i in insureds if i.id == speaker.acting_for_id), None)
    shown = [acting_for] if acting_for else insureds
    held = {p.number for insured in shown for p in policies.in_force(session, insured.id, legal_date(now))}
    return {"insured": (acting_for or insureds[0]).name, "policies": sorted(held)}


def challenge_complaint(session: Session, turn: Turn, codes: Codes, number: str) -> dict[str, Any]:
    """A code to the phone given with a complaint, if there is such a complaint with a phone; the same answer if not."""
    complaint = session.scalar(select(Complaint).where(Complaint.number == number))
    phone = complaint.contact_phone if complaint is not None else None
    subject = {"complaint_id": complaint.id} if complaint is not None and phone else None
    claim = Claim(ChallengePurpose.COMPLAINT, f"complaint|{number}", subject, phone or None)
    return codes.send(session, turn.conversation_id, claim, turn.now)


def confirm_complaint(session: Session, turn: Turn, codes: Codes, code: str) -> dict[str, Any]:
    """Open a complaint for this conversation. `refused` says why not."""
    found = codes.check(session, turn.conversation_id, ChallengePurpose.COMPLAINT, code, turn.now)
    return {"refused": found.detail, "locked": found.status == 429} if isinstance(found, DomainError) else {}


def start_bind(session: Session, turn: Turn, codes: Codes, policy_no: str, phone: str) -> dict[str, Any]:
    """challenge_bind in a talk: a refusal is told in words."""
    try:
        return challenge_bind(session, turn.conversation_id, codes, policy_no, phone, turn.now)
    except DomainError as error:
        return {"refused": error.detail}


def finish_bind(session: Session, turn: Turn, codes: Codes, code: str) -> dict[str, Any]:
    """confirm_bind in a talk: a refusal is told in words."""
    found = confirm_bind(session, turn.conversation_id, codes, code, turn.now)
    if isinstance(found, DomainError):
        return {"refused": found.detail, "locked": found.status == 429}
    return found


def unbind(session: Session, turn: Turn) -> dict[str, Any]:
    """This conversation no longer belongs to the person; the rights stay for another time."""
    conversation = session.get_one(Conversation, turn.conversation_id)
    if conversation.person_id is None:
        return {"unbound": False}
    body = {"conversation_id": conversation.id}
    append(session, at=turn.now, kind="identity.unbound", subject=f"person:{conversation.person_id}",
           actor=turn.speaker.actor, body=body)  # fmt: skip
    conversation.person_id = None
    conversation.acting_for_id = None
    return {"unbound": True}


def firms(session: Session, turn: Turn) -> list[dict[str, Any]]:
    """The insureds that the speaker acts for: id, name, and which one the talk is about."""
    rows = session.scalars(select(Insured).where(Insured.id.in_(turn.speaker.insured_ids)).order_by(Insured.id))
    return [{"id": i.id, "name": i.name, "current": i.id == turn.speaker.acting_for_id} for i in rows]


def sign_out(session: Session, conversation_id: str, real_now: datetime) -> None:
    """End the tokens of a conversation."""
    session.execute(
        update(SignIn)
        .where(SignIn.conversation_id == conversation_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=real_now)
    )


def who(session: Session, turn: Turn) -> dict[str, Any]:
    """The speaker's own name and phone, the phone masked."""
    person = session.get_one(Person, turn.speaker.person_id)
    return {"name": person.name, "phone": masked(person.phone)}


def choose(session: Session, turn: Turn, insured_id: int) -> dict[str, Any]:
    """Act for another of one's own firms from now on."""
    insured = act_for(session, turn.conversation_id, insured_id)
    _route(session, session.get_one(Conversation, turn.conversation_id), insured.id, turn.now)
    return {"firm": insured.name}
