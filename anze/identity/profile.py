"""What a page shows around the talk: whom it is bound to, the branch, the privacy notice, who answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.clock import SHANGHAI, Clock
from anze.conversations.models import Conversation
from anze.identity.models import Branch, Person
from anze.identity.speaker import speaker_of
from anze.policies.models import Insured
from anze.texts import text as say

PRIVACY_VERSION = "2026-11"


def branch_view(session: Session, conversation: Conversation) -> dict[str, Any]:
    branch = session.get_one(Branch, conversation.branch_id)
    return {"name": branch.name, "hotline": branch.hotline, "hours": branch.hours}


def first_contact(session: Session, conversation: Conversation, clock: Clock, *, demo: bool) -> dict[str, Any]:
    """The privacy notice and the branch, for somebody who has just come."""
    return {"privacy": _notice(), "branch": branch_view(session, conversation)} | _demo(clock, demo=demo)


def _notice() -> dict[str, str]:
    return {"version": PRIVACY_VERSION, "title": say("identity.privacy_title"), "text": say("identity.privacy")}


def _demo(clock: Clock, *, demo: bool) -> dict[str, Any]:
    if not demo:
        return {}
    return {"demo": {"now": clock.now().astimezone(SHANGHAI).isoformat(timespec="seconds")}}


def of(session: Session, conversation: Conversation, clock: Clock, *, demo: bool) -> dict[str, Any]:
    """Everything the page shows of a conversation beside its messages."""
    speaker = speaker_of(session, conversation)
    insureds = list(session.scalars(select(Insured).where(Insured.id.in_(speaker.insured_ids)).order_by(Insured.id)))
    person = session.get(Person, speaker.person_id) if speaker.person_id else None
    acting_for = next((i for i in insureds if i.id == speaker.acting_for_id), None)
    return {
        "bound": speaker.bound,
        "person": {"name": person.name, "phone_masked": masked(person.phone)} if person else None,
        "acting_for": _firm(acting_for) if acting_for else None,
        "insureds": [_firm(insured) for insured in insureds],
        "branch": branch_view(session, conversation),
        "handoff": conversation.handoff,
        "privacy": _notice(),
        "consented": conversation.consent_version == PRIVACY_VERSION,
    } | _demo(clock, demo=demo)


def _firm(insured: Insured) -> dict[str, Any]:
    return {"id": insured.id, "name": insured.name}


def masked(phone: str) -> str:
    """138****0001"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def consent(session: Session, conversation_id: str, version: str, now: datetime) -> None:
    """Keep which notice was accepted and when."""
    conversation = session.get_one(Conversation, conversation_id)
    conversation.consent_version, conversation.consent_at = version, now
