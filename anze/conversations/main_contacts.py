"""The main contacts of an insured, and the talks in which they are told something."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.conversations.models import Channel, Conversation
from anze.identity.models import Person, Right, RightKind


def main_contacts(session: Session, insured_id: int) -> list[Person]:
    """Persons with the right of a main contact that has not ended."""
    query = (
        select(Person)
        .join(Right, Right.person_id == Person.id)
        .where(Right.insured_id == insured_id, Right.kind == RightKind.MAIN_CONTACT, Right.ended_at.is_(None))
        .order_by(Person.id)
        .distinct()
    )
    return list(session.scalars(query))


def talks_of(session: Session, insured_id: int) -> list[str]:
    """Talks of the main contacts about this firm, in the order in which everybody locks them."""
    persons = [person.id for person in main_contacts(session, insured_id)]
    query = (
        select(Conversation.id)
        .where(
            Conversation.person_id.in_(persons),
            Conversation.channel != Channel.STAFF,
            (Conversation.acting_for_id == insured_id) | Conversation.acting_for_id.is_(None),
        )
        .order_by(Conversation.id)
    )
    return list(session.scalars(query))
