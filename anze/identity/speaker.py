"""Who is speaking, looked up in the application's own tables and never taken from what a client sends."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.conversations.models import Conversation
from anze.identity.models import Branch, Challenge, ChallengePurpose, Right, Role, Staff
from anze.policies.models import Policy, PolicyInsured


class Audience(StrEnum):
    """Who is in front of the bot; `bot/audiences.yml` says what each may mean."""

    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True)
class Speaker:
    """What one conversation may see. A visitor has neither person nor staff: only what it filed itself.

    `insured_ids`: the insureds that the person acts for now. `opened_complaint_ids`: cases that a code sent to their
    contact phone opened for this conversation. `branch_path`: the part of the branch tree that staff may see.
    """

    conversation_id: str
    person_id: int | None = None
    staff_id: int | None = None
    role: str | None = None
    branch_path: str | None = None
    provider_id: int | None = None
    acting_for_id: int | None = None
    insured_ids: frozenset[int] = frozenset()
    opened_complaint_ids: frozenset[int] = frozenset()

    @property
    def actor(self) -> str:
        """How records name the speaker."""
        if self.staff_id is not None:
            return f"staff:{self.staff_id}"
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"visitor:{self.conversation_id}"

    @property
    def bound(self) -> bool:
        return self.person_id is not None

    @property
    def colleague(self) -> bool:
        """One of the insurer's own people; a provider's person is none."""
        return self.staff_id is not None and self.role != Role.PROVIDER

    @property
    def audience(self) -> Audience:
        """Whose intents its words may have."""
        return Audience.STAFF if self.colleague else Audience.PUBLIC


def insureds_of_person(session: Session, person_id: int) -> frozenset[int]:
    """Ids of the insureds that a person acts for: named ones, and for an applicant all those of its policies."""
    named = select(Right.insured_id).where(
        Right.person_id == person_id, Right.ended_at.is_(None), Right.insured_id.is_not(None)
    )
    through_applicant = (
        select(PolicyInsured.insured_id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .join(Right, Right.applicant_id == Policy.applicant_id)
        .where(Right.person_id == person_id, Right.ended_at.is_(None))
    )
    return frozenset(i for i in session.scalars(named.union(through_applicant)) if i is not None)


def speaker_of(session: Session, conversation: Conversation) -> Speaker:
    """The speaker of a conversation, with the rights it has at this moment."""
    if conversation.staff_id is not None:
        staff = session.get_one(Staff, conversation.staff_id)
        branch = session.get_one(Branch, staff.branch_id)
        return Speaker(
            conversation.id,
            staff_id=staff.id,
            role=staff.role,
            branch_path=branch.path,
            provider_id=staff.provider_id,
        )
    opened = frozenset(
        challenge.subject["complaint_id"]
        for challenge in session.scalars(
            select(Challenge).where(
                Challenge.conversation_id == conversation.id,
                Challenge.purpose == ChallengePurpose.COMPLAINT,
                Challenge.done_at.is_not(None),
            )
        )
        if challenge.subject
    )
    if conversation.person_id is None:
        return Speaker(conversation.id, opened_complaint_ids=opened)
    insureds = insureds_of_person(session, conversation.person_id)
    if not insureds:
        return Speaker(conversation.id, opened_complaint_ids=opened)
    acting_for = conversation.acting_for_id if conversation.acting_for_id in insureds else None
    if acting_for is None and len(insureds) == 1:
        (acting_for,) = insureds
    return Speaker(
        conversation.id,
        person_id=conversation.person_id,
        acting_for_id=acting_for,
        insured_ids=insureds,
        opened_complaint_ids=opened,
    )
