"""An unfinished complaint and what the data hold of its owner: the person, the firm, the policy in force."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import legal_date
from anze.complaints.models import Complaint
from anze.complaints.store import UNFINISHED
from anze.identity.models import Person
from anze.policies import usecases as policies


def adopt(session: Session, conversation_id: str, person: Person, insured_id: int | None) -> None:
    """What a visitor began or filed in a conversation becomes the person's; what is unfinished, the firm's too."""
    for complaint in session.scalars(select(Complaint).where(Complaint.conversation_id == conversation_id)):
        if complaint.person_id is None:
            complaint.person_id = person.id
        if complaint.status in UNFINISHED:
            know_owner(session, complaint, person, insured_id)
    session.flush()


def know_owner(session: Session, draft: Complaint, person: Person, insured_id: int | None) -> None:
    """Fill in what nobody has to be asked for."""
    draft.person_id = draft.person_id or person.id
    if draft.contact_phone is None:
        draft.contact_phone, draft.contact_name = person.phone, draft.contact_name or person.name
    if draft.insured_id is None and insured_id is not None:
        for_insured(session, draft, insured_id)


def for_insured(session: Session, draft: Complaint, insured_id: int) -> None:
    """The complaint is this firm's; its policy on the day of receipt says which branch handles it."""
    draft.insured_id = insured_id
    in_force = policies.in_force(session, insured_id, legal_date(draft.received_at))
    if in_force:
        draft.policy_id, draft.branch_id = in_force[0].id, in_force[0].branch_id
