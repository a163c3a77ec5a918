"""Who may act for whom: binding by a code, colleagues, requests that staff decide, leaving. Never commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.clock import legal_date
from anze.complaints.adoption import adopt
from anze.complaints.models import Complaint
from anze.conversations.models import Conversation
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.codes import DIGITS, Claim, Codes
from anze.identity.models import ChallengePurpose, Person, SignIn
from anze.identity.profile import masked
from anze.identity.rights import claims_of, grant, proved_person
from anze.identity.speaker import insureds_of_person, speaker_of
from anze.policies import usecases as policies
from anze.policies.models import Insured, Policy


def challenge_bind(
    session: Session, conversation_id: str, codes: Codes, policy_no: str, phone: str, now: datetime
) -> dict[str, Any]:
    """A code to the phone on file, if this policy and phone belong together; the same answer when they do not."""
    policy_no, phone = normalise(policy_no).upper(), normalise(phone)
    policy = session.scalar(select(Policy).where(Policy.number == policy_no))
    known = policy is not None and bool(claims_of(session, policy, phone))
    subject = {"policy_id": policy.id, "phone": phone} if policy is not None and known else None
    claim = Claim(ChallengePurpose.BIND, f"bind|{policy_no}|{phone}", subject, phone if known else None)
    return codes.send(session, conversation_id, claim, now)


def confirm_bind(
    session: Session, conversation_id: str, codes: Codes, code: str, now: datetime
) -> dict[str, Any] | DomainError:
    """Bind the conversation to the person whose phone got the code. A refusal is returned, so that it is counted."""
    found = codes.check(session, conversation_id, ChallengePurpose.BIND, code, now)
    if isinstance(found, DomainError):
        return found
    subject = found.subject or {}
    phone: str = subject["phone"]
    # Asked again: a right may have ended since the code was sent.
    claims = claims_of(session, session.get_one(Policy, subject["policy_id"]), phone)
    if not claims:
        return DomainError("code_expired", 422)
    person = proved_person(session, phone, claims[0].name, now)
    for claim in claims:
        grant(session, person, claim, proof="code", by=f"person:{person.id}", now=now)
    named = {claim.insured_id for claim in claims if claim.insured_id is not None}
    conversation = session.get_one(Conversation, conversation_id)
    bind(session, conversation, person, named.pop() if len(named) == 1 else None, now)
    return _bound_view(session, conversation, now)


def bind(session: Session, conversation: Conversation, person: Person, insured_id: int | None, now: datetime) -> None:
    """From now on the conversation is this person's; what was begun or filed in it becomes the person's too."""
    conversation.person_id = person.id
    insureds = insureds_of_person(session, person.id)
    conversation.acting_for_id = insured_id or (next(iter(insureds)) if len(insureds) == 1 else None)
    _settle(session, conversation, person, now)


def _settle(session: Session, conversation: Conversation, person: Person, now: datetime) -> None:
    """The branch of the policy in force looks after the conversation; an unfinished complaint is the firm's."""
    insured_id = conversation.acting_for_id
    in_force = policies.in_force(session, insured_id, legal_date(now)) if insured_id is not None else []
    if in_force:
        conversation.branch_id = in_force[0].branch_id
    session.flush()
    adopt(session, conversation.id, person, insured_id)


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
    if len(code) != DIGITS:
        return _not_a_code()
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
    if len(code) != DIGITS:
        return _not_a_code()
    found = confirm_bind(session, turn.conversation_id, codes, code, turn.now)
    if isinstance(found, DomainError):
        return {"refused": found.detail, "locked": found.status == 429}
    return found


def _not_a_code() -> dict[str, Any]:
    """Words where a code was asked for: no guess, and not counted as one."""
    return {"refused": DomainError("code_format").detail, "locked": False}


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


def act_for(session: Session, conversation_id: str, insured_id: int, now: datetime) -> Insured:
    """Choose among one's own firms. Raises DomainError not_found for any other."""
    conversation = session.get_one(Conversation, conversation_id)
    speaker = speaker_of(session, conversation)
    if insured_id not in speaker.insured_ids or speaker.person_id is None:
        raise DomainError("not_found", 404)
    conversation.acting_for_id = insured_id
    _settle(session, conversation, session.get_one(Person, speaker.person_id), now)
    return session.get_one(Insured, insured_id)


def choose(session: Session, turn: Turn, insured_id: int) -> dict[str, Any]:
    """Act for another of one's own firms from now on."""
    insured = act_for(session, turn.conversation_id, insured_id, turn.now)
    return {"firm": insured.name}
